// The pull quote: a line of the text worth repeating, set apart.

import { Node } from "django-prose-editor/editor"

export const PullQuote = Node.create({
  name: "pullQuote",
  group: "furniture",
  content: "paragraph+",
  defining: true,

  parseHTML: () => [{ tag: "aside[data-pull-quote]" }],
  renderHTML: () => ["aside", { "data-pull-quote": "" }, 0],

  addCommands() {
    return { togglePullQuote: () => ({ commands }) => commands.toggleWrap(this.name) }
  },
  addKeyboardShortcuts() {
    return { "Mod-Alt-q": () => this.editor.commands.togglePullQuote() }
  },
})
