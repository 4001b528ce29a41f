// The input block: a label, one element, a hint, and the error beside it.

import { element, idOf } from "./elements.js";
import { icon } from "./icons.js";
import { plain } from "./mrkdwn.js";
import { errorOf, keyOf } from "./values.js";
import { h } from "./vdom.js";
import { t } from "./words.js";

/** Label and messages are tied to the element, so that they are read aloud with it. */
export function inputBlock(block, surface) {
  const id = idOf(keyOf(surface, block, block.element));
  const error = errorOf(surface, block);
  const described = [block.hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  const field = {
    "aria-labelledby": `${id}-label`,
    "aria-describedby": described || null,
    "aria-invalid": error ? "true" : null,
  };
  return h(
    "div",
    { class: error ? "input has-error" : "input" },
    h(
      "label",
      { class: "label", id: `${id}-label`, for: id },
      plain(block.label.text),
      block.optional && h("span", { class: "optional" }, t("optional")),
    ),
    element(block.element, block, surface, { ...field, "aria-required": block.optional ? null : "true" }),
    error &&
      h("p", { class: "error", id: `${id}-error`, role: "alert" }, icon("warning"), h("span", null, error)),
    block.hint && h("p", { class: "hint", id: `${id}-hint` }, plain(block.hint.text)),
  );
}
