// Failures told to the person: red toasts, or lines in the open modal while there is one.

import { Unreachable } from "./api.js";
import { icon } from "./icons.js";
import { changed, onState, store } from "./store.js";
import { h } from "./vdom.js";
import { t } from "./words.js";

const STAY = 12_000; // ms that a toast stays
const SAME = 3_000; // ms within which the same sentence is one failure
const shown = []; // {id, text, since}
const known = new Map(); // user -> ids of notices already told
let count = 0;

/** Tell a failure. */
export function toast(text) {
  const since = performance.now();
  if (shown.some((one) => one.text === text && since - one.since < SAME)) return;
  const one = { id: `toast-${(count += 1)}`, text, since };
  shown.push(one);
  setTimeout(() => dismiss(one), STAY);
  changed();
}

/** What a call of the control API answers; {} and a toast if the server is out of reach. */
export async function tried(call) {
  try {
    return await call();
  } catch (why) {
    if (!(why instanceof Unreachable)) throw why;
    toast(t("The workspace's server does not answer."));
    return {};
  }
}

// The server's notices: those from before the page was opened are old news.
onState((state) => {
  const isFirst = !known.has(state.me.id);
  const told = known.get(state.me.id) ?? new Set();
  for (const notice of state.notices) {
    if (!told.has(notice.id) && !isFirst) toast(notice.text);
    told.add(notice.id);
  }
  known.set(state.me.id, told);
});

function dismiss(one) {
  const at = shown.indexOf(one);
  if (at < 0) return;
  shown.splice(at, 1);
  changed();
}

const line = (one) =>
  h(
    "div",
    { key: one.id, class: "toast", role: "alert" },
    icon("warning"),
    h("span", null, one.text),
    h(
      "button",
      { type: "button", class: "icon-button", "aria-label": t("Dismiss"), on: { click: () => dismiss(one) } },
      icon("close"),
    ),
  );

/** In a modal, where room is scarce: the last two. */
export const noticeLines = () =>
  shown.length > 0 && h("div", { class: "modal-notices" }, shown.slice(-2).map(line));

/** On the page. */
export const toasts = () =>
  h(
    "div",
    { class: "toasts", key: "toasts", "aria-live": "assertive" },
    !store.state.views.length && shown.map(line),
  );
