// A photo of our library in the text. Only these show pictures: what is pasted from elsewhere has no place in the format.

import { Node, Plugin } from "django-prose-editor/editor"
import { ask, make } from "kjreport/dialog"
import { changeBlock, placeBlock, removeBlock } from "kjreport/editor-blocks"
import { choosePhoto, findPhoto } from "kjreport/photo-library"

export const Photo = Node.create({
  name: "photo",
  group: "furniture",
  atom: true,
  draggable: true,

  addOptions: () => ({ library: "" }),
  addAttributes: () => ({
    pk: {
      default: "",
      parseHTML: (element) => element.getAttribute("data-photo"),
      renderHTML: ({ pk }) => ({ "data-photo": pk }),
    },
    caption: {
      default: "",
      parseHTML: (element) => element.getAttribute("data-caption") ?? "",
      renderHTML: ({ caption }) => ({ "data-caption": caption }),
    },
  }),
  parseHTML: () => [{ tag: "figure[data-photo]" }],
  renderHTML: ({ HTMLAttributes }) => ["figure", HTMLAttributes],

  addStorage() {
    return { library: this.options.library }
  },

  // A picture copied or dragged here goes by way of the library, which asks what it shows and whose it is.
  addProseMirrorPlugins() {
    const { editor } = this
    const take = (data) => {
      const file = [...(data?.files ?? [])].find(({ type }) => /^image\/(jpeg|png|webp|avif)$/.test(type))
      if (!file || data.types.some((type) => type.startsWith("text/"))) return false
      addPhoto(editor, { file })
      return true
    }
    return [
      new Plugin({
        props: {
          handlePaste: (_view, event) => take(event.clipboardData),
          handleDrop: (view, event) => {
            const place = view.posAtCoords({ left: event.clientX, top: event.clientY })
            if (place && event.dataTransfer?.files.length) editor.commands.setTextSelection(place.pos)
            return take(event.dataTransfer)
          },
        },
      }),
    ]
  },

  addNodeView() {
    const { library } = this.options
    return ({ node, editor, getPos }) => {
      const figure = make("figure", { class: "photo-in-text" })
      show(figure, node, library, {
        caption: () => writeCaption(editor, getPos(), library),
        change: () => changePhoto(editor, getPos(), library),
        remove: () => removeBlock(editor, getPos()),
      })
      return { dom: figure, stopEvent: (event) => Boolean(event.target.closest?.("button")) }
    }
  },
})

async function show(figure, node, library, does) {
  const photo = await findPhoto(library, node.attrs.pk)
  if (!photo) {
    figure.replaceChildren(make("p", { class: "photo-missing" }, "This picture is no longer in the library."), tools(does))
    return
  }
  const caption = node.attrs.caption || photo.caption
  figure.replaceChildren(
    make("img", { src: photo.large, alt: photo.alt, draggable: "false" }),
    make("figcaption", {}, ...(caption ? [`${caption} `] : []), make("span", { class: "credit" }, photo.credit)),
    photo.alt ? make("p", { class: "photo-alt" }, `Described as: ${photo.alt}`) : make("p", { class: "photo-missing" }, "Nothing says what this picture shows. Describe it in the library before it is published."),
    tools(does),
  )
}

function tools({ caption, change, remove }) {
  return make(
    "div",
    { class: "photo-tools" },
    make("button", { type: "button", onclick: caption }, "Caption"),
    make("button", { type: "button", onclick: change }, "Change"),
    make("button", { type: "button", onclick: remove }, "Remove"),
  )
}

export async function addPhoto(editor, { file = null } = {}) {
  const photo = await choosePhoto(editor.storage.photo.library, { file })
  if (photo) placeBlock(editor, { type: "photo", attrs: { pk: String(photo.id), caption: "" } })
  else editor.commands.focus()
}

async function changePhoto(editor, position, library) {
  const photo = await choosePhoto(library)
  if (photo) changeBlock(editor, position, { pk: String(photo.id), caption: "" })
}

async function writeCaption(editor, position, library) {
  const { attrs } = editor.state.doc.nodeAt(position)
  const photo = await findPhoto(library, attrs.pk)
  const { action, values } = await ask({
    title: "Caption in this article",
    fields: [
      {
        name: "caption",
        label: "Caption",
        help: photo?.caption ? `Leave it empty for the picture's own: “${photo.caption}”` : "The picture has no caption of its own.",
        value: attrs.caption,
        kind: "long",
        maxlength: 400,
      },
    ],
  })
  if (action === "save") changeBlock(editor, position, { ...attrs, caption: values.caption.replaceAll(/\s+/g, " ") })
}
