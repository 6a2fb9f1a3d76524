// Links: to a page elsewhere, or to a piece of ours found by its headline. A link to a piece knows which one it is, and so
// leads there whatever its address becomes.

import { Link } from "django-prose-editor/editor"
import { make, openDialog } from "kjreport/dialog"
import { kept } from "kjreport/editor-blocks"

export const OurLink = Link.extend({
  addAttributes: () => ({
    href: { default: null, parseHTML: (element) => element.getAttribute("href") },
    article: { ...kept("data-article", null), renderHTML: ({ article }) => (article ? { "data-article": article } : {}) },
  }),
  addOptions() {
    return { ...this.parent?.(), pieces: "" }
  },
  addStorage() {
    return { pieces: this.options.pieces }
  },
  addKeyboardShortcuts() {
    return { "Mod-k": () => Boolean(editLink(this.editor)) }
  },
})

export async function editLink(editor) {
  const { href = "", article = null } = editor.getAttributes("link")
  const { empty } = editor.state.selection
  const answer = await askLink(editor.storage.link.pieces, { href, article, asksWords: empty && !href })
  const chain = editor.chain().focus()
  if (!answer) return chain.run()
  if (href || !empty) chain.extendMarkRange("link")
  if (answer.remove) return chain.unsetLink().run()
  const { words, ...attrs } = answer
  if (words) return chain.insertContent({ type: "text", text: words, marks: [{ type: "link", attrs }] }).unsetMark("link").run()
  return chain.setMark("link", attrs).run()
}

// Resolves to {href, article, words}, {remove: true}, or null if it was closed.
function askLink(address, { href, article, asksWords }) {
  return new Promise((resolve) => {
    let answer = null
    const words = asksWords && make("input", { id: "link-words", maxlength: 300 })
    const chooser = choosePiece(address, { href, article }, () => form.requestSubmit())
    const form = make(
      "form",
      {
        onsubmit: async (event) => {
          event.preventDefault()
          const target = await chooser.settle()
          if (!target) return
          answer = { ...target, words: words ? words.value.trim() || target.name || chooser.name() : "" }
          delete answer.name
          dialog.close()
        },
      },
      ...(words ? [make("p", {}, make("label", { for: "link-words" }, "Words"), words, make("small", {}, "Leave it empty to use the headline or the address."))] : []),
      chooser.element,
      make(
        "div",
        { class: "desk-dialog-buttons" },
        make("button", { type: "submit", class: "primary" }, "Save"),
        ...(href ? [make("button", { type: "button", onclick: () => ((answer = { remove: true }), dialog.close()) }, "Remove link")] : []),
        make("button", { type: "button", onclick: () => dialog.close() }, "Cancel"),
      ),
    )
    const dialog = openDialog("Link", form)
    dialog.addEventListener("close", () => resolve(answer))
    chooser.start()
  })
}

// A combobox: words find pieces of ours, an address is taken as it is.
function choosePiece(address, { href, article }, submit) {
  const input = make("input", {
    id: "link-target", required: true, autocomplete: "off", role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "link-pieces", "aria-describedby": "link-help",
  })
  input.value = href
  const list = make("ul", { id: "link-pieces", role: "listbox", "aria-label": "Pieces", hidden: true })
  const said = make("small", { id: "link-help", role: "status" }, "Words of a headline find our own pieces; or paste any address.")
  let chosen = article ? { href, article } : null
  let pieces = []
  let active = -1
  let asked = 0

  const point = (place) => {
    active = place
    for (const [number, one] of [...list.children].entries()) one.setAttribute("aria-selected", String(number === place))
    if (place >= 0) list.children[place].scrollIntoView({ block: "nearest" })
    input.setAttribute("aria-activedescendant", place >= 0 ? `link-piece-${place}` : "")
  }
  const close = () => {
    list.hidden = true
    input.setAttribute("aria-expanded", "false")
    point(-1)
  }
  const choose = (piece) => {
    chosen = { href: piece.address, article: String(piece.id), name: piece.headline }
    input.value = piece.address
    said.textContent = `“${piece.headline}” · ${piece.said}`
    close()
    input.focus()
  }
  const offer = (found) => {
    pieces = found
    list.replaceChildren(
      ...found.map((piece, place) =>
        make("li", { id: `link-piece-${place}`, role: "option", "aria-selected": "false", onmousedown: (event) => (event.preventDefault(), choose(piece)) }, make("span", {}, piece.headline), make("small", {}, piece.said)),
      ),
    )
    list.hidden = !found.length
    input.setAttribute("aria-expanded", String(Boolean(found.length)))
    point(-1)
  }
  const search = async () => {
    const words = input.value.trim()
    const mine = ++asked
    chosen = null
    if (isAddress(words)) return close()
    const found = await find(address, { q: words })
    if (mine !== asked || !input.isConnected) return
    offer(found ?? [])
    said.textContent = found === null ? "The search did not answer. Check the connection." : found.length ? `${found.length === 1 ? "One piece" : `${found.length} pieces`}. Arrow keys choose one.` : "No piece of ours has these words in its headline."
  }
  let waiting
  input.addEventListener("input", () => {
    clearTimeout(waiting)
    waiting = setTimeout(search, 200)
  })
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step && !list.hidden) {
      event.preventDefault()
      point((active + step + pieces.length) % pieces.length)
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault()
      choose(pieces[active])
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault()
      event.stopPropagation()
      close()
    }
  })

  // What is saved: the piece chosen, or the address, known again if it is that of a piece of ours.
  async function settle() {
    if (chosen) return chosen
    const words = input.value.trim()
    if (!isAddress(words)) {
      said.textContent = "Choose one of the pieces, or give an address such as https://example.org/page."
      return null
    }
    const target = complete(words)
    const path = pathOfOurs(target)
    if (!path) return { href: target, article: null }
    const [piece] = (await find(address, { address: path.split(/[?#]/)[0] })) ?? []
    if (piece) return { href: piece.address, article: String(piece.id), name: piece.headline }
    if (!/^\/articles\/./.test(path) || input.dataset.warned === path) return { href: path, article: null }
    input.dataset.warned = path
    said.textContent = "No piece of ours has this address. Press Save again to keep it all the same."
    return null
  }

  return {
    element: make("div", { class: "link-target" }, make("label", { for: "link-target" }, "Piece or address"), input, said, list),
    settle,
    submit,
    name: () => chosen?.name ?? input.value.trim(),
    start: () => {
      input.focus()
      input.select()
      if (!href) search()
    },
  }
}

async function find(address, asked) {
  try {
    const response = await fetch(`${address}?${new URLSearchParams(asked)}`, { headers: { Accept: "application/json" } })
    return response.ok ? (await response.json()).pieces : null
  } catch {
    return null
  }
}

function isAddress(words) {
  return /^(https?:\/\/|mailto:|\/|#)\S*$/i.test(words) || /^[\w-]+(\.[\w-]+)+(\/\S*)?$/.test(words)
}

function complete(address) {
  return /^(https?:|mailto:|\/|#)/i.test(address) ? address : `https://${address}`
}

function pathOfOurs(target) {
  if (/^\/(?!\/)/.test(target)) return target
  return target.startsWith(`${location.origin}/`) ? target.slice(location.origin.length) : null
}
