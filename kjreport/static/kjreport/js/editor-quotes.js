// British typography while one types: ‘ ’ “ ” for straight quotes, – for a hyphen between spaces or figures, … for three dots.
// The straight sign is typed first and changed in a step of its own, so that one Ctrl+Z brings it back.

import { Extension, Plugin, pm } from "django-prose-editor/editor"

const OPENS = /(^|[\s([{\u2013\u2014\u2018\u201c/\ufffc])$/
const RANGE = /(?:^|[\s(\u2018\u201c])[£$€]?\d[\d.,]*-[£$€]?\d[\d.,]*%?$/
const LOOKED_AT = 60 // letters before the cursor

export const Quotes = Extension.create({
  name: "quotes",
  addProseMirrorPlugins() {
    return [new Plugin({ props: { handleTextInput: (view, from, to, text) => setQuotes(view, from, to, text) } })]
  },
})

function setQuotes(view, from, to, text) {
  if (text.length !== 1 || view.composing) return false
  const { $from } = view.state.selection
  if (!$from.parent.isTextblock) return false
  const before = $from.parent.textBetween(Math.max(0, $from.parentOffset - LOOKED_AT), $from.parentOffset, null, "\ufffc")
  const change = from === to || /['"]/.test(text) ? findChange(before, text) : null
  if (!change) return false
  const typed = view.state.tr.insertText(text, from, to)
  view.dispatch(typed.scrollIntoView())
  const end = from + 1 - change.after
  const set = pm.history.closeHistory(view.state.tr).insertText(change.set, end - change.length, end)
  view.dispatch(set)
  view.dispatch(pm.history.closeHistory(view.state.tr)) // what is typed next is undone by itself
  return true
}

// What to put in place of so many letters before the cursor, leaving so many after them alone; or null.
export function findChange(before, typed) {
  const isAddress = /(:\/\/|www\.)\S*$/.test(before)
  if (typed === '"') return { set: OPENS.test(before) ? "\u201c" : "\u201d", length: 1, after: 0 }
  if (typed === "'") return { set: OPENS.test(before) ? "\u2018" : "\u2019", length: 1, after: 0 }
  if (typed === "s" && /(^|\s)\u2018\d0$/.test(before)) return { set: "\u2019", length: 1, after: 3 } // the ’90s
  if (isAddress) return null
  if (typed === "." && /(^|[^.])\.\.$/.test(before)) return { set: "\u2026", length: 3, after: 0 }
  if (typed === " " && /\S -$/.test(before)) return { set: "\u2013", length: 1, after: 1 }
  if (typed === "-" && /(^|[^-])-$/.test(before)) return { set: "\u2013", length: 2, after: 0 }
  if (/[\s.,;:)?!]/.test(typed) && RANGE.test(before)) {
    const hyphen = before.length - before.lastIndexOf("-")
    return { set: "\u2013", length: 1, after: hyphen }
  }
  return null
}
