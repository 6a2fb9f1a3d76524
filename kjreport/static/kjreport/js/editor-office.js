// Puts in order what Word, Google Docs, LibreOffice and web pages paste: lists that are paragraphs, footnotes that are links,
// wrappers, spacers, layout tables, pictures from elsewhere.

const MARK = /^[\s[(]*[\divxlcdm*†‡§]{1,6}[\])\s]*$/i
const NUMBERED = /^\(?\w{1,5}[.)]$/

// Returns the HTML in order, and how many pictures were left out. Inline styles must be gone.
export function reshape(html) {
  const { body } = new DOMParser().parseFromString(html, "text/html")
  const pictures = dropPictures(body)
  for (const wrapper of body.querySelectorAll("b[data-weight=normal], strong[data-weight=normal]")) unwrap(wrapper)
  for (const gone of body.querySelectorAll("del, meta, link, input, nav")) gone.remove()
  unmaskLinks(body)
  gatherFootnotes(body)
  raise(body)
  gatherLists(body)
  nestLists(body)
  straightenTables(body)
  mendLinks(body)
  nameBlocks(body)
  dropSpacers(body)
  return { html: body.innerHTML, pictures }
}

function unwrap(element) {
  element.replaceWith(...element.childNodes)
}

function rename(element, tag) {
  const other = element.ownerDocument.createElement(tag)
  other.append(...element.childNodes)
  element.replaceWith(other)
  return other
}

function dropPictures(body) {
  const pictures = [...body.querySelectorAll("img, picture, video, audio")].filter((one) => !one.parentElement.closest("picture"))
  for (const one of pictures) one.remove()
  for (const figure of body.querySelectorAll("figure:not([data-photo], [data-chart], [data-embed])")) {
    if (!figure.textContent.trim()) figure.remove()
  }
  return pictures.length
}

// A link to a place further down whose words are a number is the mark of a note; what stands there is its text.
function gatherFootnotes(body) {
  const noted = []
  for (const mark of body.querySelectorAll("a[href^='#']")) {
    if (!MARK.test(mark.textContent)) continue
    const name = CSS.escape(decodeURIComponent(mark.getAttribute("href").slice(1)))
    const target = name && body.querySelector(`[id="${name}"], a[name="${name}"]`)
    if (!target || !(mark.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_FOLLOWING) || mark.contains(target)) continue
    const note = target.closest("div[id^=ftn], div[id^=edn], div[id^=sdfootnote], div[id^=sdendnote], li") ?? target.closest("p, div")
    if (!note || note.contains(mark)) continue
    noted.push([mark, note])
  }
  for (const [mark, note] of noted) {
    const span = body.ownerDocument.createElement("span")
    span.setAttribute("data-footnote", readNote(note))
    const raised = mark.closest("sup, span[data-height=super]")
    ;(raised && raised.textContent.trim() === mark.textContent.trim() ? raised : mark).replaceWith(span)
  }
  for (const [, note] of noted) {
    const around = note.parentElement
    note.remove()
    if (around !== body && !around?.textContent.trim() && !around?.querySelector("[data-footnote]")) around?.remove()
  }
  if (noted.length) {
    for (const rule of body.querySelectorAll("hr:not([data-paywall-line])")) if (!textAfter(rule, body)) rule.remove()
  }
}

function readNote(note) {
  const copy = note.cloneNode(true)
  for (const back of copy.querySelectorAll("a[href^='#']")) back.remove()
  for (const link of copy.querySelectorAll("a[href]")) {
    const address = link.getAttribute("href")
    if (/^https?:/i.test(address) && !link.textContent.includes("://")) link.append(` ${address}`)
  }
  return copy.textContent.replaceAll(/\s+/g, " ").trim().replace(/^[\^↑]\s*/, "")
}

function textAfter(element, body) {
  const range = body.ownerDocument.createRange()
  range.setStartAfter(element)
  range.setEndAfter(body.lastChild)
  return range.toString().trim()
}

function raise(body) {
  for (const span of body.querySelectorAll("span[data-height]")) {
    if (span.textContent.trim() && span.textContent.length < 12) rename(span, span.dataset.height === "super" ? "sup" : "sub")
  }
}

// Word writes an item as a paragraph that says its level, with the bullet typed in front.
function gatherLists(body) {
  for (const first of body.querySelectorAll("p[data-list*=level]")) {
    if (!first.isConnected) continue
    const items = [first]
    for (let next = first.nextElementSibling; next?.matches("p[data-list*=level]"); next = next.nextElementSibling) items.push(next)
    const place = body.ownerDocument.createDocumentFragment()
    const open = []
    for (const item of items) addItem(item, open, place)
    first.before(place)
    for (const item of items) item.remove()
  }
  for (const bullet of body.querySelectorAll("[data-list=ignore]")) bullet.remove()
}

