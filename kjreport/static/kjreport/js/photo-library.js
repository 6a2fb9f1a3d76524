// The picture library as a dialog: find a picture, or add one, and get it back.

import { make, openDialog } from "kjreport/dialog"

const known = new Map()

// One picture by its number, or null. Asked once, and again only if there was no answer.
export function findPhoto(library, id) {
  if (!known.has(String(id))) {
    known.set(
      String(id),
      fetchPhotos(library, { id })
        .then(({ photos }) => photos[0] ?? null)
        .catch(() => known.delete(String(id)) && null),
    )
  }
  return known.get(String(id))
}

async function fetchPhotos(library, asked) {
  const response = await fetch(`${library}?${new URLSearchParams(asked)}`, { headers: { Accept: "application/json" } })
  if (!response.ok) throw new Error("The picture library did not answer.")
  return response.json()
}

// Resolves to {id, small, large, alt, caption, credit}, or null if nothing was chosen. A `file` is offered to be added.
export function choosePhoto(library, { file = null } = {}) {
  return new Promise((resolve) => {
    let chosen = null
    const choose = (photo) => {
      chosen = photo
      known.set(String(photo.id), Promise.resolve(photo))
      dialog.close()
    }
    const found = finder(library, choose)
    const close = make("button", { type: "button", class: "desk-dialog-close", onclick: () => dialog.close() }, "Close")
    const dialog = openDialog("Choose a picture", close, found.element, uploader(library, choose, file))
    dialog.classList.add("photo-library")
    dialog.addEventListener("close", () => resolve(chosen))
    found.start(file ? dialog.querySelector("#upload-alt") : undefined)
  })
}

function finder(library, choose) {
  const search = make("input", { type: "search", id: "photo-search", placeholder: "Harbour, map, Yerevan …" })
  const grid = make("div", { class: "photo-grid" })
  const status = make("p", { class: "photo-status", role: "status" })
  const more = make("button", { type: "button", hidden: true }, "More")
  let page = 1
  let asked = 0

  async function load({ fresh }) {
    page = fresh ? 1 : page + 1
    const mine = ++asked
    try {
      const answer = await fetchPhotos(library, { q: search.value, page })
      if (mine !== asked) return
      if (fresh) grid.replaceChildren()
      grid.append(...answer.photos.map((photo) => tile(photo, choose)))
      more.hidden = !answer.more
      status.textContent = grid.children.length ? "" : "No picture matches. Try another word, or add one below."
    } catch {
      status.textContent = "The library did not answer. Check the connection and try again."
    }
  }

  let waiting
  search.addEventListener("input", () => {
    clearTimeout(waiting)
    waiting = setTimeout(() => load({ fresh: true }), 200)
  })
  more.addEventListener("click", () => load({ fresh: false }))
  const element = make(
    "div",
    { class: "photo-finder" },
    make("p", {}, make("label", { for: "photo-search" }, "Search captions, credits and descriptions"), search),
    grid,
    status,
    more,
  )
  const start = (begin = search) => {
    begin.focus() // at once: later, it would take the keyboard from whoever types already
    return load({ fresh: true })
  }
  return { element, start }
}

function tile(photo, choose) {
  return make(
    "button",
    { type: "button", class: "photo-tile", title: photo.alt, onclick: () => choose(photo) },
    make("img", { src: photo.small, alt: photo.alt, loading: "lazy" }),
    make("span", {}, photo.caption || photo.alt),
    make("small", {}, photo.credit),
  )
}

function uploader(library, choose, file) {
  const errors = make("ul", { class: "errorlist", role: "alert", hidden: true })
  const button = make("button", { type: "submit", class: "primary" }, "Add and use this picture")
  const field = (name, label, help, attributes = {}) =>
    make("p", {}, make("label", { for: `upload-${name}` }, label), make("input", { id: `upload-${name}`, name, ...attributes }), make("small", {}, help))
  const licence = make("select", { id: "upload-licence", name: "licence" }, make("option", { value: "" }, "Not stated"))
  fetchPhotos(library, { id: 0 })
    .then(({ licences }) => licence.append(...licences.filter(([value]) => value !== "other").map(([value, label]) => make("option", { value }, label))))
    .catch(() => {}) // the library says it again when the picture is there
  const form = make(
    "form",
    {},
    field("file", "File", "JPEG, PNG, WebP or AVIF, up to 30 MB.", { type: "file", accept: "image/jpeg,image/png,image/webp,image/avif", required: true }),
    field("alt", "What it shows", "For readers who cannot see it. One sentence.", { required: true, maxlength: 300 }),
    field("caption", "Caption", "Stands under the picture.", { maxlength: 400 }),
    field("credit", "Credit", "Who made it, or whose it is.", { required: true, maxlength: 160 }),
    make(
      "p",
      {},
      make("label", { for: "upload-licence" }, "Licence"),
      licence,
      make("small", {}, "By what right we show it. Without one it is not published. Terms and a last day are set in the library."),
    ),
    errors,
    button,
  )
  form.addEventListener("submit", async (event) => {
    event.preventDefault()
    button.disabled = true
    button.textContent = "Adding …"
    const answer = await send(library, form)
    button.disabled = false
    button.textContent = "Add and use this picture"
    errors.hidden = !answer.errors
    if (!answer.errors) return choose(answer.photo)
    errors.replaceChildren(...answer.errors.map((sentence) => make("li", {}, sentence)))
    if (answer.twin) errors.append(make("li", {}, ...twinButtons(answer.twin)))
  })

  // The library has it already: take that one, or say that both are wanted.
  function twinButtons(twin) {
    const both = make("input", { type: "hidden", name: "keep_both", value: "on" })
    return [
      make("img", { src: twin.small, alt: twin.alt, class: "photo-twin" }),
      make("button", { type: "button", onclick: () => choose(twin) }, "Use that one"),
      make(
        "button",
        {
          type: "button",
          onclick: () => {
            form.append(both)
            form.requestSubmit(button)
            both.remove()
          },
        },
        "Keep both",
      ),
    ]
  }

  if (file) {
    const given = new DataTransfer()
    given.items.add(file)
    form.querySelector("[type=file]").files = given.files
  }
  return make("details", { class: "photo-uploader", open: Boolean(file) }, make("summary", {}, "Add a picture from this computer"), form)
}

async function send(library, form) {
  try {
    const response = await fetch(library, {
      method: "POST",
      body: new FormData(form),
      headers: { "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]").value, Accept: "application/json" },
    })
    return await response.json()
  } catch {
    return { errors: ["The picture did not arrive. Check the connection and try again."] }
  }
}
