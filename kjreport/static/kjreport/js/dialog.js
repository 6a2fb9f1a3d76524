// A small dialog that asks for a few things and promises the answers. Native <dialog>: focus, Escape and backdrop come with it.

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value)
    else element.setAttribute(name, value === true ? "" : value)
  }
  element.append(...children)
  return element
}

export function openDialog(title, ...content) {
  const heading = make("h2", { id: `dialog-${crypto.randomUUID()}` }, title)
  const dialog = make("dialog", { class: "desk-dialog", "aria-labelledby": heading.id }, heading, ...content)
  dialog.addEventListener("close", () => dialog.remove())
  document.body.append(dialog)
  dialog.showModal()
  return dialog
}

// fields: [{name, label, help, value, kind: "text" | "long" | "url", required}]; `check` may answer with a sentence that says
// what is wrong with the values; `focus` names the field to begin in.
// Resolves to {action, values}; action is "save", the name of one of `others`, or null when it was closed.
export function ask({ title, fields, save = "Save", others = [], check = () => "", focus = null }) {
  return new Promise((resolve) => {
    let answer = { action: null, values: {} }
    const inputs = new Map()
    const rows = fields.map(({ name, label, help = "", value = "", kind = "text", required = false, maxlength = null }) => {
      const id = `ask-${name}`
      const attributes = { id, name, required, maxlength, "aria-describedby": help ? `${id}-help` : null }
      const input =
        kind === "long" ? make("textarea", { ...attributes, rows: 5 }) : make("input", { ...attributes, type: kind })
      input.value = value
      inputs.set(name, input)
      return make(
        "p",
        {},
        make("label", { for: id }, label),
        input,
        ...(help ? [make("small", { id: `${id}-help` }, help)] : []),
      )
    })
    const wrong = make("p", { class: "desk-dialog-wrong", role: "alert", hidden: true })
    const finish = (action) => {
      const values = Object.fromEntries([...inputs].map(([name, input]) => [name, input.value.trim()]))
      const sentence = action === "save" ? check(values) : ""
      wrong.hidden = !sentence
      wrong.textContent = sentence
      if (sentence) return
      answer = { action, values }
      dialog.close()
    }
    const form = make(
      "form",
      {
        onsubmit: (event) => {
          event.preventDefault()
          finish("save")
        },
      },
      ...rows,
      wrong,
      make(
        "div",
        { class: "desk-dialog-buttons" },
        make("button", { type: "submit", class: "primary" }, save),
        ...others.map(({ name, label }) => make("button", { type: "button", onclick: () => finish(name) }, label)),
        make("button", { type: "button", onclick: () => dialog.close() }, "Cancel"),
      ),
    )
    const dialog = openDialog(title, form)
    dialog.addEventListener("close", () => resolve(answer))
    const first = inputs.get(focus) ?? inputs.values().next().value
    first?.select()
    first?.focus()
  })
}
