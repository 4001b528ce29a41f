// The list of slash commands above a composer while somebody types one.

import { avatar } from "./names.js";
import { botId, store } from "./store.js";
import { h } from "./vdom.js";

/** The commands that a draft may become; with the command typed in full, that one for its usage. */
export function matching(draft) {
  if (!/^\/[^\n]*$/.test(draft)) return [];
  const [typed, ...rest] = draft.split(" ");
  const { commands } = store.state.app;
  if (rest.length) return commands.filter(({ command }) => command === typed);
  return commands.filter(({ command }) => command.startsWith(typed));
}

/** Whether the command itself still has to be completed. */
export const isPartial = (draft, command) => !draft.includes(" ") && draft !== command.command;

/** The list; `pick(command)` completes it. */
export function commandList(id, found, active, pick) {
  return h(
    "div",
    { class: "commands", role: "listbox", id, key: "commands" },
    found.map((command, index) =>
      h(
        "div",
        {
          key: command.command,
          role: "option",
          id: `${id}-${index}`,
          class: index === active ? "option active" : "option",
          "aria-selected": String(index === active),
          on: { pointerdown: (event) => event.preventDefault(), click: () => pick(command) },
        },
        avatar(botId(), { small: true }),
        h(
          "span",
          { class: "command-words" },
          h(
            "span",
            null,
            h("strong", null, command.command),
            " ",
            h("span", { class: "usage" }, command.usage_hint),
          ),
          h("small", null, command.description),
        ),
      ),
    ),
  );
}
