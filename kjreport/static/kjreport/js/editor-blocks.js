// Where a block goes in the text: after the paragraph one is in, or in its place if that one is empty.

export function placeBlock(editor, name, attributes = null, prepare = () => {}) {
  return editor
    .chain()
    .focus()
    .command(({ tr }) => {
      prepare(tr)
      const { nodes } = tr.doc.type.schema
      const { $to } = tr.selection
      const node = nodes[name].create(attributes)
      const isEmpty = $to.depth > 0 && $to.node(1).type === nodes.paragraph && $to.node(1).content.size === 0
      const start = $to.depth === 0 ? $to.pos : isEmpty ? $to.before(1) : $to.after(1)
      tr.replaceWith(start, isEmpty ? $to.after(1) : start, node)
      const end = start + node.nodeSize
      if (end === tr.doc.content.size) tr.insert(end, nodes.paragraph.create()) // somewhere to write on
      tr.setMeta("placed", end)
      return true
    })
    .command(({ tr, commands }) => commands.setTextSelection(Math.min(tr.getMeta("placed") + 1, tr.doc.content.size)))
    .scrollIntoView()
    .run()
}
