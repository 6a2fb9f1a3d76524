// The tools above the text: one row of buttons, one stop of the Tab key, arrows between them; Alt+F10 goes there and Escape back.

import { make, openDialog } from "kjreport/dialog"
import { makeFindBar } from "kjreport/editor-find"
import { makeHints } from "kjreport/editor-hints"
import { findTable } from "kjreport/editor-table"
import { GROUPS, TABLE_TOOLS } from "kjreport/editor-tools"

const MAC = /Mac|iP(hone|ad)/.test(navigator.platform)
const shown = (keys) => (MAC ? keys.replace("Ctrl+", "⌘").replace("Alt+", "⌥").replace("Shift+", "⇧") : keys)

export function addToolbar(editor, before) {
  const help = { label: "Keys", hint: "Keyboard shortcuts", keys: "Ctrl+/", does: () => showKeys() }
  const main = makeRow(editor, [...GROUPS.slice(0, -1), [...GROUPS.at(-1), help]], "Text tools")
  const table = makeRow(editor, TABLE_TOOLS, "Table tools")
  table.element.hidden = true
  const refresh = () => {
    main.refresh()
    table.element.hidden = !findTable(editor.state)
  }
  editor.on("transaction", refresh)
  refresh()
  before.before(make("div", { class: "prose-bar" }, main.element, table.element, makeFindBar(editor), makeHints(editor)))
  editor.view.dom.addEventListener("keydown", (event) => {
    if (event.altKey && event.key === "F10") {
      event.preventDefault()
      ;(table.element.hidden ? main : table).focus()
    } else if ((event.ctrlKey || event.metaKey) && event.key === "/") {
      event.preventDefault()
      showKeys()
    }
  })
}

function makeRow(editor, groups, name) {
  const buttons = []
  const made = groups.map((items) =>
    make("div", { role: "group" }, ...items.map((item) => {
      const button = makeButton(editor, item)
      buttons.push([button, item])
      return button
    })),
  )
  const element = make("div", { class: "prose-tools", role: "toolbar", "aria-label": name }, ...made)
  element.addEventListener("keydown", (event) => walk(event, buttons.map(([button]) => button), editor))
  buttons.forEach(([button], place) => (button.tabIndex = place ? -1 : 0))
  return {
    element,
    focus: () => buttons.find(([button]) => button.tabIndex === 0)?.[0].focus(),
    refresh: () => {
      for (const [button, { on, may }] of buttons) {
        if (on) button.setAttribute("aria-pressed", String(on(editor)))
        if (may) button.setAttribute("aria-disabled", String(!may(editor)))
      }
    },
  }
}

function makeButton(editor, { label, hint = label, keys = "", does, name }) {
  const title = keys ? `${hint} (${shown(keys)})` : hint
  // A letter alone needs a name; words are theirs already, and speech control asks for what is seen.
  const spoken = label.length === 1 ? hint : null
  const button = make("button", { type: "button", title, "aria-label": spoken, "aria-keyshortcuts": keys.replaceAll("Ctrl", "Control") || null, class: name ? `tool-${name}` : null }, label)
  button.addEventListener("mousedown", (event) => event.preventDefault()) // the text keeps its selection
  button.addEventListener("click", () => button.getAttribute("aria-disabled") !== "true" && does(editor))
  return button
}

function walk(event, buttons, editor) {
  if (event.key === "Escape") return editor.commands.focus()
  const here = buttons.indexOf(event.target)
  const place = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: buttons.length - 1 }[event.key]
  if (place === undefined || here < 0) return
  event.preventDefault()
  const next = buttons[(place + buttons.length) % buttons.length]
  event.target.tabIndex = -1
  next.tabIndex = 0
  next.focus()
}

function showKeys() {
  const rows = GROUPS.flat().filter(({ keys }) => keys).map(({ label, hint, insert, keys }) => [insert ?? (label.length > 1 ? label : hint), keys])
  const more = [
    ["Save", "Ctrl+S"],
    ["Insert a block, in an empty paragraph", "/"],
    ["Raised or lowered figures", "Ctrl+. / Ctrl+,"],
    ["Next cell of a table, or a new row", "Tab"],
    ["To the tools, and back", "Alt+F10 / Esc"],
    ["This list", "Ctrl+/"],
  ]
  const list = make("dl", { class: "key-list" }, ...[...rows, ...more].flatMap(([what, keys]) => [make("dt", {}, what), make("dd", {}, make("kbd", {}, shown(keys)))]))
  const close = make("button", { type: "button", class: "desk-dialog-close", onclick: () => dialog.close() }, "Close")
  const dialog = openDialog("Keyboard shortcuts", close, list)
}
