// A button of the bar on top with a panel below it; one panel is open at a time.

import { icon } from "./icons.js";
import { go, store } from "./store.js";
import { h } from "./vdom.js";
import { t } from "./words.js";

const STAYS = "data-stays";
const isStaying = () => document.querySelector(`.bar-panel[${STAYS}]`) !== null;

// A press outside the panel closes it, unless it is one to look at meanwhile.
addEventListener("pointerdown", (event) => {
  if (store.ui.panel && !isStaying() && !event.target.closest(".panel-anchor")) go({ panel: "" });
});

let isCovered = false;
let waiting = "";

/** A dialog needs the room: to be called ahead of each drawing. What stays comes back after it. */
export function makeWay(covered) {
  if (covered === isCovered) return;
  isCovered = covered;
  if (covered) waiting = isStaying() ? store.ui.panel : "";
  store.ui.panel = covered ? "" : store.ui.panel || waiting;
}

/** `face` is what the button shows beside its icon; `content()` draws the panel while it is open.
 *  One that `stays` is closed by hand only. */
export function panelButton(name, { label, image, face, content, stays = false }) {
  const isOpen = store.ui.panel === name;
  return h(
    "span",
    { class: "panel-anchor", key: name },
    h(
      "button",
      {
        type: "button",
        class: isOpen ? "bar-button pressed" : "bar-button",
        "aria-expanded": String(isOpen),
        "aria-label": label,
        on: { click: () => go({ panel: isOpen ? "" : name }) },
      },
      icon(image),
      face,
    ),
    isOpen && panel(label, content(), stays),
  );
}

function panel(title, content, stays) {
  const close = () => go({ panel: "" });
  const leave = (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    event.currentTarget.parentElement.querySelector("button").focus();
    close();
  };
  return h(
    "section",
    { class: "bar-panel", "aria-label": title, [STAYS]: stays, on: { keydown: leave } },
    h(
      "header",
      { class: "pane-header" },
      h("h2", null, title),
      h(
        "button",
        { type: "button", class: "icon-button", "aria-label": t("Close"), on: { click: close } },
        icon("close"),
      ),
    ),
    content,
  );
}
