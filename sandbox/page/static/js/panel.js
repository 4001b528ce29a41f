// A button of the bar on top with a panel below it; one panel is open at a time.

import { icon } from "./icons.js";
import { go, store } from "./store.js";
import { h } from "./vdom.js";
import { t } from "./words.js";

// A press outside the panel closes it.
addEventListener("pointerdown", (event) => {
  if (store.ui.panel && !event.target.closest(".panel-anchor")) go({ panel: "" });
});

/** `face` is what the button shows beside its icon; `content()` draws the panel while it is open. */
export function panelButton(name, { label, image, face, content }) {
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
    isOpen && panel(label, content()),
  );
}

function panel(title, content) {
  const close = () => go({ panel: "" });
  const leave = (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    event.currentTarget.parentElement.querySelector("button").focus();
    close();
  };
  return h(
    "section",
    { class: "bar-panel", "aria-label": title, on: { keydown: leave } },
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
