// A list to choose from by typing: one or several choices, from a list at hand or asked for.
// It knows nothing of Slack; picker.js tells it what is on offer.

import { icon } from "./icons.js";
import { close, floating, isOpen, open } from "./popup.js";
import { changed } from "./store.js";
import { h } from "./vdom.js";
import { t } from "./words.js";

const states = new Map(); // key -> {query, active}

const stateOf = (key) => states.get(key) ?? { query: "", active: 0 };

/** `offer(query)` gives {items, note}; items are {id, label, hint, group}; `chosen` are items.
 *  `onChoose(items)` gets all that is chosen then. `field` holds attributes of the text field. */
export function combobox(
  key,
  { offer, chosen, onChoose, isMulti, max = Infinity, placeholder, canClear, field, onQuery },
) {
  const shown = isOpen(key);
  const { query, active } = stateOf(key);
  const { items, note } = shown ? offer(query) : { items: [], note: "" };
  const listId = `${field.id}-list`;
  const box = {
    key,
    items,
    chosen,
    isMulti,
    max,
    active: Math.min(active, items.length - 1),
    onChoose,
    onQuery,
    shown,
  };
  return h(
    "div",
    {
      class: shown ? "combo is-open" : "combo",
      on: { keydown: (event) => keys(event, box), focusout: (event) => leave(event, box) },
    },
    h(
      "div",
      { class: "combo-box", on: { click: (event) => pressed(event, box) } },
      isMulti && chosen.map((item) => chip(item, box)),
      h("input", {
        ...field,
        type: "text",
        role: "combobox",
        autocomplete: "off",
        spellcheck: "false",
        live: true,
        "aria-expanded": String(shown),
        "aria-controls": listId,
        "aria-autocomplete": "list",
        "aria-activedescendant": shown && items.length ? `${listId}-${box.active}` : null,
        value: shown ? query : isMulti ? "" : (chosen[0]?.label ?? ""),
        placeholder:
          shown && !isMulti && chosen[0] ? chosen[0].label : isMulti && chosen.length ? "" : placeholder,
        on: { input: (event) => typed(event, box) },
      }),
      canClear &&
        !isMulti &&
        chosen.length > 0 &&
        h(
          "button",
          {
            type: "button",
            class: "combo-clear",
            "aria-label": t("Clear the choice"),
            on: { click: () => onChoose([]) },
          },
          icon("close"),
        ),
      h("span", { class: "combo-arrow" }, icon("down")),
    ),
    shown &&
      h(
        "div",
        {
          ...floating,
          class: "listbox",
          role: "listbox",
          id: listId,
          "aria-multiselectable": isMulti ? "true" : null,
        },
        items.map((item, index) => option(item, index, items, box, listId)),
        note && h("p", { class: "listbox-note", role: "status" }, note),
      ),
  );
}

function option(item, index, items, box, listId) {
  const isChosen = box.chosen.some(({ id }) => id === item.id);
  const heading = item.group && item.group !== items[index - 1]?.group;
  const classes = ["option", index === box.active && "active", isChosen && "chosen"]
    .filter(Boolean)
    .join(" ");
  return [
    heading && h("div", { class: "option-group", role: "presentation" }, item.group),
    h(
      "div",
      {
        key: `option ${item.id}`,
        class: classes,
        role: "option",
        id: `${listId}-${index}`,
        "aria-selected": String(isChosen),
        "data-value": item.id,
        updated: (el) => index === box.active && el.scrollIntoView({ block: "nearest" }),
        on: { pointerdown: (event) => event.preventDefault(), click: () => pick(item, box) },
      },
      h("span", null, item.label),
      item.hint && h("small", null, item.hint),
      isChosen && icon("check"),
    ),
  ];
}

function chip(item, box) {
  const drop = () => box.onChoose(box.chosen.filter(({ id }) => id !== item.id));
  return h(
    "span",
    { key: `chip ${item.id}`, class: "chip" },
    item.label,
    h(
      "button",
      { type: "button", "aria-label": t("Remove {name}", { name: item.label }), on: { click: drop } },
      icon("close"),
    ),
  );
}

function pick(item, box) {
  const isChosen = box.chosen.some(({ id }) => id === item.id);
  states.delete(box.key);
  if (!box.isMulti) {
    close();
    box.onChoose([item]);
    return;
  }
  const rest = box.chosen.filter(({ id }) => id !== item.id);
  if (!isChosen && rest.length >= box.max) return;
  box.onChoose(isChosen ? rest : [...rest, item]);
  changed();
}

function show(box) {
  states.delete(box.key);
  open(box.key);
  box.onQuery?.("");
}

function pressed(event, box) {
  if (event.target.closest("button")) return;
  event.currentTarget.querySelector("input").focus();
  if (box.shown) close();
  else show(box);
}

function typed(event, box) {
  states.set(box.key, { query: event.target.value, active: 0 });
  if (!box.shown) open(box.key);
  box.onQuery?.(event.target.value);
  changed();
}

function leave(event, box) {
  if (!box.shown || event.currentTarget.contains(event.relatedTarget)) return;
  states.delete(box.key);
  close();
}

function keys(event, box) {
  if (event.isComposing || !event.target.matches("[role=combobox]")) return;
  const act = {
    ArrowDown: () => move(1, box),
    ArrowUp: () => move(-1, box),
    Enter: () => entered(box),
    Escape: () => escaped(box),
    Backspace: () => erased(event, box),
  }[event.key];
  if (!act?.()) return;
  event.preventDefault();
  event.stopPropagation();
}

function move(step, box) {
  if (!box.shown) show(box);
  else {
    const count = box.items.length || 1;
    states.set(box.key, { ...stateOf(box.key), active: (box.active + step + count) % count });
    changed();
  }
  return true;
}

function entered(box) {
  if (!box.shown) show(box);
  else if (box.items[box.active]) pick(box.items[box.active], box);
  return true;
}

function escaped(box) {
  if (!box.shown) return false;
  states.delete(box.key);
  close();
  return true;
}

function erased(event, box) {
  if (event.target.value || !box.chosen.length || !box.isMulti) return false;
  box.onChoose(box.chosen.slice(0, -1));
  return true;
}
