// The box of background: what a reader new to the matter needs to know, beside the line of thought.

import { Node } from "django-prose-editor/editor"
import { placeBlock } from "kjreport/editor-blocks"

export const Context = Node.create({
  name: "context",
  group: "furniture",
  content: "(paragraph | heading | bulletList | orderedList)+",
  defining: true,

  parseHTML: () => [{ tag: "aside[data-context]" }],
  renderHTML: () => ["aside", { "data-context": "" }, 0],
  addKeyboardShortcuts() {
    return { "Mod-Alt-b": () => toggleContext(this.editor) }
  },
})

// Makes a box of what is selected, opens one, or puts what is in one back into the text.
export function toggleContext(editor) {
  if (editor.isActive("context")) return editor.chain().focus().lift("context").run()
  if (!editor.state.selection.empty && editor.chain().focus().wrapIn("context").run()) return true
  const heading = { type: "heading", attrs: { level: 3 } }
  return placeBlock(editor, { type: "context", content: [heading] }, { into: 2 })
}
