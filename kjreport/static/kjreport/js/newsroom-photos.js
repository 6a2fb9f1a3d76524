// The picture library: words are saved where the picture is seen, one after the other. Without a script each is a form.

for (const button of document.querySelectorAll("[data-next]")) button.hidden = false

// A tile as it stands after saving, in the place of the one before.
export function readTile(html) {
  const template = document.createElement("template")
  template.innerHTML = html
  for (const button of template.content.querySelectorAll("[data-next]")) button.hidden = false
  return template.content.querySelector("[data-photo-tile]")
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-words]")
  if (!form) return
  event.preventDefault()
  const goesOn = event.submitter?.hasAttribute("data-next")
  const buttons = form.querySelectorAll("button")
  const errors = form.querySelector(".errorlist")
  for (const button of buttons) button.disabled = true
  const answer = await send(form)
  for (const button of buttons) button.disabled = false
  errors.hidden = !answer.errors
  if (answer.errors) {
    errors.replaceChildren(...answer.errors.map((said) => Object.assign(document.createElement("li"), { textContent: said })))
    return
  }
  const tile = readTile(answer.tile)
  const next = form.closest("[data-photo-tile]").nextElementSibling
  form.closest("[data-photo-tile]").replaceWith(tile)
  const details = goesOn && next?.querySelector("details")
  if (details) {
    details.open = true
    details.querySelector("input:not([type=hidden])").focus()
  } else tile.querySelector("summary")?.focus()
})

async function send(form) {
  try {
    const response = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } })
    if (response.headers.get("Content-Type")?.includes("json")) return await response.json()
    return { errors: ["This was not saved. You may have been signed out: open the page again in another window, sign in, and save once more."] }
  } catch {
    return { errors: ["This was not saved, for the server did not answer. Check the connection and save once more."] }
  }
}
