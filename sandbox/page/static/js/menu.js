// A button with a menu: overflow menus, the menu of a message, "Act as", shortcuts.

import { close, floating, isOpen, open } from "./popup.js";
import { h } from "./vdom.js";

/** `items`: {label, hint?, lead?, isChecked?, isDanger?, run}; `face` is what the button shows.
 *  `props` go to the button. */
export function menuButton(key, { label, face, items, empty, align = "start", props = {} }) {
  const shown = isOpen(key);
  const toggle = () => (shown ? close() : open(key));
  return h(
    "span",
    { class: "menu-anchor", key, on: { keydown: (event) => keys(event, shown, key) } },
    h(
      "button",
      {
        type: "button",
        "aria-label": label,
        "aria-haspopup": "menu",
        "aria-expanded": String(shown),
        ...props,
        on: { click: toggle },
      },
      face,
    ),
    shown &&
      h(
        "div",
        {
          ...floating,
          class: "menu",
          role: "menu",
          "aria-label": label,
          "data-align": align,
          created: opened,
        },
        items.length ? items.map(item) : h("p", { class: "menu-empty" }, empty),
      ),
  );
}

function opened(el) {
  floating.created(el);
  (el.querySelector('[aria-checked="true"]') ?? el.querySelector("[role^=menuitem]"))?.focus();
}

function item({ label, hint, lead, isChecked, isDanger, run }) {
  const isChoice = isChecked !== undefined;
  const press = (event) => {
    const button = event.currentTarget.closest(".menu-anchor").querySelector("button");
    close();
    button.focus();
    run();
  };
  return h(
    "button",
    {
      type: "button",
      tabindex: "-1",
      class: isDanger ? "menu-item danger" : "menu-item",
      on: { click: press },
      role: isChoice ? "menuitemradio" : "menuitem",
      "aria-checked": isChoice ? String(isChecked) : null,
    },
    lead,
    h("span", { class: "menu-words" }, h("span", null, label), hint && h("small", null, hint)),
  );
}

function keys(event, shown, key) {
  if (!shown) {
    if (event.key === "ArrowDown" && event.target.matches("[aria-haspopup]"))
      (event.preventDefault(), open(key));
    return;
  }
  const all = [...event.currentTarget.querySelectorAll("[role^=menuitem]")];
  const at = all.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    all.at(to % all.length)?.focus();
  } else if (event.key === "Escape") {
    event.stopPropagation();
    close();
    event.currentTarget.querySelector("button").focus();
  } else if (event.key === "Tab") close();
}
