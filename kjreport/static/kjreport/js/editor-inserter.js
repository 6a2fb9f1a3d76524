// The inserter: “/” in an empty paragraph, or the + beside it, offers the blocks; words narrow the list, Enter takes one.

import { Extension, Plugin, pm } from "django-prose-editor/editor"
import { make } from "kjreport/dialog"
import { INSERTS } from "kjreport/editor-tools"

const ASKS = /^\/([\p{L} ]{0,20})$/u

export const Inserter = Extension.create({
  name: "inserter",
  priority: 1000, // before Enter and the arrows mean something else
  addProseMirrorPlugins() {
    const { editor } = this
    let menu = null
    return [
      new Plugin({
        view: () => (menu = new Menu(editor)),
        props: { handleKeyDown: (_view, event) => menu?.press(event) ?? false },
      }),
    ]
  },
})

class Menu {
  constructor(editor) {
    this.editor = editor
    this.isDismissed = false
    this.isCalled = false
    this.items = []
    this.active = 0
    this.list = make("ul", { class: "inserter-list", id: "inserter-list", role: "listbox", "aria-label": "Blocks", hidden: true })
    this.plus = make("button", { type: "button", class: "inserter-plus", hidden: true, "aria-label": "Insert a block", title: "Insert a block ( / )", tabindex: "-1" }, "+")
    this.plus.addEventListener("mousedown", (event) => event.preventDefault())
    this.plus.addEventListener("click", () => this.call())
    queueMicrotask(() => {
      editor.view.dom.parentElement?.append(this.plus, this.list)
      this.update(editor.view)
    })
  }

  // The paragraph the cursor is in, if it is one of the outermost and holds nothing, or a question.
  find() {
    const { $from, empty } = this.editor.state.selection
    if (!empty || $from.depth !== 1 || $from.parent.type.name !== "paragraph") return null
    const text = $from.parent.textContent
    if (!text) return { query: null }
    const asked = ASKS.exec(text)
    return asked && $from.parentOffset === text.length ? { query: asked[1].trim().toLowerCase() } : null
  }

  update(view, before) {
    if (before && before.doc.eq(view.state.doc) && before.selection.eq(view.state.selection)) return
    const found = view.editable ? this.find() : null
    this.plus.hidden = found?.query !== null || !found
    if (!found || (found.query === null && !this.isCalled)) {
      this.isDismissed = false
      this.isCalled = false
      this.close()
    } else if (!this.isDismissed) this.open(found.query ?? "")
    this.place(view)
  }

  call() {
    this.isCalled = true
    this.isDismissed = false
    this.editor.commands.focus()
    this.open("")
    this.place(this.editor.view)
  }

  open(query) {
    this.items = INSERTS.filter(({ label, hint, insert = "" }) => !query || `${insert} ${label} ${hint}`.toLowerCase().split(/[^\p{L}]+/u).some((word) => word.startsWith(query)) || label.toLowerCase().startsWith(query))
    if (!this.items.length) return this.close()
    this.list.replaceChildren(
      ...this.items.map((item, place) =>
        make("li", { id: `insert-${place}`, role: "option", onmousedown: (event) => (event.preventDefault(), this.take(item)) }, make("strong", {}, item.insert ?? item.label), make("span", {}, item.hint)),
      ),
    )
    this.list.hidden = false
    const { dom } = this.editor.view
    dom.setAttribute("aria-controls", "inserter-list")
    this.point(0)
  }

  point(place) {
    this.active = (place + this.items.length) % this.items.length
    for (const [number, one] of [...this.list.children].entries()) one.setAttribute("aria-selected", String(number === this.active))
    this.list.children[this.active].scrollIntoView({ block: "nearest" })
    this.editor.view.dom.setAttribute("aria-activedescendant", `insert-${this.active}`)
  }

  close() {
    this.list.hidden = true
    for (const name of ["aria-controls", "aria-activedescendant"]) this.editor.view.dom.removeAttribute(name)
  }

  place(view) {
    if (this.plus.hidden && this.list.hidden) return
    const around = view.dom.parentElement.getBoundingClientRect()
    const { top, bottom, left } = view.coordsAtPos(view.state.selection.from)
    this.plus.style.top = `${top - around.top + (bottom - top) / 2}px`
    const { offsetHeight: height } = this.list
    const isLow = bottom + height + 70 > window.innerHeight && top > height + 150 // above the line, where it finds room
    this.list.style.top = `${(isLow ? top - height - 6 : bottom + 6) - around.top}px`
    this.list.style.left = `${Math.max(0, Math.min(left - around.left, around.width - this.list.offsetWidth))}px`
  }

  press(event) {
    if (this.list.hidden) return false
    if (event.key === "ArrowDown") this.point(this.active + 1)
    else if (event.key === "ArrowUp") this.point(this.active - 1)
    else if (event.key === "Enter" || event.key === "Tab") this.take(this.items[this.active])
    else if (event.key === "Escape") {
      this.isDismissed = true
      this.close()
    } else return false
    event.preventDefault()
    return true
  }

  take(item) {
    this.isCalled = false
    this.close()
    const { $from } = this.editor.state.selection
    const { view } = this.editor
    if ($from.parent.content.size) view.dispatch(pm.history.closeHistory(view.state.tr).delete($from.start(), $from.end()))
    item.does(this.editor)
  }
}
