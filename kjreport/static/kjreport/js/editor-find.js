// Find and replace in the text: a bar under the tools, every match marked, straight and curly quotes alike.

import { Extension, Plugin, pm } from "django-prose-editor/editor"
import { make } from "kjreport/dialog"

const { PluginKey, TextSelection } = pm.state
const { Decoration, DecorationSet } = pm.view
const KEY = new PluginKey("find")
const NOTHING = { query: "", matches: [], current: -1, decorations: DecorationSet.empty }
const SAME = new Map([["\u2018", "'"], ["\u2019", "'"], ["\u201c", '"'], ["\u201d", '"'], ["\u00a0", " "], ["\u2013", "-"]])
const bars = new WeakMap()

export const Find = Extension.create({
  name: "find",
  addKeyboardShortcuts() {
    const open = ({ replacing }) => () => openFind(this.editor, { replacing })
    return { "Mod-f": open({ replacing: false }), "Mod-h": open({ replacing: true }) }
  },
  addProseMirrorPlugins() {
    return [
      new Plugin({
        key: KEY,
        state: {
          init: () => NOTHING,
          apply: (tr, before, _old, state) => {
            const asked = tr.getMeta(KEY)
            if (!asked && (!tr.docChanged || !before.query)) return before
            return look(state.doc, { ...before, ...asked })
          },
        },
        props: { decorations: (state) => KEY.getState(state).decorations },
      }),
    ]
  },
})

function look(doc, { query, isExact = false, isWhole = false, current = -1 }) {
  const matches = query ? findAll(doc, query, { isExact, isWhole }) : []
  const place = matches.length ? Math.min(Math.max(current, 0), matches.length - 1) : -1
  const decorations = DecorationSet.create(
    doc,
    matches.map(({ from, to }, number) => Decoration.inline(from, to, { class: number === place ? "found found-now" : "found" })),
  )
  return { query, isExact, isWhole, matches, current: place, decorations }
}

// Letters are compared one by one, so that a place in what is compared is a place in the text.
function plain(text, isExact) {
  return [...Array(text.length).keys()]
    .map((place) => {
      const letter = SAME.get(text[place]) ?? text[place]
      const small = letter.toLowerCase()
      return !isExact && small.length === 1 ? small : letter
    })
    .join("")
}

function findAll(doc, query, { isExact, isWhole }) {
  const wanted = plain(query, isExact)
  const found = []
  doc.descendants((block, start) => {
    if (!block.isTextblock) return
    const text = plain(block.textBetween(0, block.content.size, null, "\ufffc"), isExact)
    for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
      const end = at + wanted.length
      const isPart = /[\p{L}\p{N}]/u.test(text[at - 1] ?? "") || /[\p{L}\p{N}]/u.test(text[end] ?? "")
      if (!isWhole || !isPart) found.push({ from: start + 1 + at, to: start + 1 + end })
    }
  })
  return found
}

export function openFind(editor, { replacing = false } = {}) {
  const bar = bars.get(editor)
  const { from, to } = editor.state.selection
  const selected = editor.state.doc.textBetween(from, to, "\n")
  bar.open({ replacing, query: selected && !selected.includes("\n") && selected.length < 100 ? selected : "" })
  return true
}

