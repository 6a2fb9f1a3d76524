// Nothing is lost: what is typed goes to this browser at once and to the server within seconds, through sign-outs, crashes and lost networks.

import { make, openDialog } from "kjreport/dialog"

const form = document.querySelector("#article_form")
const keeper = document.querySelector("#keeper")
const ASIDE = 400 // milliseconds of rest before this browser keeps it
const REST = 1500 // milliseconds of rest before the server keeps it
const AT_MOST = 6000 // milliseconds of typing without rest before it does
const RETRY = 4000
const FORGOTTEN = 90 * 24 * 60 * 60 * 1000
const OURS = /^(csrfmiddlewaretoken|revision|person|work|seen_event|article|_.*|.*_words|note_.*|answer_.*|do)$/

const mine = `kj-unsaved:${keeper?.dataset.person}:`
let article = keeper?.dataset.article ? Number(keeper.dataset.article) : null
let key = keeper?.dataset.work || ""
let seen = keeper?.dataset.seen || ""
let keptState = "" // what the server has, saved or kept
let savedState = "" // what the article has
let isKeepingOff = false // another window of the same person keeps
let isLeaving = false
let timer = 0
let asideTimer = 0
let firstTouch = 0
let busy = null
let sessionDialog = null
let afterSignIn = null

const clock = () => new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })
const token = () => form.querySelector("[name=csrfmiddlewaretoken]").value
const storeName = () => `${mine}${article ?? `new:${key}`}`

function typed() {
  const fields = {}
  for (const [name, value] of new FormData(form)) {
    if (!OURS.test(name) && typeof value === "string") (fields[name] ??= []).push(value.replace(/\r\n/g, "\n"))
  }
  return fields
}

const stateNow = () => JSON.stringify(typed())

export function say(words, tone = "") {
  const place = form.querySelector("[data-saved]")
  place.textContent = words
  place.dataset.tone = tone
}

export function note(words, ...buttons) {
  const place = keeper.querySelector("[data-meanwhile]")
  place.replaceChildren(words, ...buttons.flatMap((button) => [" ", button]))
  place.hidden = !words
}

function toast(words, tone = "success") {
  document.querySelector(".desk-toasts")?.append(make("li", { class: tone }, words))
  const added = document.querySelector(".desk-toasts")?.lastElementChild
  setTimeout(() => added?.remove(), tone === "success" ? 4000 : 12000)
}

// This browser ------------------------------------------------------------------------------------------------------

function keepAside() {
  if (!key && !article) key = crypto.randomUUID()
  try {
    localStorage.setItem(storeName(), JSON.stringify({ typed: typed(), revision: revisionNow(), at: Date.now(), seen }))
  } catch {
    return false // full, or not allowed; the server's copy is the other leg
  }
  return true
}

function readStore() {
  const found = []
  for (let place = 0; place < localStorage.length; place++) {
    const name = localStorage.key(place)
    if (!name.startsWith("kj-unsaved:")) continue
    try {
      found.push([name, JSON.parse(localStorage.getItem(name))])
    } catch {
      found.push([name, { at: 0 }])
    }
  }
  for (const [name, entry] of found) if (Date.now() - entry.at > FORGOTTEN) localStorage.removeItem(name)
  return found.filter(([name, entry]) => name.startsWith(mine) && entry.typed)
}

// The server --------------------------------------------------------------------------------------------------------

const revisionNow = () => Number(form.querySelector("[name=revision]")?.value || keeper.dataset.revision || 0)

async function post(fields) {
  return fetch(keeper.dataset.keep, {
    method: "POST",
    redirect: "manual",
    keepalive: fields.keepalive,
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token() },
    body: JSON.stringify({ person: keeper.dataset.person, ...fields }),
  })
}

async function keep({ force = false } = {}) {
  clearTimeout(timer)
  firstTouch = 0
  if (busy) return busy.then(() => keep({ force }))
  if (isKeepingOff && !force) return false
  const state = stateNow()
  if (state === keptState && !force) return true
  if (!key && !article) key = crypto.randomUUID()
  busy = send(state, force).finally(() => (busy = null))
  return busy
}

