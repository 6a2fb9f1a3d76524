// Makes what is pasted from Word, Google Docs and the web fit to be read by the editor. Safety is the server's work; here only
// attributes go, because the content policy forbids even looking at inline styles, and what they say of bold and italic stays.

const TAG = /<([a-z][^\s/>]*)((?:[^>"']|"[^"]*"|'[^']*')*)>/gi
const ATTRIBUTE = /([a-z][\w:-]*)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)/gi
const KEPT = new Set(["href", "data-caption", "data-footnote", "data-paywall-line", "data-photo", "data-pm-slice", "data-pull-quote"])
const DROPPED = /<(style|script|title|head|template|noscript|svg)\b[\s\S]*?<\/\1\s*>|<!--[\s\S]*?-->/gi

export function tidyText(pasted) {
  return pasted.replaceAll("\u00a0", " ")
}

export function tidyHTML(pasted) {
  return tidyText(pasted.replaceAll(/&nbsp;|&#160;|&#xa0;/gi, " "))
    .replaceAll(DROPPED, "")
    .replaceAll(TAG, (_tag, name, attributes) => `<${name}${[...keep(attributes)].join("")}>`)
}

function* keep(attributes) {
  for (const [, name, quoted] of attributes.matchAll(ATTRIBUTE)) {
    const lower = name.toLowerCase()
    if (KEPT.has(lower)) yield ` ${lower}=${quoted}`
    if (lower === "style") yield* readStyle(quoted)
  }
}

function* readStyle(style) {
  const weight = /font-weight\s*:\s*(\w+)/i.exec(style)?.[1].toLowerCase()
  if (weight) yield ` data-weight="${weight === "bold" || Number(weight) >= 600 ? "bold" : "normal"}"`
  if (/font-style\s*:\s*italic/i.test(style)) yield ` data-slant="italic"`
}
