// Elements that are typed: text, numbers, addresses, dates and times.

import { unescaped, withEmoji } from "./mrkdwn.js";
import { localOfUnix, unixOfLocal, zoneOf } from "./time.js";
import { choose, enter, type, valueOf } from "./values.js";
import { h } from "./vdom.js";
import { t } from "./words.js";

const KEYBOARDS = { number_input: "decimal", url_text_input: "url", email_text_input: "email" };

/** plain_text_input, number_input, url_text_input, email_text_input. What is wrong with a number
 *  or an address, or too long, is said after Submit, as Slack does; nothing typed is changed or cut. */
export function textField(element, block, surface, field) {
  const value = valueOf(surface, block, element) ?? "";
  const limit = element.max_length;
  const left = limit - value.length;
  const props = {
    ...field,
    class: "text-field",
    value,
    placeholder: element.placeholder && unescaped(withEmoji(element.placeholder.text)),
    autocomplete: "off",
    on: {
      input: (event) => type(surface, block, element, event.target.value),
      keydown: (event) => entered(event, element, block, surface),
    },
  };
  const control = element.multiline
    ? h("textarea", { ...props, rows: "4" })
    : h("input", { ...props, type: "text", inputmode: KEYBOARDS[element.type] });
  return [
    control,
    left < limit / 5 &&
      h("p", { class: "left", role: "status" }, t("{count} characters left", { count: left })),
  ];
}

// Enter sends a single line: to the app if the block dispatches, else it submits the modal.
function entered(event, element, block, surface) {
  const wants =
    event.key === "Enter" && !event.isComposing && (!element.multiline || event.ctrlKey || event.metaKey);
  if (!wants) return;
  event.preventDefault();
  if (block.dispatch_action && !element.multiline) enter(surface, block, element);
  else surface.submit?.();
}

const DATES = {
  datepicker: { type: "date", read: (value) => value, write: (text) => text },
  timepicker: { type: "time", read: (value) => value, write: (text) => text },
  datetimepicker: { type: "datetime-local", read: localOfUnix, write: unixOfLocal },
};

export const isDate = (element) => element.type in DATES;

/** datepicker, timepicker, datetimepicker, in the zone of the person. */
export function dateField(element, block, surface, field) {
  const kind = DATES[element.type];
  const value = valueOf(surface, block, element);
  const pick = (event) =>
    choose(surface, block, element, event.target.value ? kind.write(event.target.value) : null);
  return h(
    "span",
    { class: "date-field" },
    h("input", {
      ...field,
      type: kind.type,
      class: "text-field",
      value: value ? kind.read(value) : "",
      on: { change: pick },
    }),
    kind.type !== "date" && h("small", null, element.timezone ?? zoneOf()),
  );
}
