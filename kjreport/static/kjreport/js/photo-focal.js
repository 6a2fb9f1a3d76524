// The focal point is set on the picture, by a click or with the arrow keys; beside it stands what crops will show.
// Places are written through the CSSOM, which the content policy allows; the two numbers in the form remain the truth.

const CROPS = [
  ["Card", 3 / 2],
  ["Square", 1],
  ["Social", 1200 / 630],
]

const stage = document.querySelector("[data-focal]")
const fields = [document.querySelector("#id_focal_x"), document.querySelector("#id_focal_y")]
if (stage && fields.every(Boolean)) begin(stage.querySelector("img"))

function begin(picture) {
  const marker = document.createElement("button")
  marker.type = "button"
  marker.className = "focal-marker"
  stage.append(marker)
  stage.classList.add("focal--live")
  const crops = CROPS.map(([name, ratio]) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 240, height: Math.round(240 / ratio) })
    canvas.setAttribute("role", "img")
    canvas.setAttribute("aria-label", `${name} crop`)
    const figure = document.createElement("figure")
    figure.append(canvas, Object.assign(document.createElement("figcaption"), { textContent: name }))
    return { canvas, ratio, figure }
  })
  const strip = Object.assign(document.createElement("div"), { className: "focal-crops" })
  strip.append(...crops.map(({ figure }) => figure))
  stage.after(strip)

  const read = () => fields.map((field) => Math.min(100, Math.max(0, Math.round(Number(field.value) || 0))))

  function draw() {
    const [x, y] = read()
    marker.style.setProperty("left", `${x}%`)
    marker.style.setProperty("top", `${y}%`)
    marker.setAttribute("aria-label", `Focal point: ${x} per cent from the left, ${y} from the top. Move it with the arrow keys.`)
    if (!picture.naturalWidth) return
    for (const { canvas, ratio } of crops) {
      const [wide, high] = [picture.naturalWidth, picture.naturalHeight]
      const width = Math.min(wide, high * ratio)
      const height = Math.min(high, wide / ratio)
      const left = Math.min(wide - width, Math.max(0, (wide * x) / 100 - width / 2))
      const top = Math.min(high - height, Math.max(0, (high * y) / 100 - height / 2))
      canvas.getContext("2d").drawImage(picture, left, top, width, height, 0, 0, canvas.width, canvas.height)
    }
  }

  function put(x, y) {
    fields[0].value = Math.min(100, Math.max(0, Math.round(x)))
    fields[1].value = Math.min(100, Math.max(0, Math.round(y)))
    for (const field of fields) field.dispatchEvent(new Event("change", { bubbles: true }))
    draw()
  }

  stage.addEventListener("click", (event) => {
    if (event.detail === 0) return // the marker pressed by keyboard
    const box = picture.getBoundingClientRect()
    put((100 * (event.clientX - box.left)) / box.width, (100 * (event.clientY - box.top)) / box.height)
    marker.focus()
  })
  marker.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key]
    if (!move) return
    event.preventDefault()
    const [x, y] = read()
    const step = event.shiftKey ? 10 : 1
    put(x + move[0] * step, y + move[1] * step)
  })
  for (const field of fields) field.addEventListener("input", draw)
  picture.addEventListener("load", draw)
  draw()
}
