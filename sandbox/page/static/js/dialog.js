// What all dialogs share: the role, the trap for Tab, Escape, and where the focus goes afterwards.

import { h } from "./vdom.js";

const FOCUSABLE =
  'button:not([disabled]):not([tabindex="-1"]), input:not([disabled]), textarea, select, a[href], summary, [tabindex="0"]';
const cameFrom = new Map(); // key -> the element that had the focus before
let before = null;

/** To be called ahead of each drawing: a dialog that opens gives the focus back to this. */
export function noteFocus() {
  if (document.activeElement !== document.body) before = document.activeElement;
}

/** To be called after each drawing with the keys of the open dialogs.
 *  What had the focus may be gone, with its dialog or from within it: the one in front has it then. */
export function returnFocus(openKeys) {
  for (const [key, element] of [...cameFrom].reverse()) {
    if (openKeys.includes(key)) continue;
    cameFrom.delete(key);
    if (document.activeElement === document.body && element?.isConnected)
      element.focus({ preventScroll: true });
  }
  if (openKeys.length && document.activeElement === document.body) inFront()?.focus({ preventScroll: true });
}

const inFront = () => [...document.querySelectorAll('[aria-modal="true"]:not([inert])')].at(-1);

/** A dialog node. `first` selects what has the focus at first; `onEscape` closes it. */
export function dialog(key, { label, first, onEscape, isBelow = false, ...props }, ...children) {
  const opened = (el) => {
    cameFrom.set(key, before);
    (first && el.querySelector(first) ? el.querySelector(first) : el).focus({ preventScroll: true });
  };
  const pressed = (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) (event.stopPropagation(), onEscape());
    if (event.key === "Tab") trap(event);
  };
  return h(
    "div",
    {
      role: "dialog",
      "aria-modal": "true",
      tabindex: "-1",
      "aria-labelledby": label,
      inert: isBelow,
      ...props,
      key,
      created: opened,
      on: { keydown: pressed },
    },
    children,
  );
}

function trap(event) {
  const all = [...event.currentTarget.querySelectorAll(FOCUSABLE)].filter((el) => el.offsetParent !== null);
  const [first, last] = [all[0], all.at(-1)];
  const at = document.activeElement;
  if (event.shiftKey ? at === first || at === event.currentTarget : at === last) {
    event.preventDefault();
    (event.shiftKey ? last : first)?.focus();
  }
}