function addItem(item, open, place) {
  const { ownerDocument: page } = item
  const bullet = item.querySelector("[data-list=ignore]")
  const level = Number(/level(\d)/.exec(item.dataset.list)[1])
  const tag = NUMBERED.test(bullet?.textContent.trim() ?? "") ? "ol" : "ul"
  bullet?.remove()
  while (open.length && open.at(-1).level > level) open.pop()
  if (open.at(-1)?.level === level && open.at(-1).list.localName !== tag) open.pop()
  if (!open.length || open.at(-1).level < level) {
    const list = page.createElement(tag)
    const around = open.at(-1)?.list.lastElementChild ?? place
    around.append(list)
    open.push({ level, list })
  }
  const row = page.createElement("li")
  const words = page.createElement("p")
  words.append(...item.childNodes)
  row.append(words)
  open.at(-1).list.append(row)
}

// Google Docs puts a list into a list, beside the item it belongs to.
function nestLists(body) {
  for (const inner of body.querySelectorAll("ul > ul, ul > ol, ol > ul, ol > ol")) {
    if (inner.previousElementSibling?.localName === "li") inner.previousElementSibling.append(inner)
    else {
      const item = body.ownerDocument.createElement("li")
      inner.before(item)
      item.append(inner)
    }
  }
}

function straightenTables(body) {
  for (const table of [...body.querySelectorAll("table")].reverse()) {
    const cells = [...table.querySelectorAll("td, th")]
    const isLayout = cells.length <= 1 || table.parentElement.closest("td, th")
    if (isLayout) {
      table.replaceWith(...cells.flatMap((cell) => [...cell.childNodes].some((one) => one.nodeType === 1 && isBlock(one)) ? [...cell.childNodes] : [rename(cell, "p")]))
      continue
    }
    const caption = table.querySelector("caption")
    if (caption) {
      table.setAttribute("data-caption", caption.textContent.replaceAll(/\s+/g, " ").trim())
      caption.remove()
    }
    for (const cell of table.querySelectorAll("thead td")) {
      const head = rename(cell, "th")
      for (const name of ["colspan", "rowspan"]) if (cell.hasAttribute(name)) head.setAttribute(name, cell.getAttribute(name))
    }
  }
}

function isBlock(element) {
  return /^(p|div|ul|ol|h[1-6]|blockquote|table|figure|section|article|aside)$/.test(element.localName)
}

// Google Docs leads links around by way of Google.
function unmaskLinks(body) {
  for (const link of body.querySelectorAll("a[href^='https://www.google.']")) {
    const address = link.getAttribute("href")
    const leads = /^https:\/\/www\.google\.[a-z.]+\/url\?/.test(address) && new URL(address).searchParams.get("q")
    if (leads) link.setAttribute("href", leads)
  }
}

function mendLinks(body) {
  for (const link of body.querySelectorAll("a")) {
    const address = link.getAttribute("href") ?? ""
    if (!/^(https?:|mailto:|\/)/i.test(address)) unwrap(link)
  }
}

function nameBlocks(body) {
  for (const title of body.querySelectorAll("p.MsoTitle")) rename(title, "h2")
  for (const quote of body.querySelectorAll("p.MsoQuote, p.MsoIntenseQuote")) {
    const box = body.ownerDocument.createElement("blockquote")
    quote.before(box)
    box.append(quote)
  }
  for (const mark of body.querySelectorAll(":is(h1, h2, h3, h4, h5, h6) :is(b, strong)")) unwrap(mark)
  for (const bold of body.querySelectorAll(":is(h1, h2, h3, h4, h5, h6) [data-weight], :is(h1, h2, h3, h4, h5, h6)[data-weight]")) delete bold.dataset.weight
}

function dropSpacers(body) {
  for (const one of body.querySelectorAll("p, h1, h2, h3, h4, h5, h6, li, div")) {
    if (!one.textContent.trim() && !one.closest("td, th") && !one.querySelector("[data-footnote], hr, figure, table")) one.remove()
  }
  for (const line of body.querySelectorAll("br")) {
    const around = [line.previousElementSibling, line.nextElementSibling]
    const isBetween = line.parentElement === body && around.some((one) => one && isBlock(one))
    if (isBetween || line.className === "Apple-interchange-newline") line.remove()
  }
}
