// A chart: its figures are kept in the source, and the server draws them, here as for readers.

import { Node } from "django-prose-editor/editor"
import { make, openDialog } from "kjreport/dialog"
import { changeBlock, kept, placeBlock, removeBlock } from "kjreport/editor-blocks"

const KINDS = [
  ["column", "Columns: a few moments or things beside each other"],
  ["bar", "Bars: things with long names, by size"],
  ["line", "Lines: change over time"],
]

export const Chart = Node.create({
  name: "chart",
  group: "furniture",
  atom: true,
  draggable: true,

  addOptions: () => ({ draws: "" }),
  addStorage() {
    return { draws: this.options.draws }
  },
  addAttributes: () => ({ data: { ...kept("data-chart", "{}"), renderHTML: ({ data }) => ({ "data-chart": data }) } }),
  parseHTML: () => [{ tag: "figure[data-chart]" }],
  renderHTML: ({ HTMLAttributes }) => ["figure", HTMLAttributes],
  addNodeView() {
    const { draws } = this.options
    return ({ node, editor, getPos }) => {
      const drawing = make("div", { class: "chart-drawing" })
      const dom = make(
        "div",
        { class: "chart-in-text", role: "group", "aria-label": "Chart" },
        drawing,
        make(
          "div",
          { class: "block-tools" },
          make("button", { type: "button", onclick: () => editChart(editor, getPos()) }, "Edit chart"),
          make("button", { type: "button", onclick: () => removeBlock(editor, getPos()) }, "Remove"),
        ),
      )
      show(drawing, draws, node.attrs.data)
      return {
        dom,
        stopEvent: (event) => Boolean(event.target.closest?.("button, summary")),
        ignoreMutation: () => true,
        update: (next) => next.type === node.type && (show(drawing, draws, next.attrs.data), true),
      }
    }
  },
})

const drawn = new Map()

// Resolves to {html} or {refusal}.
async function draw(address, data) {
  if (drawn.has(data)) return drawn.get(data)
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? ""
  try {
    const response = await fetch(address, {
      method: "POST",
      body: new URLSearchParams({ chart: data }),
      headers: { "X-CSRFToken": token, Accept: "application/json" },
    })
    if (!response.ok) throw new Error(response.statusText)
    const answer = await response.json()
    drawn.set(data, answer)
    return answer
  } catch {
    return { refusal: "The chart could not be drawn just now. Its figures are kept; check the connection." }
  }
}

async function show(place, address, data) {
  place.dataset.asked = data
  const { html, refusal } = await draw(address, data)
  if (place.dataset.asked !== data) return // changed meanwhile
  if (html) place.innerHTML = html // the server's own, made of escaped words
  else place.replaceChildren(make("p", { class: "block-refused" }, refusal))
}

export async function addChart(editor, rows = []) {
  const data = await ask(editor, { kind: "column", rows })
  if (data) placeBlock(editor, { type: "chart", attrs: { data } })
  else editor.commands.focus()
}

async function editChart(editor, position) {
  const data = await ask(editor, read(editor.state.doc.nodeAt(position).attrs.data))
  if (data) changeBlock(editor, position, { data })
  else editor.commands.focus()
}

function read(data) {
  try {
    return JSON.parse(data)
  } catch {
    return {}
  }
}

// Resolves to the chart as it is kept, or null.
function ask(editor, { kind = "column", title = "", unit = "", source = "", rows = [] }) {
  return new Promise((resolve) => {
    let answer = null
    const field = (name, label, help, control) => make("p", {}, make("label", { for: `chart-${name}` }, label), control, ...(help ? [make("small", {}, help)] : []))
    const input = (name, value, attributes = {}) => {
      const one = make("input", { id: `chart-${name}`, maxlength: 200, ...attributes })
      one.value = value
      return one
    }
    const kinds = make("select", { id: "chart-kind" }, ...KINDS.map(([value, label]) => make("option", { value, selected: value === kind }, label)))
    const titled = input("title", title, { required: true })
    const measured = input("unit", unit)
    const sourced = input("source", source, { required: true })
    const figures = make("textarea", { id: "chart-figures", rows: 7, required: true, spellcheck: "false", placeholder: "Year\tRevenue\n2023\t10.2\n2024\t4.0" })
    figures.value = rows.map((line) => line.join("\t")).join("\n")
    const preview = make("div", { class: "chart-preview", "aria-live": "polite" })
    const now = () => JSON.stringify({ kind: kinds.value, title: titled.value.trim(), unit: measured.value.trim(), source: sourced.value.trim(), rows: readFigures(figures.value) })
    let waiting
    const refresh = () => {
      clearTimeout(waiting)
      waiting = setTimeout(() => (figures.value.trim() ? show(preview, editor.storage.chart.draws, now()) : preview.replaceChildren()), 250)
    }
    const form = make(
      "form",
      {
        oninput: refresh,
        onsubmit: async (event) => {
          event.preventDefault()
          const data = now()
          const { refusal } = await draw(editor.storage.chart.draws, data)
          if (refusal) return preview.replaceChildren(make("p", { class: "block-refused", role: "alert" }, refusal))
          answer = data
          dialog.close()
        },
      },
      field("figures", "Figures", "Copy the cells in your spreadsheet and paste them here: names in the first column, figures beside them.", figures),
      field("kind", "Kind", "", kinds),
      field("title", "Title", "What the figures show, in a few words.", titled),
      field("unit", "Unit", "For instance %, $ bn, million tonnes. A sign of money or % is put beside the figures.", measured),
      field("source", "Source", "Whose figures these are.", sourced),
      preview,
      make("div", { class: "desk-dialog-buttons" }, make("button", { type: "submit", class: "primary" }, "Use this chart"), make("button", { type: "button", onclick: () => dialog.close() }, "Cancel")),
    )
    const dialog = openDialog("Chart", form)
    dialog.classList.add("chart-dialog")
    dialog.addEventListener("close", () => resolve(answer))
    figures.focus()
    refresh()
  })
}

// Cells of pasted figures: parted by tabs as spreadsheets do, or else by semicolons, or commas.
export function readFigures(text) {
  const lines = text.replaceAll("\r\n", "\n").replaceAll("\r", "\n").split("\n").filter((line) => line.trim())
  const mark = ["\t", ";", ","].find((one) => lines.some((line) => line.includes(one))) ?? "\t"
  return lines.map((line) => splitLine(line, mark).map((cell) => cell.replaceAll("\u00a0", " ").trim()))
}

function splitLine(line, mark) {
  const cells = [""]
  let isQuoted = false
  for (let place = 0; place < line.length; place++) {
    const letter = line[place]
    const last = cells.length - 1
    if (letter === '"' && (isQuoted || !cells[last].trim())) {
      if (isQuoted && line[place + 1] === '"') cells[last] += line[++place]
      else isQuoted = !isQuoted
    } else if (letter === mark && !isQuoted) cells.push("")
    else cells[last] += letter
  }
  return cells
}
