// The bar on top: the clock that can be moved, the language, what can be broken, the inspector.

import { advance } from "./api.js";
import { breakage, broken } from "./breakage.js";
import { burning, fleet } from "./fleet.js";
import { icon } from "./icons.js";
import { refresh } from "./live.js";
import { panelButton } from "./panel.js";
import { changed, go, now, store } from "./store.js";
import { dayAndTime, fullTime, offsetText } from "./time.js";
import { tried } from "./toasts.js";
import { h } from "./vdom.js";
import { language, languages, t } from "./words.js";

/** `speak(lang)` changes the language of the page. */
export function topbar(speak) {
  const { ui } = store;
  const flip = (name) => () => go({ [name]: !ui[name] });
  return h(
    "header",
    { class: "topbar", key: "topbar" },
    h(
      "button",
      {
        type: "button",
        class: "bar-button menu-button",
        "aria-label": t("Channels and people"),
        "aria-expanded": String(ui.menu),
        on: { click: flip("menu") },
      },
      icon("menu"),
    ),
    clock(),
    !store.isLive && h("span", { class: "offline", role: "status" }, t("Reconnecting…")),
    h("span", { class: "space" }),
    store.state.fleet &&
      panelButton("fleet", {
        label: t("GPU providers"),
        image: "gpu",
        face: [h("span", { class: "wide-only" }, t("GPUs")), burning()],
        content: fleet,
        stays: true,
      }),
    panelButton("breaking", {
      label: t("Break something"),
      image: "crack",
      face: [
        h("span", { class: "wide-only" }, t("Break something")),
        broken() > 0 && h("span", { class: "badge" }, String(broken())),
      ],
      content: breakage,
    }),
    h(
      "button",
      {
        type: "button",
        class: ui.inspecting ? "bar-button pressed" : "bar-button",
        "aria-pressed": String(ui.inspecting),
        "aria-label": t("Inspector"),
        on: { click: flip("inspecting") },
      },
      icon("inspect"),
      h("span", { class: "wide-only" }, t("Inspector")),
    ),
    h(
      "span",
      { class: "languages", role: "group", "aria-label": t("Language") },
      Object.entries(languages()).map(([tag, name]) =>
        h(
          "button",
          {
            type: "button",
            key: tag,
            class: tag === language() ? "bar-button pressed" : "bar-button",
            lang: tag,
            title: name,
            "aria-label": name,
            "aria-pressed": String(tag === language()),
            on: { click: () => speak(tag) },
          },
          SHORT[tag] ?? tag,
        ),
      ),
    ),
  );
}

const SHORT = { en: "EN", "zh-CN": "中文" };

const STEPS = () => [
  [600, t("+10 min")],
  [3600, t("+1 h")],
  [86_400, t("+1 day")],
  [604_800, t("+1 week")],
];

function clock() {
  const shift = offsetText(store.state.clock.offset_seconds);
  return h(
    "div",
    { class: "clock", role: "group", "aria-label": t("The workspace's clock") },
    icon("clock"),
    h("time", { class: "clock-time", title: fullTime(now()) }, dayAndTime(now())),
    shift && h("small", { class: "clock-shift", title: t("ahead of the real time") }, shift),
    h(
      "span",
      { class: "clock-steps" },
      STEPS().map(([seconds, label]) =>
        h(
          "button",
          {
            type: "button",
            key: String(seconds),
            class: "bar-button",
            disabled: isMoving,
            "data-advance": String(seconds),
            on: { click: () => move(seconds) },
          },
          label,
        ),
      ),
    ),
  );
}

let isMoving = false;

async function move(seconds) {
  isMoving = true;
  changed();
  await tried(() => advance(seconds));
  isMoving = false;
  await refresh();
  changed();
}
