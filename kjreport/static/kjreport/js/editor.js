// The prose editor: turns a textarea into a page to write on. What it writes is the source format of articles/prose.py.

import {
  Blockquote, Bold, BulletList, Document, Dropcursor, Editor, Gapcursor, HardBreak, Heading, History, Italic, Link, ListItem,
  OrderedList, Paragraph, Placeholder, Text,
} from "django-prose-editor/editor"
import { Footnote } from "kjreport/editor-footnote"
import { tidyHTML, tidyText } from "kjreport/editor-paste"
import { PaywallLine } from "kjreport/editor-paywall-line"
import { Photo } from "kjreport/editor-photo"
import { PullQuote } from "kjreport/editor-pull-quote"
import { addToolbar, editLink } from "kjreport/editor-toolbar"

const Subhead = Heading.extend({
  parseHTML: () =>
    [["h1", 2], ["h2", 2], ["h3", 3], ["h4", 3], ["h5", 3], ["h6", 3]].map(([tag, level]) => ({ tag, attrs: { level } })),
}).configure({ levels: [2, 3] })

const PlainLink = Link.extend({
  addAttributes: () => ({ href: { default: null, parseHTML: (element) => element.getAttribute("href") } }),
  addKeyboardShortcuts() {
    return { "Mod-k": () => Boolean(editLink(this.editor)) }
  },
}).configure({ openOnClick: false, autolink: false, HTMLAttributes: { target: null, rel: null, class: null } })

const Strong = Bold.extend({
  parseHTML: () => [{ tag: "strong" }, { tag: "b", getAttrs: (element) => element.dataset.weight !== "normal" && null }, { tag: "[data-weight=bold]" }],
})
const Emphasis = Italic.extend({ parseHTML: () => [{ tag: "em" }, { tag: "i" }, { tag: "[data-slant=italic]" }] })

function extensionsFor(textarea) {
  return [
    Document.extend({ content: "(block | furniture)+" }),
    Paragraph, Text, Subhead, Strong, Emphasis, PlainLink, BulletList, OrderedList, HardBreak,
    ListItem.extend({ content: "paragraph (bulletList | orderedList)*" }),
    Blockquote.extend({ content: "paragraph+" }),
    PullQuote, Footnote, PaywallLine,
    Photo.configure({ library: textarea.dataset.photoLibrary }),
    Dropcursor, Gapcursor, History,
    Placeholder.configure({ placeholder: "Write, or paste what you have written elsewhere." }),
  ]
}

export function createEditor(textarea) {
  const page = document.createElement("div")
  page.className = "prose-page"
  textarea.before(page)
  textarea.hidden = true
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
      transformPastedHTML: tidyHTML,
      transformPastedText: tidyText,
    },
    onUpdate: () => {
      textarea.value = editor.isEmpty ? "" : editor.getHTML()
      textarea.dispatchEvent(new Event("input", { bubbles: true }))
    },
  })
  editor.view.dom.style.whiteSpace = "break-spaces" // what is stored must not hang on a stylesheet's arrival
  addToolbar(editor, page)
  return editor
}

for (const textarea of document.querySelectorAll("textarea[data-prose]")) {
  const editor = createEditor(textarea)
  textarea.dispatchEvent(new CustomEvent("prose:ready", { bubbles: true, detail: { editor } }))
}
