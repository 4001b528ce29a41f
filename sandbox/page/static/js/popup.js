// Things that float beside what opened them: lists of choices and menus. One is open at a time.

import { changed } from "./store.js";

let openKey = null;

export const isOpen = (key) => openKey === key;

export function open(key) {
  openKey = key;
  changed();
}

export function close() {
  if (openKey === null) return;
  openKey = null;
  changed();
}

/** Props of the floating node. It stands in the browser's top layer, beside its parent node. */
export const floating = {
  popover: "manual",
  created: (el) => {
    el.showPopover();
    place(el);
  },
  updated: (el) => place(el),
};

const GAP = 4;
const EDGE = 8;

// Below its anchor, or above where there is more room; never wider than the window.
function place(el) {
  const anchor = el.parentElement.getBoundingClientRect();
  const below = innerHeight - anchor.bottom - GAP - EDGE;
  const above = anchor.top - GAP - EDGE;
  const isAbove = below < Math.min(el.scrollHeight, 320) && above > below;
  el.style.setProperty("max-height", `${Math.max(120, Math.min(360, isAbove ? above : below))}px`);
  el.style.setProperty("min-width", `${Math.min(anchor.width, innerWidth - 2 * EDGE)}px`);
  const box = el.getBoundingClientRect();
  const wanted = el.dataset.align === "end" ? anchor.right - box.width : anchor.left;
  const left = Math.max(EDGE, Math.min(wanted, innerWidth - box.width - EDGE));
  el.style.setProperty("left", `${left}px`);
  el.style.setProperty("top", `${isAbove ? anchor.top - GAP - box.height : anchor.bottom + GAP}px`);
}

const placeAll = () => document.querySelectorAll("[popover]:popover-open").forEach(place);

addEventListener("resize", placeAll);
addEventListener("scroll", placeAll, true);
addEventListener("pointerdown", (event) => {
  const floats = [...document.querySelectorAll("[popover]:popover-open")];
  if (!floats.some((el) => el.parentElement.contains(event.target))) close();
});
