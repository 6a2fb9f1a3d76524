// Where a block goes in the text: after the block one is in, or in its place if that is an empty paragraph.

// `block` is a node as JSON. `into` is where the cursor goes: "after" the block, or so many places into it.
export function placeBlock(editor, block, { into = "after", prepare = () => {} } = {}) {
  return editor
    .chain()
    .focus()
    .command(({ tr }) => {
      prepare(tr)
      const { schema } = tr.doc.type
      const { $to } = tr.selection
      const node = schema.nodeFromJSON(block)
      const isEmpty = $to.depth > 0 && $to.node(1).type === schema.nodes.paragraph && $to.node(1).content.size === 0
      const start = $to.depth === 0 ? $to.pos : isEmpty ? $to.before(1) : $to.after(1)
      tr.replaceWith(start, isEmpty ? $to.after(1) : start, node)
      const end = start + node.nodeSize
      if (end === tr.doc.content.size) tr.insert(end, schema.nodes.paragraph.create()) // somewhere to write on
      tr.setMeta("placed", into === "after" ? end + 1 : start + into)
      return true
    })
    .command(({ tr, commands }) => commands.setTextSelection(Math.min(tr.getMeta("placed"), tr.doc.content.size)))
    .scrollIntoView()
    .run()
}

export function changeBlock(editor, position, attrs) {
  return editor
    .chain()
    .focus()
    .command(({ tr }) => Boolean(tr.setNodeMarkup(position, null, attrs)))
    .run()
}

export function removeBlock(editor, position) {
  return editor
    .chain()
    .focus()
    .command(({ tr }) => Boolean(tr.delete(position, position + tr.doc.nodeAt(position).nodeSize)))
    .run()
}

// An attribute that stands in the source under a name of its own.
export const kept = (name, fallback = "") => ({
  default: fallback,
  parseHTML: (element) => element.getAttribute(name) ?? fallback,
})
