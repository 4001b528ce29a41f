// The drawer that shows each payload between the workspace and the bot, with a search.

import { getPayloads, Unreachable } from "./api.js";
import { icon } from "./icons.js";
import { changed, go, store } from "./store.js";
import { fullTime, timeOfDay } from "./time.js";
import { h } from "./vdom.js";
import { t } from "./words.js";

const KEPT = 500;
const LOOK_EVERY = 1000; // ms, while the drawer is open
let entries = [];
let chosen = null; // number of the entry that is shown
let sought = "";
let timer = null;

/** Look for new entries while the drawer is open; to be called after each drawing. */
export function watchPayloads() {
  if (store.ui.inspecting && timer === null) look();
  if (!store.ui.inspecting && timer !== null) {
    clearTimeout(timer);
    timer = null;
  }
}

async function look() {
  timer = setTimeout(look, LOOK_EVERY);
  try {
    const found = await getPayloads(entries.at(-1)?.n ?? 0);
    const known = entries.at(-1)?.n ?? 0;
    const news = found.filter((entry) => entry.n > known);
    if (!news.length) return;
    entries = [...entries, ...news].slice(-KEPT);
    changed();
  } catch (why) {
    if (!(why instanceof Unreachable)) throw why; // unreachable: the bar on top says so already
  }
}

export function inspector() {
  const words = sought.trim().toLowerCase();
  const shown = entries
    .filter((entry) => !words || JSON.stringify(entry).toLowerCase().includes(words))
    .reverse();
  const entry = entries.find(({ n }) => n === chosen);
  const close = () => go({ inspecting: false });
  const leave = (event) =>
    event.key === "Escape" && (event.stopPropagation(), entry && innerWidth < 700 ? pick(null) : close());
  return h(
    "section",
    {
      class: entry ? "inspector has-entry" : "inspector",
      key: "inspector",
      "aria-label": t("Inspector"),
      on: { keydown: leave },
    },
    h(
      "header",
      { class: "pane-header" },
      h("h2", null, t("Inspector")),
      h("input", {
        type: "search",
        class: "text-field",
        "aria-label": t("Search the payloads"),
        placeholder: t("Search the payloads"),
        value: sought,
        on: { input: search },
      }),
      h(
        "span",
        { class: "legend" },
        h("span", { class: "way in" }, t("to the bot")),
        h("span", { class: "way out" }, t("from the bot")),
      ),
      h(
        "button",
        { type: "button", class: "icon-button", "aria-label": t("Close"), on: { click: close } },
        icon("close"),
      ),
    ),
    h(
      "div",
      { class: "inspector-panes" },
      h(
        "ul",
        { class: "entries", "aria-label": t("Payloads, newest first") },
        shown.length ? shown.map(row) : h("li", { class: "empty" }, t("Nothing yet.")),
      ),
      h(
        "div",
        { class: "payload", tabindex: "0", role: "group", "aria-label": t("Payload") },
        entry ? details(entry) : h("p", { class: "empty" }, t("Choose a line to read its JSON.")),
      ),
    ),
  );
}

function search(event) {
  sought = event.target.value;
  changed();
}

function pick(n) {
  chosen = n;
  changed();
}

const isBad = (entry) => entry.status === null || entry.status >= 400 || entry.response?.ok === false;

function row(entry) {
  const status = entry.status ?? t("no answer");
  const way = entry.direction === "in" ? t("to the bot") : t("from the bot");
  return h(
    "li",
    { key: String(entry.n) },
    h(
      "button",
      {
        type: "button",
        class: isBad(entry) ? "entry bad" : "entry",
        "aria-current": entry.n === chosen ? "true" : null,
        "data-entry": String(entry.n),
        on: { click: () => pick(entry.n) },
      },
      h("span", { class: `way ${entry.direction}`, role: "img", "aria-label": way }),
      h("span", { class: "entry-name" }, entry.method_or_type),
      h("span", { class: "entry-status" }, String(status)),
      h("span", { class: "entry-ms" }, `${Math.round(entry.ms)} ms`),
      h("time", { class: "entry-time" }, timeOfDay(Date.parse(entry.at))),
    ),
  );
}

function details(entry) {
  const part = (title, value) => [
    h("h3", null, title),
    h("pre", { class: "json" }, coloured(JSON.stringify(value ?? null, null, 2))),
  ];
  return [
    h(
      "button",
      { type: "button", class: "quiet-button narrow-only", on: { click: () => pick(null) } },
      icon("back"),
      t("Back"),
    ),
    h(
      "p",
      { class: "entry-meta" },
      [
        entry.kind,
        entry.method_or_type,
        entry.status ?? t("no answer"),
        `${Math.round(entry.ms * 10) / 10} ms`,
        fullTime(Date.parse(entry.at)),
      ].join(" · "),
    ),
    part(t("Request"), entry.request),
    part(t("Response"), entry.response),
  ];
}

// Keys, strings and other values in colours of their own.
function coloured(json) {
  return json.split(/("(?:[^"\\]|\\.)*"(?:\s*:)?)/).map((piece) => {
    if (!piece.startsWith('"')) return piece;
    return h("span", { class: piece.endsWith(":") ? "json-key" : "json-text" }, piece);
  });
}
