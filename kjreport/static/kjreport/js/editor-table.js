// Tables: cells of words alone, a caption over them and a source below. What moves between cells is prosemirror-tables'.

import { Plugin, Table, TableCell, TableHeader, TableRow, pm } from "django-prose-editor/editor"
import { ask, make } from "kjreport/dialog"
import { changeBlock, kept, placeBlock } from "kjreport/editor-blocks"

const { Decoration, DecorationSet } = pm.view
const span = (name) => ({
  default: 1,
  parseHTML: (element) => Math.min(Math.max(Number(element.getAttribute(name)) || 1, 1), 20),
  renderHTML: ({ [name]: count }) => (count > 1 ? { [name]: count } : {}),
})
const cell = {
  content: "paragraph+",
  addAttributes: () => ({ colspan: span("colspan"), rowspan: span("rowspan"), colwidth: { default: null, rendered: false, parseHTML: () => null } }),
}

const OurTable = Table.extend({
  group: "furniture",
  addAttributes: () => ({ caption: kept("data-caption"), source: kept("data-source") }),
  parseHTML: () => [{ tag: "table" }],
  renderHTML: ({ node }) => {
    const { caption, source } = node.attrs
    return ["table", { ...(caption && { "data-caption": caption }), ...(source && { "data-source": source }) }, ["tbody", 0]]
  },
  addNodeView: () => showTable,
  addProseMirrorPlugins() {
    return [...(this.parent?.() ?? []), markTable()]
  },
}).configure({ resizable: false, allowTableNodeSelection: true })

export const TABLE = [OurTable, TableRow, TableCell.extend(cell), TableHeader.extend(cell)]

function showTable({ node, editor, getPos }) {
  const body = make("tbody")
  const words = make("button", { type: "button", class: "table-words", onclick: () => describeTable(editor, getPos()) })
  const dom = make("div", { class: "table-in-text" }, make("div", { contenteditable: "false" }, words), make("table", {}, body))
  const tell = ({ caption, source }) => {
    words.textContent = [caption || "Untitled table", source && `Source: ${source.replace(/^\s*sources?:\s*/i, "")}`].filter(Boolean).join(" · ")
    words.title = "Title and source of the table"
  }
  tell(node.attrs)
  return {
    dom,
    contentDOM: body,
    update: (next) => next.type === node.type && (tell(next.attrs), true),
    stopEvent: (event) => Boolean(event.target.closest?.(".table-words")),
    ignoreMutation: (mutation) => mutation.type !== "selection" && !body.contains(mutation.target),
  }
}

// The table one writes in is marked, so that its borders can be seen.
function markTable() {
  return new Plugin({
    props: {
      decorations(state) {
        const found = findTable(state)
        return found && DecorationSet.create(state.doc, [Decoration.node(found.pos, found.pos + found.node.nodeSize, { class: "is-inside" })])
      },
    },
  })
}

export function findTable(state) {
  const { $from } = state.selection
  for (let depth = $from.depth; depth > 0; depth--) {
    if ($from.node(depth).type.name === "table") return { node: $from.node(depth), pos: $from.before(depth) }
  }
  return null
}

export function addTable(editor) {
  const row = (type) => ({ type: "tableRow", content: Array.from({ length: 3 }, () => ({ type, content: [{ type: "paragraph" }] })) })
  placeBlock(editor, { type: "table", content: [row("tableHeader"), row("tableCell"), row("tableCell")] }, { into: 4 })
}

export async function describeTable(editor, position) {
  const { attrs } = editor.state.doc.nodeAt(position)
  const { action, values } = await ask({
    title: "Title and source of the table",
    fields: [
      { name: "caption", label: "Title", help: "Stands over the table.", value: attrs.caption, maxlength: 200 },
      { name: "source", label: "Source", help: "Whose figures or words these are.", value: attrs.source, maxlength: 200 },
    ],
  })
  if (action === "save") changeBlock(editor, position, { ...attrs, ...values })
  else editor.commands.focus()
}

// The words of a table, row by row, as a spreadsheet would give them.
export function rowsOf(table) {
  const rows = []
  table.forEach((row) => {
    const cells = []
    row.forEach((one) => cells.push(one.textBetween(0, one.content.size, " ").trim()))
    rows.push(cells)
  })
  return rows
}
