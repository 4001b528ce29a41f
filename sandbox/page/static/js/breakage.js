// The panel "Break something": switches that come with the state, and faults of the Web API.

import { addFault, clearFaults, control } from "./api.js";
import { refresh } from "./live.js";
import { store } from "./store.js";
import { switches } from "./switches.js";
import { tried } from "./toasts.js";
import { h } from "./vdom.js";
import { t, tn } from "./words.js";

/** How many switches are on. */
export const broken = () => store.state.controls.filter((one) => one.on).length;

export const breakage = () => [switches(store.state.controls), oneFault()];

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
    { class: "panel-form fault-form", on: { submit: breakNext } },
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
