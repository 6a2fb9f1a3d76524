// Makes what is pasted from Word, Google Docs and the web fit to be read by the editor. Safety is the server's work; here
// attributes go first, because the content policy forbids even looking at inline styles, and what they say of bold, italic,
// lists and height stays under names of its own; then editor-office.js puts the blocks in order.

import { reshape } from "kjreport/editor-office"

const TAG = /<([a-z][^\s/>]*)((?:[^>"']|"[^"]*"|'[^']*')*)>/gi
const ATTRIBUTE = /([a-z][\w:-]*)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)/gi
const OURS = ["article", "caption", "chart", "context", "embed", "footnote", "paywall-line", "photo", "pm-slice", "pull-quote", "source", "title"]
const KEPT = new Set(["class", "colspan", "href", "id", "name", "rowspan", ...OURS.map((name) => `data-${name}`)])
const DROPPED = /<(style|script|title|head|template|noscript|svg|xml|object|iframe|select|button)\b[\s\S]*?<\/\1\s*>|<!--[\s\S]*?-->/gi
const OF_WORD = /<!\[[^>]*\]>|<\/?\w+:[^>]*>/g

export function tidyText(pasted) {
  return pasted.replaceAll("\u00a0", " ")
}

// Returns the HTML, and how many pictures were left out of it.
export function tidyHTML(pasted) {
  const bare = tidyText(pasted.replaceAll(/&nbsp;|&#160;|&#xa0;/gi, " "))
    .replaceAll(DROPPED, "")
    .replaceAll(OF_WORD, "")
    .replaceAll(TAG, (_tag, name, attributes) => `<${name}${[...keep(attributes)].join("")}>`)
  return bare.includes("data-pm-slice") ? { html: bare, pictures: 0 } : reshape(bare)
}

function* keep(attributes) {
  for (const [, name, quoted] of attributes.matchAll(ATTRIBUTE)) {
    const lower = name.toLowerCase()
    if (KEPT.has(lower)) yield ` ${lower}=${quoted}`
    if (lower === "style") yield* readStyle(quoted.replaceAll("&quot;", ""))
  }
  for (const [, name] of attributes.replaceAll(ATTRIBUTE, "").matchAll(/\b(data-(?:context|paywall-line|pull-quote))\b/g)) yield ` ${name}=""`
}

function* readStyle(style) {
  const weight = /(?<![-\w])font-weight\s*:\s*(\w+)/i.exec(style)?.[1].toLowerCase()
  const height = /(?<![-\w])vertical-align\s*:\s*(super|sub)\b/i.exec(style)?.[1].toLowerCase()
  const list = /mso-list\s*:\s*([^;"']+)/i.exec(style)?.[1].trim().toLowerCase()
  if (weight) yield ` data-weight="${weight === "bold" || Number(weight) >= 600 ? "bold" : "normal"}"`
  if (/(?<![-\w])font-style\s*:\s*italic/i.test(style)) yield ` data-slant="italic"`
  if (height) yield ` data-height="${height}"`
  if (list) yield ` data-list="${list}"`
}
