// The footnote: a mark in the line that carries its text; the marks number themselves.

import { Node } from "django-prose-editor/editor"
import { ask, make } from "kjreport/dialog"

export const Footnote = Node.create({
  name: "footnote",
  group: "inline",
  inline: true,
  atom: true,

  addAttributes: () => ({
    text: {
      default: "",
      parseHTML: (element) => element.getAttribute("data-footnote"),
      renderHTML: ({ text }) => ({ "data-footnote": text }),
    },
  }),
  parseHTML: () => [{ tag: "span[data-footnote]" }],
  renderHTML: ({ HTMLAttributes }) => ["span", HTMLAttributes],

  addNodeView:
    () =>
    ({ node, editor, getPos }) => {
      const dom = make("sup", { class: "footnote-mark", role: "button", title: node.attrs.text })
      dom.setAttribute("aria-label", `Footnote: ${node.attrs.text}`)
      dom.addEventListener("click", () => editFootnote(editor, getPos()))
      return { dom }
    },

  addKeyboardShortcuts() {
    return {
      "Mod-Alt-f": () => {
        addFootnote(this.editor)
        return true
      },
      Enter: () => {
        const { node, from } = this.editor.state.selection
        if (node?.type.name !== this.name) return false
        editFootnote(this.editor, from)
        return true
      },
    }
  },
})

const FIELD = { name: "text", label: "What the note says", help: "Plain words. An address such as https://… becomes a link.", kind: "long", required: true }

export async function addFootnote(editor) {
  const { to } = editor.state.selection
  const { action, values } = await ask({ title: "Footnote", fields: [FIELD], save: "Add footnote" })
  const chain = editor.chain().focus()
  if (action === "save" && values.text) chain.insertContentAt(to, { type: "footnote", attrs: { text: values.text } })
  chain.run()
}

async function editFootnote(editor, position) {
  const node = editor.state.doc.nodeAt(position)
  const { action, values } = await ask({
    title: "Footnote",
    fields: [{ ...FIELD, value: node.attrs.text }],
    others: [{ name: "remove", label: "Remove footnote" }],
  })
  const chain = editor.chain().focus()
  if (action === "remove") chain.deleteRange({ from: position, to: position + node.nodeSize })
  if (action === "save" && values.text) {
    chain.command(({ tr }) => Boolean(tr.setNodeMarkup(position, null, { text: values.text })))
  }
  chain.run()
}

// The notes as readers will find them under the text; each can be opened there too.
export function listNotes(editor) {
  const list = make("ol")
  const element = make("section", { class: "footnote-list", "aria-label": "Notes", hidden: true }, make("h2", {}, "Notes"), list)
  const refresh = () => {
    const notes = []
    editor.state.doc.descendants((node, position) => {
      if (node.type.name === "footnote") notes.push([node.attrs.text, position])
    })
    element.hidden = !notes.length
    list.replaceChildren(
      ...notes.map(([text, position]) => make("li", {}, make("button", { type: "button", title: "Change this note", onclick: () => editFootnote(editor, position) }, text))),
    )
  }
  editor.on("update", refresh)
  refresh()
  return element
}
