// A card that leads elsewhere: a video, a post, a document. Nothing of a third party loads, here or for readers.

import { Node, Plugin } from "django-prose-editor/editor"
import { ask, make } from "kjreport/dialog"
import { changeBlock, kept, placeBlock, removeBlock } from "kjreport/editor-blocks"

export const Embed = Node.create({
  name: "embed",
  group: "furniture",
  atom: true,
  draggable: true,

  addOptions: () => ({ places: [] }),
  addStorage() {
    return { places: this.options.places }
  },
  addAttributes: () => ({
    address: { ...kept("data-embed"), renderHTML: ({ address }) => ({ "data-embed": address }) },
    title: { ...kept("data-title"), renderHTML: ({ title }) => ({ "data-title": title }) },
  }),
  parseHTML: () => [{ tag: "figure[data-embed]" }],
  renderHTML: ({ HTMLAttributes }) => ["figure", HTMLAttributes],

  addNodeView() {
    const { places } = this.options
    return ({ node, editor, getPos }) => {
      const place = findPlace(places, node.attrs.address)
      const dom = make(
        "div",
        { class: "embed-in-text", role: "group", "aria-label": "Card" },
        make("strong", {}, place ? `${place.what} on ${place.name}` : "No card can be made of this address"),
        make("span", {}, node.attrs.title || "Untitled"),
        make("small", {}, node.attrs.address),
        make(
          "div",
          { class: "block-tools" },
          make("button", { type: "button", onclick: () => editEmbed(editor, getPos()) }, "Edit card"),
          make("button", { type: "button", onclick: () => removeBlock(editor, getPos()) }, "Remove"),
        ),
      )
      return { dom, stopEvent: (event) => Boolean(event.target.closest?.("button")) }
    }
  },

  // An address of such a place, pasted alone into an empty paragraph, is meant as a card; Escape leaves the bare address.
  addProseMirrorPlugins() {
    const { editor, options } = this
    return [
      new Plugin({
        props: {
          handlePaste: (view, event) => {
            const text = event.clipboardData?.getData("text/plain").trim() ?? ""
            const { $from, empty } = view.state.selection
            if (!empty || $from.depth !== 1 || $from.parent.content.size || !findPlace(options.places, text)) return false
            view.dispatch(view.state.tr.insertText(text))
            offerCard(editor, text)
            return true
          },
        },
      }),
    ]
  },
})

export function findPlace(places, address) {
  if (/\s/.test(address) || !/^https?:/i.test(address)) return null
  const url = URL.parse?.(address) ?? tryURL(address)
  if (!url || url.port || url.username || url.pathname === "/") return null
  const host = url.hostname.replace(/^(www|m)\./, "")
  return places.find(({ domains }) => domains.some((domain) => host === domain || host.endsWith(`.${domain}`))) ?? null
}

function tryURL(address) {
  try {
    return new URL(address)
  } catch {
    return null
  }
}

async function offerCard(editor, address) {
  const attrs = await askCard(editor, { address, title: "" })
  if (!attrs) return editor.commands.focus()
  editor
    .chain()
    .focus()
    .command(({ tr }) => {
      const { $from } = tr.selection
      const isStillThere = $from.depth === 1 && $from.parent.textContent === address
      if (isStillThere) tr.delete($from.start(), $from.end())
      return true
    })
    .run()
  placeBlock(editor, { type: "embed", attrs })
}

export async function addEmbed(editor) {
  const attrs = await askCard(editor, { address: "", title: "" })
  if (attrs) placeBlock(editor, { type: "embed", attrs })
  else editor.commands.focus()
}

async function editEmbed(editor, position) {
  const attrs = await askCard(editor, editor.state.doc.nodeAt(position).attrs)
  if (attrs) changeBlock(editor, position, attrs)
  else editor.commands.focus()
}

async function askCard(editor, { address, title }) {
  const { places } = editor.storage.embed
  const names = places.map(({ name }) => name)
  const { action, values } = await ask({
    title: "Card",
    fields: [
      { name: "address", label: "Address", help: `From ${names.slice(0, -1).join(", ")} or ${names.at(-1)}. Readers see a plain card; nothing loads until they follow it.`, value: address, kind: "url", required: true, maxlength: 500 },
      { name: "title", label: "Title", help: "What it is, and whose.", value: title, required: true, maxlength: 200 },
    ],
    save: "Use this card",
    focus: address ? "title" : "address",
    check: (given) => (findPlace(places, given.address) ? "" : "No card can be made of this address. Make it a link in the text instead."),
  })
  return action === "save" ? values : null
}
