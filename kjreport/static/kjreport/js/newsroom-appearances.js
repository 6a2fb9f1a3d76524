// How the article will look in a search, when shared and on the front page, drawn as one types. Nobody is asked.

const form = document.querySelector("#article_form")
const place = document.querySelector(".appearances")
const LENGTHS = { search_title: 60, search_description: 155, social_title: 70, headline: 90, standfirst: 220 }

const field = (name) => form.querySelector(`#id_${name}`)
const words = (name) => (field(name)?.value ?? "").trim().replace(/\s+/g, " ")
const chosen = (select) => [...(select?.selectedOptions ?? [])].filter((one) => one.value).map((one) => one.textContent.trim())

function authors() {
  const rows = [...form.querySelectorAll("#bylines-group tr.form-row:not(.empty-form)")]
  const signed = rows.filter((row) => !row.querySelector("[name$=-DELETE]")?.checked)
  return signed.flatMap((row) => chosen(row.querySelector("select"))).join(", ")
}

function cut(text, length) {
  return text.length <= length ? text : `${text.slice(0, length).replace(/\s+\S*$/, "")} …`
}

function draw() {
  const headline = words("headline") || "Headline"
  const standfirst = words("standfirst")
  const shown = {
    headline,
    standfirst,
    slug: words("slug") || "…",
    search_title: cut(words("search_title") || headline, LENGTHS.search_title),
    search_description: cut(words("search_description") || standfirst, LENGTHS.search_description),
    social_title: words("social_title") || headline,
    section: chosen(field("section")).join(""),
    authors: authors(),
  }
  const hero = form.querySelector(".article-panel .photo-picker img")
  for (const part of place.querySelectorAll("[data-shows]")) {
    if (part.tagName !== "IMG") part.textContent = shown[part.dataset.shows] ?? ""
    else {
      part.hidden = !hero || hero.hidden
      if (!part.hidden) part.src = hero.src
    }
  }
}

// How long it is, beside what still shows whole; a hint, never a bar.
function countLetters() {
  for (const [name, best] of Object.entries(LENGTHS)) {
    const input = field(name)
    if (!input) continue
    const count = document.createElement("span")
    count.className = "letters"
    count.id = `${input.id}_letters`
    input.after(count)
    const tell = () => {
      const length = words(name).length
      count.textContent = length ? `${length} of ${best} characters` : ""
      count.dataset.long = String(length > best)
    }
    input.addEventListener("input", tell)
    tell()
  }
}

if (form && place) {
  countLetters()
  for (const name of ["input", "change", "formset:added", "formset:removed", "kj:saved"]) form.addEventListener(name, () => requestAnimationFrame(draw))
  window.django?.jQuery(form).on("change", "select", draw)
  window.addEventListener("load", draw) // the address is made by Django's script
  draw()
}
