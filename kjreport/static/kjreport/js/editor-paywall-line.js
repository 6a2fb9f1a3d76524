// The paywall line: a block of its own, at most one in a text.

import { Node, Plugin } from "django-prose-editor/editor"
import { make } from "kjreport/dialog"
import { placeBlock } from "kjreport/editor-blocks"

export const PaywallLine = Node.create({
  name: "paywallLine",
  group: "furniture",
  atom: true,
  draggable: true,

  parseHTML: () => [{ tag: "hr[data-paywall-line]" }],
  renderHTML: () => ["hr", { "data-paywall-line": "" }],
  addNodeView: () => () => ({
    dom: make(
      "div",
      { class: "paywall-line", role: "separator", "aria-label": "Paywall line: what stands below is for subscribers only" },
      make("span", {}, "Below this line: subscribers only"),
    ),
  }),
  addKeyboardShortcuts() {
    return { "Mod-Alt-p": () => putPaywallLine(this.editor) }
  },

  // A pasted second line goes again: the first one keeps more behind the wall.
  addProseMirrorPlugins() {
    return [
      new Plugin({
        appendTransaction(transactions, _before, state) {
          const extra = linesIn(state.doc).slice(1)
          if (!extra.length || !transactions.some((one) => one.docChanged)) return null
          return removeLines(state.tr, extra)
        },
      }),
    ]
  },
})

// Puts the line below the paragraph one is in; moves it here if the text has one already.
export function putPaywallLine(editor) {
  return placeBlock(editor, { type: "paywallLine" }, { prepare: (tr) => removeLines(tr, linesIn(tr.doc)) })
}

function linesIn(doc) {
  const found = []
  doc.forEach((node, position) => {
    if (node.type.name === "paywallLine") found.push(position)
  })
  return found
}

function removeLines(tr, positions) {
  for (const position of positions.toReversed()) tr.delete(position, position + 1)
  return tr
}
