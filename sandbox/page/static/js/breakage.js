// The panel "Break something": switches that come with the state, and faults of the Web API.

import { addFault, clearFaults, control, Unreachable } from "./api.js";
import { icon } from "./icons.js";
import { refresh } from "./live.js";
import { changed, go, store } from "./store.js";
import { toast } from "./toasts.js";
import { h } from "./vdom.js";
import { said, t, tn } from "./words.js";

// A press outside the panel closes it.
addEventListener("pointerdown", (event) => {
  if (store.ui.breaking && !event.target.closest(".panel-anchor")) go({ breaking: false });
});

const busy = new Set();
const answers = new Map(); // control id -> what it said

export function breakage() {
  const close = () => go({ breaking: false });
  const leave = (event) => event.key === "Escape" && (event.stopPropagation(), close());
  return h(
    "section",
    { class: "break-panel", "aria-label": t("Break something"), on: { keydown: leave } },
    h(
      "header",
      { class: "pane-header" },
      h("h2", null, t("Break something")),
      h(
        "button",
        { type: "button", class: "icon-button", "aria-label": t("Close"), on: { click: close } },
        icon("close"),
      ),
    ),
    h("ul", { class: "controls" }, store.state.controls.map(row)),
    oneFault(),
  );
}

function row(one) {
  const id = `control-${one.id}`;
  const props = {
    type: "button",
    "data-control": one.id,
    "aria-describedby": `${id}-hint`,
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
            "aria-labelledby": id,
            on: { click: () => use(one, !one.on) },
          },
          h("span", { class: "knob" }),
        )
      : h(
          "button",
          {
            ...props,
            class: "button small-button danger",
            "aria-labelledby": id,
            on: { click: () => use(one, true) },
          },
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

async function tried(call) {
  try {
    return await call();
  } catch (why) {
    if (!(why instanceof Unreachable)) throw why;
    toast(t("The workspace's server does not answer."));
    return {};
  }
}

// --- one fault of one's own ------------------------------------------------------------------------

const KINDS = () => [
  ["429", t("refused: too many requests")],
  ["500", t("server error")],
  ["slow", t("slow answer")],
  ["refuse", t("connection refused")],
  ["cut_after_accept", t("done, but the line is cut")],
  ["silent_after_accept", t("done, but no answer")],
];

function oneFault() {
  const methods = ["*", "chat.postMessage", "chat.update", "views.open", "views.update", "users.info"];
  const count = Object.keys(store.state.faults ?? {}).length;
  return h(
    "form",
    { class: "fault-form", on: { submit: breakNext } },
    h("h3", null, t("Break the next call")),
    h(
      "label",
      null,
      t("Method"),
      h(
        "select",
        { name: "method" },
        methods.map((method) => h("option", { value: method }, method === "*" ? t("any") : method)),
      ),
    ),
    h(
      "label",
      null,
      t("Failure"),
      h(
        "select",
        { name: "kind" },
        KINDS().map(([kind, label]) => h("option", { value: kind }, label)),
      ),
    ),
    h("button", { type: "submit", class: "button small-button" }, t("Arm")),
    count > 0 &&
      h(
        "p",
        { class: "armed" },
        tn("{count} fault is armed.", "{count} faults are armed.", count),
        " ",
        h("button", { type: "button", class: "link", on: { click: disarm } }, t("Disarm all")),
      ),
  );
}

async function breakNext(event) {
  event.preventDefault();
  const { method, kind } = Object.fromEntries(new FormData(event.target));
  await tried(() => addFault({ method, kind, times: 1 }));
  await refresh();
}

async function disarm() {
  await tried(clearFaults);
  for (const one of store.state.controls.filter(({ on, kind }) => on && kind === "toggle"))
    await tried(() => control(one.id, false));
  await refresh();
}
