// Undo that outlives a reload: states of the text are kept in the browser, for each person and article, and made into the
// editor's own history again when the page opens. The text itself is not read from here: that is the form's affair.

import { pm } from "django-prose-editor/editor"

const PREFIX = "kj-undo:"
const MOST = 60 // states of one text
const LARGEST = 600_000 // letters of one text's states together
const LASTS = 7 * 24 * 60 * 60 * 1000 // milliseconds
const PAUSE = 1200 // milliseconds without typing end a state

export function keepUndo(editor, key, html = () => editor.getHTML()) {
  if (!key) return
  forgetOld()
  const states = adopt(key, html())
  restore(editor, states)
  let kept = [...states.slice(-MOST + 1), ...(states.at(-1) === html() ? [] : [html()])]
  let waiting
  const keep = () => {
    clearTimeout(waiting)
    const now = html()
    if (now === kept.at(-1)) return
    // What was undone is no state to go back to.
    const before = kept.lastIndexOf(now)
    kept = before >= 0 ? kept.slice(0, before + 1) : [...kept, now]
    write(key, kept)
  }
  editor.on("update", () => {
    clearTimeout(waiting)
    waiting = setTimeout(keep, PAUSE)
  })
  window.addEventListener("pagehide", keep)
  document.addEventListener("visibilitychange", () => document.hidden && keep())
}

// The states kept under this name; those of a new article are taken over when it has been saved and got a number.
function adopt(key, now) {
  const own = read(key)
  const isAnother = key.endsWith(":new") && own.at(-1) !== now // an article begun before, not this one
  if (own.length) return isAnother ? [] : own
  const fresh = key.replace(/:\d+$/, ":new")
  const states = fresh === key ? [] : read(fresh)
  if (states.at(-1) !== now) return []
  localStorage.removeItem(PREFIX + fresh)
  return states
}

// Lets the editor live through the states again, so that undo and redo are its own.
function restore(editor, states) {
  const now = editor.state.doc
  const past = states.map((html) => parse(editor, html)).filter(Boolean)
  while (past.length && past.at(-1).eq(now)) past.pop()
  if (!past.length) return
  const { view } = editor
  const dispatch = (tr) => view.updateState(view.state.apply(tr)) // quietly: nobody has changed anything
  dispatch(change(view.state, past[0]).setMeta("addToHistory", false))
  for (const doc of [...past.slice(1), now]) {
    const tr = change(view.state, doc)
    if (tr.docChanged) dispatch(pm.history.closeHistory(tr))
  }
  dispatch(pm.history.closeHistory(view.state.tr))
}

// The smallest change that makes one text of another.
function change(state, doc) {
  const { tr } = state
  const start = state.doc.content.findDiffStart(doc.content)
  if (start === null) return tr
  let { a, b } = state.doc.content.findDiffEnd(doc.content)
  const overlap = start - Math.min(a, b)
  if (overlap > 0) {
    a += overlap
    b += overlap
  }
  try {
    tr.replace(start, a, doc.slice(start, b))
    if (tr.doc.eq(doc)) return tr
  } catch {
    // a change across blocks that do not fit: the whole, then
  }
  return state.tr.replaceWith(0, state.doc.content.size, doc.content)
}

function parse(editor, html) {
  try {
    const place = document.createElement("template")
    place.innerHTML = html
    const body = document.createElement("div")
    body.append(place.content)
    return pm.model.DOMParser.fromSchema(editor.schema).parse(body, { preserveWhitespace: true })
  } catch {
    return null
  }
}

function read(key) {
  try {
    const { states } = JSON.parse(localStorage.getItem(PREFIX + key) ?? "{}")
    return Array.isArray(states) ? states.filter((one) => typeof one === "string") : []
  } catch {
    return []
  }
}

function write(key, kept) {
  while (kept.length > MOST || (kept.length > 2 && kept.reduce((sum, one) => sum + one.length, 0) > LARGEST)) kept.shift()
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify({ at: Date.now(), states: kept }))
  } catch {
    // no room: the page works without
  }
}

function forgetOld() {
  try {
    for (const name of Object.keys(localStorage)) {
      if (!name.startsWith(PREFIX)) continue
      const { at } = JSON.parse(localStorage.getItem(name))
      if (!(Date.now() - at < LASTS)) localStorage.removeItem(name)
    }
  } catch {
    // storage is off, or holds what is not ours
  }
}
