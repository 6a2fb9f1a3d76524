// The tools above the text: one row of buttons, one stop of the Tab key, arrows between them.

import { ask, make } from "kjreport/dialog"
import { addFootnote } from "kjreport/editor-footnote"
import { putPaywallLine } from "kjreport/editor-paywall-line"
import { addPhoto } from "kjreport/editor-photo"

const run = (name, ...args) => (editor) => editor.chain().focus()[name](...args).run()
const can = (name, ...args) => (editor) => editor.can()[name](...args)
const is = (name, attributes) => (editor) => editor.isActive(name, attributes)

const GROUPS = [
  [
    { label: "Subhead", hint: "Subhead", does: run("toggleHeading", { level: 2 }), on: is("heading", { level: 2 }) },
    { label: "Small subhead", hint: "Subhead of a lower rank", does: run("toggleHeading", { level: 3 }), on: is("heading", { level: 3 }) },
  ],
  [
    { label: "B", hint: "Bold (Ctrl+B)", does: run("toggleBold"), on: is("bold"), name: "bold" },
    { label: "I", hint: "Italic (Ctrl+I)", does: run("toggleItalic"), on: is("italic"), name: "italic" },
    { label: "Link", hint: "Link (Ctrl+K)", does: editLink, on: is("link"), name: "link" },
  ],
  [
    { label: "• List", hint: "List", does: run("toggleBulletList"), on: is("bulletList") },
    { label: "1. List", hint: "Numbered list", does: run("toggleOrderedList"), on: is("orderedList") },
    { label: "Quote", hint: "Quotation", does: run("toggleBlockquote"), on: is("blockquote") },
  ],
  [
    { label: "Pull quote", hint: "A line worth repeating (Ctrl+Alt+Q)", does: run("togglePullQuote"), on: is("pullQuote") },
    { label: "Footnote", hint: "Footnote (Ctrl+Alt+F)", does: addFootnote, on: is("footnote") },
    { label: "Photo", hint: "Picture from the library", does: addPhoto, on: is("photo") },
    { label: "Paywall line", hint: "What stands below is for subscribers (Ctrl+Alt+P)", does: putPaywallLine, on: is("paywallLine") },
  ],
  [
    { label: "Undo", hint: "Undo (Ctrl+Z)", does: run("undo"), may: can("undo"), on: () => null },
    { label: "Redo", hint: "Redo (Ctrl+Shift+Z)", does: run("redo"), may: can("redo"), on: () => null },
  ],
]

export function addToolbar(editor, before) {
  const buttons = []
  const groups = GROUPS.map((items) =>
    make("div", { role: "group" }, ...items.map((item) => {
      // A letter alone needs a name; words are theirs already, and speech control asks for what is seen.
      const name = item.label.length === 1 ? item.hint : null
      const look = item.name ? `tool-${item.name}` : null
      const button = make("button", { type: "button", title: item.hint, "aria-label": name, class: look }, item.label)
      button.addEventListener("mousedown", (event) => event.preventDefault()) // the text keeps its selection
      button.addEventListener("click", () => button.getAttribute("aria-disabled") !== "true" && item.does(editor))
      buttons.push([button, item])
      return button
    })),
  )
  const toolbar = make("div", { class: "prose-tools", role: "toolbar", "aria-label": "Text tools" }, ...groups)
  toolbar.addEventListener("keydown", (event) => walk(event, buttons.map(([button]) => button)))
  const refresh = () => {
    for (const [button, { on, may }] of buttons) {
      const pressed = on(editor)
      if (pressed !== null) button.setAttribute("aria-pressed", String(pressed))
      if (may) button.setAttribute("aria-disabled", String(!may(editor)))
    }
  }
  buttons.forEach(([button], place) => (button.tabIndex = place ? -1 : 0))
  editor.on("transaction", refresh)
  refresh()
  before.before(toolbar)
}

function walk(event, buttons) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
  if (!step) return
  event.preventDefault()
  const here = buttons.indexOf(event.target)
  const next = buttons[(here + step + buttons.length) % buttons.length]
  event.target.tabIndex = -1
  next.tabIndex = 0
  next.focus()
}

export async function editLink(editor) {
  const { href = "" } = editor.getAttributes("link")
  if (editor.state.selection.empty && !href) {
    await ask({ title: "Select the words first, then make them a link", fields: [], save: "Close" })
    editor.commands.focus()
    return
  }
  const { action, values } = await ask({
    title: "Link",
    fields: [{ name: "href", label: "Address", help: "https://… , mailto:… or a page of ours such as /articles/…/", value: href, required: true }],
    others: href ? [{ name: "remove", label: "Remove link" }] : [],
  })
  const chain = editor.chain().focus().extendMarkRange("link")
  if (action === "remove") chain.unsetLink()
  if (action === "save" && values.href) chain.setLink({ href: complete(values.href) })
  chain.run()
}

function complete(address) {
  return /^(https?:|mailto:|\/|#)/i.test(address) ? address : `https://${address}`
}
