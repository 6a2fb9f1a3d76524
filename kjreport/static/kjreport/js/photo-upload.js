// Many pictures at once: one request a file, two at a time, each with its own answer. Without a script the form sends all.

const AT_ONCE = 2
const LARGEST = 30 * 1024 * 1024

const form = document.querySelector("[data-photo-upload]")
const files = form.querySelector("[type=file]")
const button = form.querySelector("[type=submit]")
const progress = document.querySelector("[data-progress]")
const bar = progress.querySelector("progress")
const told = progress.querySelector("output")
const refusals = document.querySelector("[data-refusals]")
const tiles = document.querySelector("[data-tiles]")

const make = (tag, given = {}, ...inside) => {
  const made = Object.assign(document.createElement(tag), given)
  made.append(...inside)
  return made
}

form.addEventListener("submit", async (event) => {
  if (!files.files.length) return
  event.preventDefault()
  const waiting = [...files.files]
  const all = waiting.length
  let done = 0
  let kept = 0
  button.disabled = true
  progress.hidden = false
  refusals.replaceChildren()
  bar.max = all
  const tell = () => {
    bar.value = done
    told.textContent = `${done} of ${all} sent, ${kept} in the library.`
  }
  tell()
  const work = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      if (await add(file)) kept += 1
      done += 1
      tell()
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  button.disabled = false
  files.value = ""
  tiles.querySelector("details")?.setAttribute("open", "")
})

// True if it is in the library now.
async function add(file, { keepBoth = false } = {}) {
  const answer = file.size > LARGEST ? { errors: ["This file is larger than 30 MB. Make it smaller and try again."] } : await send(file, keepBoth)
  if (answer.tile) show(answer.tile)
  else refuse(file, answer)
  return Boolean(answer.tile)
}

function show(html) {
  const template = document.createElement("template")
  template.innerHTML = html
  for (const next of template.content.querySelectorAll("[data-next]")) next.hidden = false
  const tile = template.content.querySelector("[data-photo-tile]")
  document.getElementById(tile.id)?.remove()
  tiles.append(tile)
}

function refuse(file, { errors, twin }) {
  const line = make("li", {}, make("b", { textContent: file.name }), `: ${errors.join(" ")} `)
  if (twin) {
    const use = make("button", { type: "button", className: "button", textContent: "Use that one" })
    use.addEventListener("click", () => {
      line.remove()
      show(twin.tile)
    })
    const both = make("button", { type: "button", className: "button", textContent: "Keep both" })
    both.addEventListener("click", async () => {
      both.disabled = true
      line.remove()
      await add(file, { keepBoth: true })
    })
    line.append(use, " ", both)
  } else {
    const again = make("button", { type: "button", className: "button", textContent: "Try again" })
    again.addEventListener("click", async () => {
      line.remove()
      await add(file)
    })
    line.append(again)
  }
  refusals.append(line)
}

async function send(file, keepBoth) {
  const body = new FormData(form)
  body.set("pictures", file)
  if (keepBoth) body.set("keep_both", "on")
  try {
    const response = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } })
    if (response.headers.get("Content-Type")?.includes("json")) return await response.json()
    return { errors: [response.status === 413 ? "The server takes no file so large." : "The server did not take it. You may have been signed out."] }
  } catch {
    return { errors: ["It did not arrive. Check the connection."] }
  }
}
