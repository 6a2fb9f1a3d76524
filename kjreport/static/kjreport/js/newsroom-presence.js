// Tells colleagues that this window is open, and its writer what colleagues do meanwhile.

import { make } from "kjreport/dialog"
import { note, signedOut } from "kjreport/newsroom-keep"

const EVERY = 15_000
const keeper = document.querySelector("#keeper")
const form = document.querySelector("#article_form")

function findWindow() {
  try {
    return (sessionStorage.kjWindow ??= crypto.randomUUID())
  } catch {
    return crypto.randomUUID()
  }
}

function fields(more = {}) {
  const body = new FormData()
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value
  for (const [name, value] of Object.entries({ window: own, csrfmiddlewaretoken: token, ...more })) body.append(name, value)
  return body
}

const own = findWindow()
let told = ""

async function beat() {
  const answer = await fetch(keeper.dataset.presence, {
    method: "POST", body: fields(), redirect: "manual", headers: { Accept: "application/json" },
  }).catch(() => null)
  if (answer?.type === "opaqueredirect") signedOut()
  if (answer?.ok) show(await answer.json())
}

function show({ colleagues, revision, saved_by: who, saved_at: at, standing, event }) {
  const place = keeper.querySelector("[data-colleagues]")
  place.textContent = colleagues.map((one) => `${one.name} has been editing this since ${one.since}.`).join(" ")
  place.hidden = !colleagues.length
  const chip = document.querySelector("[data-chip]")
  if (chip) {
    chip.textContent = standing.label
    chip.className = `chip chip--${standing.tone}`
  }
  const said = []
  const began = Number(form.querySelector("[name=revision]").value)
  if (revision > began) said.push(`${who || "A colleague"} saved this article at ${at}. When you save, you will see both texts.`)
  const seen = Number(form.querySelector("[name=seen_event]").value)
  if (event && event.number > seen && String(event.by) !== keeper.dataset.person) said.push(event.says)
  const words = said.join(" ")
  if (words === told) return
  told = words
  if (words) note(words, make("a", { href: location.pathname, target: "_blank" }, "See it in a new window"))
}

if (form && keeper?.dataset.presence) {
  beat()
  setInterval(beat, EVERY)
  form.addEventListener("kj:saved", () => (told = ""))
  window.addEventListener("pageshow", (event) => event.persisted && beat())
  window.addEventListener("pagehide", () => navigator.sendBeacon(keeper.dataset.presence, fields({ leaving: 1 })))
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && beat())
}