// The bar, to be placed under the tools.
export function makeFindBar(editor) {
  const box = (id, label, type = "search") => [make("label", { for: id, class: "visually-hidden" }, label), make("input", { id, type, placeholder: label, autocomplete: "off", spellcheck: "false" })]
  const [findLabel, query] = box("find-words", "Find")
  const [replaceLabel, words] = box("replace-words", "Replace with", "text")
  const count = make("span", { class: "find-count", role: "status" })
  const tick = (label) => {
    const input = make("input", { type: "checkbox" })
    return [make("label", { class: "find-tick" }, input, ` ${label}`), input]
  }
  const [exactLabel, exact] = tick("Match case")
  const [wholeLabel, whole] = tick("Whole words")
  const button = (label, onclick, attributes = {}) => make("button", { type: "button", onclick, ...attributes }, label)
  const state = () => KEY.getState(editor.state)
  const set = (asked) => {
    editor.view.dispatch(editor.state.tr.setMeta(KEY, asked))
    tell()
  }
  const tell = () => {
    const { matches, current } = state()
    count.textContent = !query.value ? "" : matches.length ? `${current + 1} of ${matches.length}` : "Not found"
  }
  const show = () => {
    const match = state().matches[state().current]
    if (!match) return
    const { node } = editor.view.domAtPos(match.from)
    const element = node.nodeType === 1 ? node : node.parentElement
    element.scrollIntoView({ block: "center" })
  }
  const search = () => {
    set({ query: query.value, isExact: exact.checked, isWhole: whole.checked, current: nearest() })
    show()
  }
  const nearest = () => {
    const { from } = editor.state.selection
    const place = look(editor.state.doc, { query: query.value, isExact: exact.checked, isWhole: whole.checked }).matches.findIndex((one) => one.to >= from)
    return Math.max(place, 0)
  }
  const step = (by) => {
    const { matches, current } = state()
    if (!matches.length) return
    set({ current: (current + by + matches.length) % matches.length })
    show()
  }
  const replace = () => {
    const { matches, current } = state()
    if (!matches.length) return
    const { from, to } = matches[current]
    editor.view.dispatch(pm.history.closeHistory(editor.state.tr).insertText(words.value, from, to))
    const next = state().matches.findIndex((one) => one.from >= from + words.value.length)
    set({ current: Math.max(next, 0) })
    show()
  }
  const replaceAll = () => {
    const { matches } = state()
    if (!matches.length) return
    const tr = pm.history.closeHistory(editor.state.tr)
    for (const { from, to } of matches.toReversed()) tr.insertText(words.value, from, to)
    editor.view.dispatch(tr)
    tell()
    count.textContent = `${matches.length} replaced`
  }
  const close = () => {
    const match = state().matches[state().current]
    element.hidden = true
    const tr = editor.state.tr.setMeta(KEY, { query: "" })
    if (match) tr.setSelection(TextSelection.create(tr.doc, match.from, match.to))
    editor.view.dispatch(tr)
    editor.commands.focus()
  }
  const replacing = make("span", { class: "find-row", hidden: true }, replaceLabel, words, button("Replace", replace), button("Replace all", replaceAll))
  const element = make(
    "div",
    { class: "find-bar", role: "search", "aria-label": "Find in the text", hidden: true },
    make("span", { class: "find-row" }, findLabel, query, count, button("↑", () => step(-1), { "aria-label": "Previous match (Shift+Enter)", title: "Previous match (Shift+Enter)" }), button("↓", () => step(1), { "aria-label": "Next match (Enter)", title: "Next match (Enter)" }), exactLabel, wholeLabel, button("Close", close)),
    replacing,
  )
  element.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close()
    else if (event.key === "Enter" && event.target === query) step(event.shiftKey ? -1 : 1)
    else if (event.key === "Enter" && event.target === words) replace()
    else if ((event.ctrlKey || event.metaKey) && event.key === "h") replacing.hidden = false
    else if ((event.ctrlKey || event.metaKey) && event.key === "f") query.select()
    else return
    event.preventDefault()
    event.stopPropagation()
  })
  for (const input of [query, words, exact, whole]) {
    input.addEventListener("input", (event) => event.stopPropagation()) // nothing of the article has changed
    input.addEventListener("change", (event) => event.stopPropagation())
  }
  for (const input of [query, exact, whole]) input.addEventListener("input", search)
  editor.on("update", tell)
  bars.set(editor, {
    open: ({ replacing: wants, query: begins }) => {
      element.hidden = false
      replacing.hidden = replacing.hidden && !wants
      if (begins) query.value = begins
      query.focus()
      query.select()
      search()
    },
  })
  return element
}