async function send(state, force, isSecondTry = false) {
  let answer
  try {
    answer = await post({ article, key, revision: revisionNow(), seen, force, form: JSON.parse(state) })
  } catch {
    return fail("Not saved: no network. This browser keeps it.", RETRY)
  }
  if (answer.type === "opaqueredirect") return signedOut()
  const said = await answer.json().catch(() => null)
  if (answer.ok && said) return wasKept(state, said)
  if (answer.status === 410) return wasDeleted()
  if (answer.status === 409 && said?.another) return isAnother(said.another)
  if (answer.status === 409 && said?.overlapping) return overlaps(said)
  if (answer.status === 403 && !isSecondTry && (await refreshSession())) return send(state, force, true)
  if (answer.status === 403) return fail("Not saved: this article is no longer yours to change. Copy what you need.")
  if (answer.status === 413) return fail(`Not saved. ${said?.error ?? "The text is too long to keep."}`)
  return fail("Not saved: the newsroom does not answer. This browser keeps it.", RETRY)
}

function wasKept(state, said) {
  keptState = state
  seen = said.seen
  isKeepingOff = false
  if (!article && new URLSearchParams(location.search).get("work") !== key) {
    history.replaceState(null, "", `?work=${encodeURIComponent(key)}`)
    form.querySelector("[name=work]").value = key
  }
  if (stateNow() === state) localStorage.removeItem(storeName())
  if (said.seen) say(`Not saved yet, kept ${said.at}`, "kept")
  else say(`Saved ${keeper.dataset.savedAt ?? ""}`.trim())
  return true
}

function fail(words, retry = 0) {
  keepAside()
  say(words, "failed")
  if (retry) timer = setTimeout(keep, retry)
  return false
}

function overlaps(said) {
  isKeepingOff = true
  keepAside()
  say("Not on the server: open in another window", "failed")
  const take = make("button", { type: "button", onclick: () => { seen = said.seen; note(""); keep({ force: true }) } }, "Keep this window’s text")
  note(`You have typed into this article in another window, too, at ${said.overlapping}. What you type here stays in this browser.`, take)
  return false
}

function wasDeleted() {
  if (!article) return fail("Not saved.")
  localStorage.removeItem(storeName())
  article = null
  key = crypto.randomUUID()
  seen = ""
  keptState = ""
  form.querySelector("[name=work]").value = key
  form.action = keeper.dataset.add
  keepAside()
  note("This article was deleted, or is no longer yours to open. Your text is kept: save to make it anew.")
  say("Not saved: it was deleted", "failed")
  timer = setTimeout(keep, 50)
  return false
}

// Who is signed in ---------------------------------------------------------------------------------------------------

// Returns true where the same person is signed in; their forms have a fresh token then.
export async function refreshSession() {
  let answer
  try {
    answer = await fetch(keeper.dataset.session, { redirect: "manual", headers: { Accept: "application/json" }, cache: "no-store" })
  } catch {
    return fail("Not saved: no network. This browser keeps it.", RETRY)
  }
  if (answer.type === "opaqueredirect" || answer.status === 403) return signedOut()
  if (!answer.ok) return fail("Not saved: the newsroom does not answer. This browser keeps it.", RETRY)
  const { person, name, token: fresh } = await answer.json()
  if (person !== keeper.dataset.person) return isAnother(name)
  for (const input of document.querySelectorAll("[name=csrfmiddlewaretoken]")) input.value = fresh
  if (sessionDialog) {
    sessionDialog.close()
    const next = afterSignIn
    afterSignIn = null
    say("Signed in again", "kept")
    setTimeout(() => (next ? next() : keep()), 0)
  }
  return true
}

function signInLink(words) {
  return make("a", { href: keeper.dataset.signIn, target: "_blank", class: "button primary" }, words)
}

export function signedOut() {
  keepAside()
  say("Not saved: you are signed out. This browser keeps it.", "failed")
  askToSignIn(
    "You have been signed out",
    "Nothing is lost: this browser keeps what you typed. Sign in in a new window, and this page goes on by itself.",
  )
  return false
}

