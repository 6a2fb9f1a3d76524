// The publish page: London's moments in the clock of whoever reads them, where that is another. The page works without.

const here = Intl.DateTimeFormat().resolvedOptions().timeZone
const place = document.querySelector("[data-zone]")
const london = place?.dataset.zone ?? "Europe/London"
const told = { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" }

const tell = (moment) => `${moment.toLocaleString("en-GB", told)} for you (${here.replaceAll("_", " ")})`
const isElsewhere = (moment) => moment.toLocaleString("en-GB", told) !== moment.toLocaleString("en-GB", { ...told, timeZone: london })

// A wall clock's reading in a zone is found by asking what that zone's clock shows at a guess, twice for the nights clocks change.
function readInZone(typed) {
  const wanted = Date.parse(`${typed}Z`)
  if (Number.isNaN(wanted)) return null
  let guess = wanted
  for (let turn = 0; turn < 2; turn += 1) {
    const shown = new Date(guess).toLocaleString("sv-SE", { timeZone: london })
    guess += wanted - Date.parse(`${shown.replace(" ", "T")}Z`)
  }
  return new Date(guess)
}

for (const time of document.querySelectorAll("time[data-local]")) {
  const moment = new Date(time.dateTime)
  if (!isElsewhere(moment)) continue
  const note = document.createElement("span")
  note.className = "publish-local"
  note.textContent = ` ${tell(moment)}.`
  time.closest("p").append(note)
}

const field = document.querySelector("#moment")
if (field && place) {
  const say = () => {
    const moment = field.value ? readInZone(field.value) : null
    place.textContent = moment && isElsewhere(moment) ? `That is ${tell(moment)}.` : ""
  }
  field.addEventListener("input", say)
  say()
}
