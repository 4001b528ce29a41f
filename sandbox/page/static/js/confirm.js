// The question before an element with `confirm` is used.

import { dialog } from "./dialog.js";
import { mrkdwn, plain } from "./mrkdwn.js";
import { changed } from "./store.js";
import { h } from "./vdom.js";
import { t } from "./words.js";

let question = null; // {confirm, answer}

/** Ask; resolves to whether the person confirmed. */
export function ask(confirm) {
  question?.answer(false);
  return new Promise((answer) => {
    question = { confirm, answer };
    changed();
  });
}

const close = (isYes) => () => {
  const { answer } = question;
  question = null;
  changed();
  answer(isYes);
};

export const isAsking = () => question !== null;

export function confirmation() {
  if (!question) return null;
  const { title, text, confirm, deny, style } = question.confirm;
  const words = text?.type === "mrkdwn" ? mrkdwn(text.text) : plain(text?.text ?? "");
  return h(
    "div",
    { class: "modal-layer asking", key: "confirmation" },
    dialog(
      "confirm",
      {
        label: "confirm-title",
        class: "dialog small",
        first: ".button.quiet",
        onEscape: close(false),
        role: "alertdialog",
        "aria-describedby": "confirm-text",
      },
      h("h2", { id: "confirm-title", class: "dialog-title" }, plain(title?.text ?? t("Are you sure?"))),
      h("div", { id: "confirm-text", class: "dialog-text" }, words),
      h(
        "footer",
        { class: "dialog-footer" },
        h(
          "button",
          { type: "button", class: "button quiet", on: { click: close(false) } },
          plain(deny?.text ?? t("Cancel")),
        ),
        h(
          "button",
          { type: "button", class: `button ${style ?? "primary"}`, on: { click: close(true) } },
          plain(confirm?.text ?? t("Yes")),
        ),
      ),
    ),
  );
}
