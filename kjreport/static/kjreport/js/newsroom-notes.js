// Notes beside the form: sent without leaving it, put on the paragraph one stands in, and found again in the text.

const LONGEST_QUOTE = 300
const panel = () => document.querySelector("#notes")
const form = document.querySelector("#note-form")
let stood = null // the block one last stood in: its number, its words, and what was selected of them

const page = () => document.querySelector("#article_form .ProseMirror")
const words = (node) => node.textContent.replace(/\s+/g, " ").trim()

// The number of a block on the page is its number in the source: the editor keeps one element for each.
function noteWhereWeStand() {
  const selection = document.getSelection()
  const text = page()
  if (!text || !selection?.anchorNode || !text.contains(selection.anchorNode)) return
  const block = [...text.children].find((one) => one.contains(selection.anchorNode))
  if (!block || !words(block)) return
  const selected = selection.toString().replace(/\s+/g, " ").trim()
  stood = {
    place: [...text.children].indexOf(block),
    quote: (words(block).includes(selected) && selected ? selected : words(block)).slice(0, LONGEST_QUOTE),
  }
}

function offerBlocks() {
  const select = panel()?.querySelector("#note-block")
  const text = page()
  if (!select || !text) return
  const chosen = select.value
  const options = [...text.children]
    .map((block, place) => [place, words(block)])
    .filter(([, said]) => said)
    .map(([place, said]) => new Option(said.length > 90 ? `${said.slice(0, 90)} …` : said, String(place)))
  select.replaceChildren(select.options[0], ...options)
  select.value = stood ? String(stood.place) : chosen
  keepQuote(select)
}

function keepQuote(select) {
  const text = page()
  const quote = panel().querySelector("[name=note_quote]")
  if (!select.value || !text) quote.value = ""
  else if (stood && String(stood.place) === select.value) quote.value = stood.quote
  else quote.value = words(text.children[Number(select.value)] ?? document.createElement("p")).slice(0, LONGEST_QUOTE)
}

function showPassage(link) {
  const text = page()
  if (!text) return
  const home = Number(link.dataset.block)
  const blocks = [...text.children]
  const near = blocks.map((block, place) => ({ block, far: Math.abs(place - home) })).sort((a, b) => a.far - b.far)
  const found = near.find(({ block }) => words(block).includes(link.dataset.quote))?.block ?? blocks[home]
  if (!found) return
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches
  found.scrollIntoView({ block: "center", behavior: isStill ? "auto" : "smooth" })
  found.animate([{ backgroundColor: "rgb(240 176 74 / 45%)" }, { backgroundColor: "transparent" }], 2400)
}

function mention(button) {
  const text = panel().querySelector("#note-text")
  const gap = text.value && !/\s$/.test(text.value) ? " " : ""
  text.setRangeText(`${gap}@${button.dataset.mention} `, text.selectionEnd, text.selectionEnd, "end")
  text.focus()
}

async function send(button) {
  const data = new FormData(form, button)
  for (const one of panel().querySelectorAll("button")) one.disabled = true
  try {
    const answer = await fetch(form.action, { method: "POST", body: data, headers: { "X-Requested-With": "fetch" } })
    if (answer.redirected || (!answer.ok && answer.status !== 422)) throw new Error(String(answer.status))
    const parsed = new DOMParser().parseFromString(await answer.text(), "text/html")
    panel().replaceWith(document.importNode(parsed.querySelector("#notes"), true))
    stood = null
    panel().querySelector("summary, button")?.focus()
  } catch {
    for (const one of panel().querySelectorAll("button")) one.disabled = false
    tellOfFailure()
  }
}

function tellOfFailure() {
  let said = panel().querySelector(".notes-refusal")
  if (!said) {
    said = document.createElement("p")
    said.className = "notes-refusal"
    said.setAttribute("role", "alert")
    panel().querySelector("h2").after(said)
  }
  said.textContent = "The note could not be sent. What you wrote is still here: look at your connection, and send it again."
}

if (form && panel()) {
  document.addEventListener("selectionchange", noteWhereWeStand)
  form.addEventListener("submit", (event) => {
    event.preventDefault()
    send(event.submitter)
  })
  document.addEventListener("toggle", (event) => {
    if (!event.target.matches?.(".note-write") || !event.target.open) return
    offerBlocks()
    event.target.querySelector("textarea").focus()
  }, true)
  // What is written here is no part of the article, so the article's form must not take itself for changed.
  for (const kind of ["input", "change"]) {
    panel().parentElement.addEventListener(kind, (event) => {
      if (event.target.matches("#note-block")) keepQuote(event.target)
      event.stopPropagation()
    })
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-block]")
    if (link) {
      event.preventDefault()
      showPassage(link)
    }
    const named = event.target.closest?.("[data-mention]")
    if (named) mention(named)
  })
}
