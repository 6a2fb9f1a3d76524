// One line under the tools that says what just happened, and goes when it is no longer news.

import { make } from "kjreport/dialog"

const places = new WeakMap()

export function makeHints(editor) {
  const words = make("span", { role: "status" })
  const close = make("button", { type: "button", "aria-label": "Close this message", onclick: () => hide(editor) }, "×")
  const element = make("p", { class: "prose-hint", hidden: true }, words, close)
  places.set(editor, { element, words })
  return element
}

export function hint(editor, sentence) {
  const { element, words } = places.get(editor) ?? {}
  if (!element) return
  element.hidden = false
  words.textContent = ""
  requestAnimationFrame(() => (words.textContent = sentence)) // changed after it is shown, so that it is read out
}

function hide(editor) {
  places.get(editor).element.hidden = true
  editor.commands.focus()
}