function isAnother(name) {
  say("Not saved: somebody else is signed in", "failed")
  askToSignIn(
    "Somebody else is signed in",
    `This browser is signed in as ${name} now, and this text is ${keeper.dataset.name}’s. It goes nowhere until ${keeper.dataset.name} has signed in again.`,
  )
  return false
}

function askToSignIn(title, words) {
  if (sessionDialog) {
    sessionDialog.querySelector("h2").textContent = title
    sessionDialog.querySelector("p").textContent = words
    return
  }
  const buttons = make("div", { class: "desk-dialog-buttons" }, signInLink(`Sign in as ${keeper.dataset.name}`))
  sessionDialog = openDialog(title, make("p", {}, words), buttons)
  const ask = () => document.visibilityState === "visible" && refreshSession()
  const asking = setInterval(ask, 3000)
  window.addEventListener("focus", ask)
  sessionDialog.addEventListener("close", () => {
    clearInterval(asking)
    window.removeEventListener("focus", ask)
    sessionDialog = null
    if (stateNow() !== keptState) timer = setTimeout(keep, 15_000) // closed by hand: it is asked again, but not at once
  })
}

// Saving -------------------------------------------------------------------------------------------------------------

async function saveInPlace(submitter, isSecondTry = false) {
  document.querySelector(".desk-toasts")?.replaceChildren()
  say("Saving…", "busy")
  const state = stateNow()
  const body = new FormData(form)
  body.append(submitter.name, submitter.value)
  let answer
  try {
    answer = await fetch(form.getAttribute("action") || location.href, { method: "POST", body, redirect: "manual", headers: { Accept: "application/json" } })
  } catch {
    return fail("Not saved: no network. This browser keeps it.", RETRY)
  }
  if (answer.type === "opaqueredirect") {
    afterSignIn = () => saveInPlace(submitter)
    return signedOut()
  }
  if (answer.status === 403 && !isSecondTry && (await refreshSession())) return saveInPlace(submitter, true)
  if (answer.status === 403) return fail("Not saved: this article is no longer yours to change. Copy what you need.")
  if (answer.status === 400 || answer.status === 413) return fail("Not saved: this is too much to send at once. This browser keeps it; divide the text.")
  if (answer.status >= 500) return fail("Not saved: the newsroom stumbled. This browser keeps it; try again.", RETRY)
  const isJSON = answer.headers.get("Content-Type")?.startsWith("application/json")
  if (!isJSON) return leaveWith(submitter) // a page that asks something
  const said = await answer.json()
  if (!samePage(said.location)) {
    isLeaving = true
    location.assign(said.location)
    return true
  }
  savedState = keptState = state
  seen = ""
  localStorage.removeItem(storeName())
  keeper.dataset.savedAt = clock()
  for (const { says, tone } of said.messages) toast(says, tone)
  await refreshPage(state)
  return true
}

const samePage = (address) => new URL(address, location.href).pathname === location.pathname

// What the server says of the saved text takes the place of what it said before; what is being typed stays as it is.
async function refreshPage(state) {
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" }, cache: "no-store" }).catch(() => null)
  if (!answer?.ok) return
  const page = new DOMParser().parseFromString(await answer.text(), "text/html")
  for (const part of ["#panel-checks", ".article-standing", ".desk-bar-buttons", "[data-chip]"]) {
    const [old, fresh] = [document.querySelector(part), page.querySelector(part)]
    if (old && fresh) old.replaceWith(document.adoptNode(fresh))
  }
  for (const name of ["revision", "seen_event"]) {
    const fresh = page.querySelector(`#article_form [name=${name}]`)
    if (fresh) form.querySelector(`[name=${name}]`).value = fresh.value
  }
  keeper.dataset.revision = page.querySelector("#keeper")?.dataset.revision ?? keeper.dataset.revision
  keeper.querySelector(".desk-note--unsaved")?.remove()
  note("")
  const slug = form.querySelector("#id_slug")
  const fresh = page.querySelector("#id_slug")
  if (slug && fresh && stateNow() === state) {
    slug.value = fresh.value
    savedState = keptState = stateNow()
  }
  if (stateNow() === keptState) say(`Saved ${clock()}`)
  form.dispatchEvent(new CustomEvent("kj:saved", { bubbles: true }))
}

