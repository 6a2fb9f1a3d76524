// Every tool of the editor once: its name, what it does, its shortcut. The toolbar, the inserter and the help show them.

import { addChart } from "kjreport/editor-chart"
import { toggleContext } from "kjreport/editor-context"
import { addEmbed } from "kjreport/editor-embed"
import { openFind } from "kjreport/editor-find"
import { addFootnote } from "kjreport/editor-footnote"
import { editLink } from "kjreport/editor-link"
import { putPaywallLine } from "kjreport/editor-paywall-line"
import { addPhoto } from "kjreport/editor-photo"
import { addTable, describeTable, findTable, rowsOf } from "kjreport/editor-table"

const run = (name, ...args) => (editor) => editor.chain().focus()[name](...args).run()
const can = (name, ...args) => (editor) => editor.can()[name](...args)
const is = (name, attributes) => (editor) => editor.isActive(name, attributes)

export const SUBHEAD = { label: "Subhead", hint: "Opens a part of the text", keys: "Ctrl+Alt+2", does: run("toggleHeading", { level: 2 }), on: is("heading", { level: 2 }) }
const SMALL = { label: "Small subhead", hint: "Subhead of a lower rank", keys: "Ctrl+Alt+3", does: run("toggleHeading", { level: 3 }), on: is("heading", { level: 3 }) }
const BULLETS = { label: "• List", insert: "List", hint: "Items with bullets", keys: "Ctrl+Shift+8", does: run("toggleBulletList"), on: is("bulletList") }
const NUMBERS = { label: "1. List", insert: "Numbered list", hint: "Items in order", keys: "Ctrl+Shift+7", does: run("toggleOrderedList"), on: is("orderedList") }
const QUOTE = { label: "Quote", hint: "Quotation", keys: "Ctrl+Shift+B", does: run("toggleBlockquote"), on: is("blockquote") }
const PULL = { label: "Pull quote", hint: "A line worth repeating", keys: "Ctrl+Alt+Q", does: run("togglePullQuote"), on: is("pullQuote") }
const FOOTNOTE = { label: "Footnote", hint: "Footnote, numbered by itself", keys: "Ctrl+Alt+F", does: addFootnote, on: is("footnote") }
const PHOTO = { label: "Photo", hint: "Picture from the library", does: (editor) => addPhoto(editor), on: is("photo") }
const TABLE = { label: "Table", hint: "Rows and columns of words or figures", does: addTable, on: is("table") }
const CHART = { label: "Chart", hint: "Drawn from figures you paste", does: (editor) => addChart(editor), on: is("chart") }
const CONTEXT = { label: "Context", hint: "Box of background", keys: "Ctrl+Alt+B", does: toggleContext, on: is("context") }
const CARD = { label: "Card", hint: "Link to a video, a post or a document, as a card", does: addEmbed, on: is("embed") }
const LINE = { label: "Paywall line", hint: "What stands below is for subscribers", keys: "Ctrl+Alt+P", does: putPaywallLine, on: is("paywallLine") }

export const GROUPS = [
  [SUBHEAD, SMALL],
  [
    { label: "B", hint: "Bold", keys: "Ctrl+B", does: run("toggleBold"), on: is("bold"), name: "bold" },
    { label: "I", hint: "Italic", keys: "Ctrl+I", does: run("toggleItalic"), on: is("italic"), name: "italic" },
    { label: "Link", hint: "Link to a piece of ours or elsewhere", keys: "Ctrl+K", does: editLink, on: is("link"), name: "link" },
  ],
  [BULLETS, NUMBERS, QUOTE],
  [PULL, FOOTNOTE, PHOTO, TABLE, CHART, CONTEXT, CARD, LINE],
  [
    { label: "Find", hint: "Find and replace", keys: "Ctrl+F", does: (editor) => openFind(editor, { replacing: true }) },
    { label: "Undo", hint: "Undo", keys: "Ctrl+Z", does: run("undo"), may: can("undo") },
    { label: "Redo", hint: "Redo", keys: "Ctrl+Shift+Z", does: run("redo"), may: can("redo") },
  ],
]

// What the inserter offers in an empty paragraph.
export const INSERTS = [SUBHEAD, SMALL, PHOTO, BULLETS, NUMBERS, QUOTE, PULL, TABLE, CHART, CONTEXT, CARD, LINE]

const inTable = (does) => (editor) => {
  const found = findTable(editor.state)
  if (found) does(editor, found)
}

// Shown while one writes in a table.
export const TABLE_TOOLS = [
  [
    { label: "Row above", does: run("addRowBefore") },
    { label: "Row below", does: run("addRowAfter") },
    { label: "Delete row", does: run("deleteRow") },
  ],
  [
    { label: "Column before", does: run("addColumnBefore") },
    { label: "Column after", does: run("addColumnAfter") },
    { label: "Delete column", does: run("deleteColumn") },
  ],
  [
    { label: "Header row", does: run("toggleHeaderRow") },
    { label: "Header column", does: run("toggleHeaderColumn") },
    { label: "Title and source", does: inTable((editor, { pos }) => describeTable(editor, pos)) },
    { label: "Make a chart", hint: "A chart of these figures, below the table", does: inTable((editor, { node }) => addChart(editor, rowsOf(node))) },
    { label: "Delete table", does: run("deleteTable") },
  ],
]
