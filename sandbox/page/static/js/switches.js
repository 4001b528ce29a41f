// Switches that come with the state: what a press of each does is told below its name.

import { control } from "./api.js";
import { refresh } from "./live.js";
import { changed } from "./store.js";
import { tried } from "./toasts.js";
import { h } from "./vdom.js";
import { said, t } from "./words.js";

const busy = new Set();
const answers = new Map(); // control id -> what it said

/** A list of controls; those of a kind may stand in two panels. */
export const switches = (controls) => h("ul", { class: "controls" }, controls.map(row));

function row(one) {
  const id = `control-${one.id}`;
  const props = {
    type: "button",
    "data-control": one.id,
    "aria-describedby": `${id}-hint`,
    "aria-labelledby": id,
    disabled: busy.has(one.id),
  };
  const face =
    one.kind === "toggle"
      ? h(
          "button",
          {
            ...props,
            class: "switch",
            role: "switch",
            "aria-checked": String(one.on),
            on: { click: () => use(one, !one.on) },
          },
          h("span", { class: "knob" }),
        )
      : h(
          "button",
          { ...props, class: "button small-button danger", on: { click: () => use(one, true) } },
          t("Do it"),
        );
  return h(
    "li",
    { key: one.id, class: "control" },
    h(
      "span",
      { class: "control-words" },
      h("strong", { id }, said(one.label)),
      h("small", { id: `${id}-hint` }, said(one.hint)),
      answers.get(one.id) && h("small", { class: "control-said", role: "status" }, answers.get(one.id)),
    ),
    face,
  );
}

async function use(one, on) {
  busy.add(one.id);
  changed();
  const answer = await tried(() => control(one.id, on));
  if (answer.text) answers.set(one.id, answer.text);
  else answers.delete(one.id);
  busy.delete(one.id);
  await refresh();
  changed();
}
