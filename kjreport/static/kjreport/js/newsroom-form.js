// The article form: words counted as one writes, bylines and related posts in order, the hero picture, nothing left unsaved by mistake.

import { make } from "kjreport/dialog"
import { choosePhoto } from "kjreport/photo-library"

const form = document.querySelector("#article_form")

function countWords(html) {
  const template = document.createElement("template")
  template.innerHTML = html
  let words = 0
  let free = null
  for (const node of template.content.children) {
    if (node.matches("hr[data-paywall-line]")) free = words
    else if (!node.matches("aside, figure, hr")) words += (node.textContent.match(/\S+/g) ?? []).length
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
  source.addEventListener("input", () => tellLength(source, place))
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
    form.dispatchEvent(new Event("input"))
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
  new ResizeObserver(() => form.style.setProperty("--bar-height", `${bar.offsetHeight}px`)).observe(bar) // the tools stick below it
  const steps = [...bar.querySelectorAll("details")]
  bar.addEventListener("toggle", (event) => {
    if (!event.target.open) return
    for (const other of steps) if (other !== event.target) other.open = false
    event.target.querySelector("input, textarea")?.focus()
  }, true)
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") for (const one of steps) one.open = false
  })
}

function guardAgainstLoss() {
  let isDirty = document.querySelector(".desk-bar")?.dataset.unsaved === "true"
  let isSending = false
  const touch = (event) => {
    if (!event.target.closest?.(".desk-bar")) isDirty = true
  }
  form.addEventListener("input", touch)
  form.addEventListener("change", touch)
  form.addEventListener("submit", (event) => {
    if (isSending) event.preventDefault()
    isSending = true
  })
  window.addEventListener("pageshow", () => (isSending = false))
  window.addEventListener("beforeunload", (event) => {
    if (isDirty && !isSending) event.preventDefault()
  })
  document.addEventListener("keydown", (event) => {
    if (event.key === "s" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault()
      form.querySelector("button[name=_continue]")?.click()
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
  const panel = form.querySelector(".article-panel")
  nameChoosers(panel)
  new MutationObserver(() => nameChoosers(panel)).observe(panel, { childList: true, subtree: true }) // Django makes them later
  const bar = form.querySelector(".desk-bar")
  if (bar) tendSteps(bar)
  guardAgainstLoss()
}