function leaveWith(submitter) {
  isLeaving = true
  form.requestSubmit(submitter)
  return true
}

async function onSubmit(event) {
  const { submitter } = event
  if (isLeaving) return
  if (submitter?.name === "_trial") return // another window
  if (submitter?.name === "_discard") {
    localStorage.removeItem(storeName())
    isLeaving = true
    return
  }
  event.preventDefault()
  const button = submitter ?? form.querySelector("button[name=_continue]")
  if (button.name === "_continue" && article) {
    await saveInPlace(button)
    return
  }
  say("Saving…", "busy")
  keepAside()
  afterSignIn = () => leaveWith(button)
  if (await refreshSession()) {
    afterSignIn = null
    leaveWith(button)
  }
}

// Beginning ----------------------------------------------------------------------------------------------------------

// What this browser kept and the server never got, after a crash or a lost network.
async function bringBack() {
  let isNew = false
  for (const [name, entry] of readStore()) {
    const place = name.slice(mine.length)
    const isHere = name === storeName()
    if (!isHere && (article || !place.startsWith("new:"))) continue
    if (isHere && JSON.stringify(entry.typed) === stateNow()) {
      localStorage.removeItem(name)
      continue
    }
    const fields = { article, key: place.replace(/^new:/, ""), revision: entry.revision, seen: entry.seen, form: entry.typed }
    const answer = await post(fields).catch(() => null)
    const said = await answer?.json?.().catch(() => null)
    if (answer?.ok) {
      localStorage.removeItem(name)
      isNew ||= Boolean(said?.seen)
    } else if (said?.overlapping) {
      const at = new Date(entry.at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })
      const take = make("button", { type: "button", onclick: async () => {
        if (!(await post({ ...fields, force: true })).ok) return
        localStorage.removeItem(name)
        isLeaving = true
        location.reload()
      } }, "Use that one")
      const drop = make("button", { type: "button", onclick: () => { localStorage.removeItem(name); note("") } }, "Drop it")
      note(`This browser kept other text of yours, typed until ${at}.`, take, drop)
    }
  }
  if (isNew) {
    isLeaving = true
    location.reload()
  }
}

function touch(event) {
  if (event?.target.closest?.(".desk-bar, #panel-notes")) return
  clearTimeout(asideTimer)
  asideTimer = setTimeout(() => {
    if (stateNow() === keptState) return
    keepAside()
    if (form.querySelector("[data-saved]").dataset.tone !== "failed") say("Not saved yet", "kept")
    firstTouch ||= Date.now()
    clearTimeout(timer)
    timer = setTimeout(keep, Math.max(0, Math.min(REST, AT_MOST - (Date.now() - firstTouch))))
  }, ASIDE)
}

function begin() {
  document.querySelector("#content")?.append(make("ul", { class: "desk-toasts messagelist", role: "status" }))
  savedState = keptState = stateNow()
  for (const name of ["input", "change", "kj:changed"]) form.addEventListener(name, touch)
  form.addEventListener("formset:added", touch)
  form.addEventListener("formset:removed", touch)
  window.jQuery?.(form).on("change", touch)
  window.django?.jQuery(form).on("change", "select", touch) // choosers tell jQuery only
  form.addEventListener("submit", onSubmit)
  window.addEventListener("online", () => keep())
  window.addEventListener("offline", () => say("Not saved: no network. This browser keeps it.", "failed"))
  window.addEventListener("pageshow", () => (isLeaving = false))
  window.addEventListener("pagehide", () => {
    if (isLeaving || stateNow() === keptState) return
    keepAside()
    post({ article, key, revision: revisionNow(), seen, form: typed(), keepalive: true }).catch(() => null)
  })
  window.addEventListener("beforeunload", (event) => {
    if (!isLeaving && stateNow() !== keptState) event.preventDefault()
  })
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "s" && (event.ctrlKey || event.metaKey) && !event.altKey) {
      event.preventDefault()
      form.querySelector("button[name=_continue]")?.click()
    }
  })
  bringBack()
}

if (form && keeper) begin()
