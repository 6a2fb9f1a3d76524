// The article form: words counted as one writes, bylines and related posts in order, the hero picture, parts and keys.

import { make, openDialog } from "kjreport/dialog"
import "kjreport/newsroom-appearances"
import "kjreport/newsroom-keep"
import "kjreport/newsroom-presence"
import { choosePhoto } from "kjreport/photo-library"

const form = document.querySelector("#article_form")

// As articles/prose.py counts: run of text by run of text, so that words of two cells or items are two.
function countIn(block) {
  const runs = document.createTreeWalker(block, NodeFilter.SHOW_TEXT)
  let words = 0
  while (runs.nextNode()) words += (runs.currentNode.data.match(/\S+/g) ?? []).length
  return words
}

function countWords(html) {
  const template = document.createElement("template")
  template.innerHTML = html
  let words = 0
  let free = null
  for (const node of template.content.children) {
    if (node.matches("hr[data-paywall-line]")) free = words
    else if (!node.matches("aside[data-pull-quote], figure, hr")) words += countIn(node)
  }
  return { words, free }
}

function tellLength(source, place) {
  const { words, free } = countWords(source.value)
  const minutes = Math.max(1, Math.ceil(words / Number(place.dataset.wordsPerMinute)))
  const wall = free === null ? "no paywall line" : `${free.toLocaleString("en-GB")} before the wall`
  place.textContent = words ? `${words.toLocaleString("en-GB")} words · ${minutes} min · ${wall}` : "No words yet"
}

function watchLength() {
  const source = form.querySelector("#id_source")
  const place = form.querySelector("[data-words-per-minute]")
  if (!source || !place) return
  for (const name of ["input", "kj:changed"]) form.addEventListener(name, () => tellLength(source, place))
  tellLength(source, place)
}

// Rows of an inline with a position: their order on the page is their order.
function orderRows(group) {
  const rows = () => [...group.querySelectorAll("tr.form-row:not(.empty-form)")]
  const number = () => rows().forEach((row, place) => (row.querySelector("[name$=-position]").value = place))
  const move = (row, step) => {
    const all = rows()
    const other = all[all.indexOf(row) + step]
    if (!other) return
    if (step < 0) other.before(row)
    else other.after(row)
    number()
    row.dispatchEvent(new Event("change", { bubbles: true }))
  }
  const equip = (row) => {
    const input = row.querySelector("[name$=-position]")
    if (!input || row.querySelector(".order-buttons")) return
    const button = (label, sign, step) =>
      make("button", { type: "button", "aria-label": label, title: label, onclick: () => move(row, step) }, sign)
    input.type = "hidden"
    input.after(make("span", { class: "order-buttons" }, button("Move up", "↑", -1), button("Move down", "↓", 1)))
  }
  rows().forEach(equip)
  group.addEventListener("formset:added", (event) => {
    equip(event.target)
    number()
  })
  form.addEventListener("submit", number)
}

function offerPhotos(picker) {
  const input = picker.querySelector("input")
  const image = picker.querySelector("img")
  const caption = picker.querySelector("[data-photo-caption]")
  const [choose, remove] = picker.querySelectorAll("button")
  const show = (photo) => {
    input.value = photo?.id ?? ""
    image.hidden = remove.hidden = !photo
    image.src = photo?.small ?? "data:,"
    image.alt = photo?.alt ?? ""
    caption.textContent = photo ? `${photo.caption || photo.alt} · ${photo.credit}` : "No picture yet."
    choose.textContent = photo ? "Change picture" : "Choose picture"
    input.dispatchEvent(new Event("input", { bubbles: true }))
  }
  choose.addEventListener("click", async () => {
    const photo = await choosePhoto(picker.dataset.photoPicker)
    if (photo) show(photo)
  })
  remove.addEventListener("click", () => show(null))
}

// Django's choosers hide the labelled field and put unnamed ones in its place; readers of screens need the name there.
function nameChoosers(panel) {
  for (const select of panel.querySelectorAll("select.admin-autocomplete")) {
    const heading = select.closest(".inline-group")?.querySelector(".inline-heading")
    const name = select.labels[0]?.textContent.replace(/:\s*$/, "") ?? heading?.textContent ?? ""
    const chooser = select.nextElementSibling
    for (const part of chooser?.querySelectorAll(".select2-search__field, .select2-selection--single, [role=textbox]") ?? []) {
      part.setAttribute("aria-label", name.trim())
    }
    chooser?.querySelector("ul.select2-selection__rendered")?.setAttribute("role", "presentation")
  }
}

// Only one step at a time is open, and it closes with Escape.
function tendSteps(bar) {
  const measure = () => document.documentElement.style.setProperty("--bar-height", `${bar.offsetHeight}px`)
  new ResizeObserver(measure).observe(bar) // the tools and the panel stick below it
  const steps = () => bar.querySelectorAll("details")
  bar.addEventListener("toggle", (event) => {
    if (!event.target.open) return
    for (const other of steps()) if (other !== event.target) other.open = false
    event.target.querySelector("input, textarea")?.focus()
  }, true)
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") for (const one of steps()) one.open = false
  })
}

