// The prose editor: turns a textarea into a page to write on. What it writes is the source format of articles/prose.py.

import {
  Blockquote, Bold, BulletList, Document, Dropcursor, Editor, Gapcursor, HardBreak, Heading, History, Italic, ListItem,
  OrderedList, Paragraph, Placeholder, Subscript, Superscript, Text,
} from "django-prose-editor/editor"
import { Chart } from "kjreport/editor-chart"
import { Context } from "kjreport/editor-context"
import { Embed } from "kjreport/editor-embed"
import { Find } from "kjreport/editor-find"
import { Footnote, listNotes } from "kjreport/editor-footnote"
import { hint } from "kjreport/editor-hints"
import { Inserter } from "kjreport/editor-inserter"
import { keepUndo } from "kjreport/editor-keeping"
import { OurLink } from "kjreport/editor-link"
import { tidyHTML, tidyText } from "kjreport/editor-paste"
import { PaywallLine } from "kjreport/editor-paywall-line"
import { Photo } from "kjreport/editor-photo"
import { PullQuote } from "kjreport/editor-pull-quote"
import { Quotes } from "kjreport/editor-quotes"
import { TABLE } from "kjreport/editor-table"
import { addToolbar } from "kjreport/editor-toolbar"

const Subhead = Heading.extend({
  parseHTML: () =>
    [["h1", 2], ["h2", 2], ["h3", 3], ["h4", 3], ["h5", 3], ["h6", 3]].map(([tag, level]) => ({ tag, attrs: { level } })),
}).configure({ levels: [2, 3] })

const Strong = Bold.extend({
  parseHTML: () => [{ tag: "strong" }, { tag: "b", getAttrs: (element) => element.dataset.weight !== "normal" && null }, { tag: "[data-weight=bold]" }],
})
const Emphasis = Italic.extend({ parseHTML: () => [{ tag: "em" }, { tag: "i" }, { tag: "[data-slant=italic]" }] })

function extensionsFor({ dataset }) {
  return [
    Document.extend({ content: "(block | furniture)+" }),
    Paragraph, Text, Subhead, Strong, Emphasis, BulletList, OrderedList, HardBreak, Superscript, Subscript,
    OurLink.configure({ openOnClick: false, autolink: false, pieces: dataset.linkSearch, HTMLAttributes: { target: null, rel: null, class: null } }),
    ListItem.extend({ content: "paragraph (bulletList | orderedList)*" }),
    Blockquote.extend({ content: "paragraph+" }),
    PullQuote, Context, Footnote, PaywallLine, ...TABLE,
    Photo.configure({ library: dataset.photoLibrary }),
    Chart.configure({ draws: dataset.chartPreview }),
    Embed.configure({ places: JSON.parse(dataset.cardPlaces ?? "[]") }),
    Dropcursor, Gapcursor, History, Find, Inserter, Quotes,
    Placeholder.configure({ placeholder: "Write, or paste what you have written elsewhere. “/” inserts a block." }),
  ]
}

// Whose undo it is: the person's, for this article or for the one begun.
function keyFor(textarea) {
  const person = textarea.form?.dataset.person ?? document.querySelector("#user-tools strong")?.textContent.trim()
  if (!person) return null
  const article = /\/(\d+)\/change\/$/.exec(location.pathname)?.[1] ?? "new"
  return `${person}:${article}`
}

export function createEditor(textarea) {
  const page = document.createElement("div")
  page.className = "prose-page"
  textarea.before(page)
  textarea.hidden = true
  const html = () => (editor.isEmpty ? "" : editor.getHTML())
  const editor = new Editor({
    element: page,
    extensions: extensionsFor(textarea),
    content: textarea.value,
    injectCSS: false, // newsroom-editor.css has it: the policy allows no inline style
    editable: !textarea.disabled && !textarea.readOnly,
    enableInputRules: ["heading"], // a dash that begins a paragraph may be meant as a dash
    enablePasteRules: [],
    parseOptions: { preserveWhitespace: true },
    editorProps: {
      attributes: { "aria-label": "Text", "aria-multiline": "true", role: "textbox", lang: "en-GB", spellcheck: "true" },
      transformPastedHTML: (pasted) => {
        const tidied = tidyHTML(pasted)
        if (tidied.pictures) tellOfPictures(editor, tidied.pictures)
        return tidied.html
      },
      transformPastedText: tidyText,
    },
    onUpdate: () => {
      textarea.value = html()
      textarea.dispatchEvent(new Event("input", { bubbles: true }))
      page.dispatchEvent(new CustomEvent("kj:changed", { bubbles: true, detail: { html: textarea.value } }))
    },
  })
  editor.view.dom.style.whiteSpace = "break-spaces" // what is stored must not hang on a stylesheet's arrival
  if (editor.isEditable) {
    addToolbar(editor, page)
    page.after(listNotes(editor))
    keepUndo(editor, keyFor(textarea), html)
  }
  // Whoever puts another text in its place (what was not saved, an earlier version) lets one Ctrl+Z bring this one back.
  textarea.addEventListener("kj:replace", ({ detail }) => editor.commands.setContent(detail.html, { emitUpdate: true, parseOptions: { preserveWhitespace: true } }))
  return editor
}

function tellOfPictures(editor, count) {
  const many = count === 1 ? "A picture was left out" : `${count} pictures were left out`
  hint(editor, `${many}: pictures come from our library. Add ${count === 1 ? "it" : "them"} there, then place ${count === 1 ? "it" : "them"} with “Photo”.`)
}

for (const textarea of document.querySelectorAll("textarea[data-prose]")) {
  const editor = createEditor(textarea)
  textarea.dispatchEvent(new CustomEvent("prose:ready", { bubbles: true, detail: { editor } }))
}
