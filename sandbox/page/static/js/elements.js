// Interactive elements of any block: buttons, menus, selects, radio buttons, checkboxes, fields.

import { isBusy, performOnce } from "./acting.js";
import { dateField, isDate, textField } from "./fields.js";
import { icon } from "./icons.js";
import { menuButton } from "./menu.js";
import { mrkdwn, plain, unescaped, withEmoji } from "./mrkdwn.js";
import { isPicker, picker } from "./picker.js";
import { choose, flush, keyOf, valueOf } from "./values.js";
import { h } from "./vdom.js";
import { t } from "./words.js";

export const idOf = (key) => `f-${key.replace(/[^\w-]/g, "_")}`;

/** One element inside its hook for tests. `field` holds aria attributes of an input's label. */
export function element(element, block, surface, field = {}) {
  const key = keyOf(surface, block, element);
  const names = {
    id: idOf(key),
    "aria-label": field["aria-labelledby"] ? null : nameOf(element, block),
    ...field,
  };
  return h(
    "span",
    {
      key: `element ${element.action_id}`,
      class: `element element-${element.type}`,
      "data-action-id": element.action_id,
    },
    control(element, block, surface, names),
  );
}

function control(element, block, surface, field) {
  if (element.type === "button" || element.type === "workflow_button") return button(element, block, surface);
  if (element.type === "icon_button") return button({ ...element, text: element.text }, block, surface);
  if (element.type === "overflow") return overflow(element, block, surface);
  if (element.type === "radio_buttons" || element.type === "checkboxes")
    return options(element, block, surface, field);
  if (isPicker(element)) return picker(element, block, surface, field);
  if (isDate(element)) return dateField(element, block, surface, field);
  if (element.type.endsWith("_input") && element.type !== "file_input")
    return textField(element, block, surface, field);
  return h(
    "span",
    { class: "unknown-block" },
    t("This page does not draw elements of the kind {kind}.", { kind: element.type }),
  );
}

/** What an element without a label of its own is called. */
function nameOf(element, block) {
  const text =
    element.accessibility_label ?? element.placeholder?.text ?? block.text?.text ?? element.action_id;
  return unescaped(withEmoji(text)).slice(0, 75);
}

function button(element, block, surface) {
  const key = keyOf(surface, block, element);
  const busy = isBusy(key);
  const classes = ["button", element.style, busy && "is-busy"].filter(Boolean).join(" ");
  const press = async () => {
    if (element.url) window.open(element.url, "_blank", "noopener,noreferrer");
    await flush(surface);
    await performOnce(key, {
      do: "action",
      where: surface.where,
      block_id: block.block_id,
      action_id: element.action_id,
    });
  };
  return h(
    "button",
    {
      type: "button",
      class: classes,
      "aria-label": element.accessibility_label,
      "aria-busy": busy ? "true" : null,
      on: { click: press },
    },
    plain(element.text.text),
    element.url && h("span", { class: "away", "aria-hidden": "true" }, "↗"),
  );
}

function overflow(element, block, surface) {
  const send = (option) => async () => {
    await flush(surface);
    const place = { block_id: block.block_id, action_id: element.action_id };
    await performOnce(keyOf(surface, block, element), {
      do: "action",
      where: surface.where,
      ...place,
      value: { selected_option: option },
    });
    if (option.url) window.open(option.url, "_blank", "noopener,noreferrer");
  };
  const items = element.options.map((option) => ({
    label: plain(option.text.text),
    hint: option.description && plain(option.description.text),
    run: send(option),
  }));
  return menuButton(`menu ${keyOf(surface, block, element)}`, {
    label: t("More actions"),
    face: icon("more"),
    items,
    align: "end",
    props: { class: "icon-button bordered" },
  });
}

/** Radio buttons and checkboxes: a group of options with descriptions. */
function options(element, block, surface, field) {
  const isMany = element.type === "checkboxes";
  const value = valueOf(surface, block, element);
  const chosen = (isMany ? (value ?? []) : [value]).filter(Boolean).map((option) => option.value);
  const pick = (option) => {
    const rest = element.options.filter((one) => chosen.includes(one.value) && one !== option);
    const next = chosen.includes(option.value) ? rest : [...rest, option];
    choose(surface, block, element, isMany ? element.options.filter((one) => next.includes(one)) : option);
  };
  const row = (option) =>
    h(
      "label",
      { key: option.value, class: "option-row" },
      h("input", {
        type: isMany ? "checkbox" : "radio",
        name: field.id,
        value: option.value,
        checked: chosen.includes(option.value),
        on: { change: () => pick(option) },
      }),
      h("span", null, words(option.text), option.description && h("small", null, words(option.description))),
    );
  return h(
    "span",
    { ...field, class: "options", role: isMany ? "group" : "radiogroup" },
    element.options.map(row),
  );
}

const words = (object) => (object.type === "mrkdwn" ? mrkdwn(object.text) : plain(object.text));