// The parts of the form: beside the text where there is room, one at a time where there is not.
function tendParts(nav) {
  const links = [...nav.querySelectorAll("a")]
  const groups = () => links.map((link) => document.querySelector(link.hash)).filter(Boolean)
  const isNarrow = () => matchMedia("(max-width: 1024px)").matches
  const open = (group, { scrolls = true } = {}) => {
    form.dataset.part = group.id.replace("panel-", "")
    for (const link of links) {
      if (link.hash === `#${group.id}`) link.setAttribute("aria-current", "true")
      else link.removeAttribute("aria-current")
    }
    if (!scrolls) return
    if (isNarrow()) window.scrollTo({ top: 0 })
    else group.scrollIntoView({ block: group.id === "panel-text" ? "nearest" : "start" })
  }
  const show = (target, { focuses = true } = {}) => {
    const group = groups().find((one) => one.contains(target))
    if (!group) return
    open(group, { scrolls: group === target })
    if (group === target) {
      if (focuses && group.id === "panel-text") (group.querySelector(".ProseMirror") ?? group.querySelector("textarea")).focus({ preventScroll: true })
      else if (focuses) group.focus({ preventScroll: true })
      return
    }
    const place = target.id === "id_source" ? group.querySelector(".ProseMirror") ?? target : target
    const field = place.matches("input:not([type=hidden]), select, textarea, [contenteditable]") ? place : place.querySelector("input:not([type=hidden]), select, textarea, button, [tabindex]")
    place.scrollIntoView({ block: "center" })
    field?.focus({ preventScroll: true })
  }
  for (const group of groups()) if (group.id !== "panel-text") group.tabIndex = -1
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']")
    const target = link && link.hash.length > 1 && document.querySelector(`#${CSS.escape(decodeURIComponent(link.hash.slice(1)))}`)
    if (!target || !form.contains(target)) return
    event.preventDefault()
    show(target, { focuses: !nav.contains(link) || !isNarrow() })
  })
  document.addEventListener("keydown", (event) => {
    const group = event.ctrlKey && event.altKey && groups()[Number(event.code.replace("Digit", "")) - 1]
    if (!group) return
    event.preventDefault()
    show(group)
  })
  const wrong = form.querySelector(".errorlist:not(.nonfield)")
  const first = (wrong && groups().find((one) => one.contains(wrong))) || (location.hash && groups().find((one) => `#${one.id}` === location.hash))
  open(first || groups()[0], { scrolls: Boolean(first) && !isNarrow() })
  const anchored = location.hash.length > 1 && document.getElementById(location.hash.slice(1))
  if (anchored) show(anchored, { focuses: false })
}

const KEYS = [
  ["Ctrl+S", "Save, and go on writing"],
  ["Ctrl+Alt+V", "Preview what is typed, in a new window"],
  ["Ctrl+Alt+1", "Go to the text"],
  ["Ctrl+Alt+2 … 5", "Go to About, Sharing, Checks, Notes"],
  ["Ctrl+B, Ctrl+I", "Bold, italic"],
  ["Ctrl+K", "Link"],
  ["Ctrl+Alt+F", "Footnote"],
  ["Ctrl+Alt+Q", "Pull quote"],
  ["Ctrl+Alt+P", "Paywall line"],
  ["Ctrl+Z, Ctrl+Shift+Z", "Undo, redo"],
  ["Escape", "Close what is open"],
  ["?", "These keys, outside the text"],
]

function tendKeys() {
  const list = () => {
    const rows = KEYS.flatMap(([keys, words]) => [make("dt", {}, ...keys.split(/(, | … )/).map((one) => (/^(, | … )$/.test(one) ? one : make("kbd", {}, one)))), make("dd", {}, words)])
    const dialog = openDialog("Keys", make("dl", { class: "desk-keys" }, ...rows), make("div", { class: "desk-dialog-buttons" }, make("button", { type: "button", onclick: () => dialog.close() }, "Close")))
  }
  for (const button of document.querySelectorAll("[data-shortcuts]")) button.hidden = false
  form.addEventListener("kj:saved", () => document.querySelector("[data-shortcuts]")?.removeAttribute("hidden"))
  document.addEventListener("click", (event) => event.target.closest?.("[data-shortcuts]") && list())
  document.addEventListener("keydown", (event) => {
    const types = event.target.closest?.("input, textarea, select, [contenteditable=true], dialog")
    if (event.key === "?" && !types) list()
    if (event.ctrlKey && event.altKey && event.code === "KeyV") {
      event.preventDefault()
      form.querySelector("button[name=_trial]")?.click()
    }
  })
}

// A headline and a standfirst are one line each, however long.
function keepOnOneLine() {
  for (const field of form.querySelectorAll("#id_headline, #id_standfirst")) {
    field.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault())
  }
}

for (const picker of document.querySelectorAll("[data-photo-picker]")) offerPhotos(picker)
if (form) {
  watchLength()
  keepOnOneLine()
  for (const id of ["bylines-group", "chosen_related-group"]) {
    const group = document.getElementById(id)
    if (group) orderRows(group)
  }
  const parts = form.querySelector(".panel-nav")
  if (parts) tendParts(parts)
  tendKeys()
  const panel = form.querySelector(".article-panel")
  nameChoosers(panel)
  new MutationObserver(() => nameChoosers(panel)).observe(panel, { childList: true, subtree: true }) // Django makes them later
  const bar = form.querySelector(".desk-bar")
  if (bar) tendSteps(bar)
}
