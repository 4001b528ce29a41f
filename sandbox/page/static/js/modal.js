// The stack of modals: drawn from the state's views, submitted, closed.

import { isBusy, perform, performOnce } from "./acting.js";
import { blocks } from "./blocks.js";
import { dialog } from "./dialog.js";
import { icon } from "./icons.js";
import { plain } from "./mrkdwn.js";
import { store } from "./store.js";
import { noticeLines } from "./toasts.js";
import { awaitVerdict, flush } from "./values.js";
import { h } from "./vdom.js";
import { t } from "./words.js";

/** What blocks.js draws on: a modal or Home tab. */
export const viewSurface = (view, kind) => ({
  id: view.id,
  kind,
  where: { view_id: view.id },
  values: view.state,
  errors: view.errors,
  submit: kind === "modal" && view.submit ? () => submit(view) : undefined,
});

/** Keys of the open dialogs, for their focus. */
export const modalKeys = () => store.state.views.map((view) => `modal ${view.id}`);

export function modals() {
  const { views } = store.state;
  if (!views.length) return null;
  return h(
    "div",
    { class: "modal-layer", key: "modals" },
    views.map((view, depth) => modal(view, depth, views.length)),
  );
}

function modal(view, depth, count) {
  const surface = viewSurface(view, "modal");
  const busy = view.busy || isBusy(`submit ${view.id}`);
  const titleId = `title-${view.id}`;
  const isBelow = depth < count - 1;
  const close = () => perform({ do: "close", view_id: view.id, all: false });
  return dialog(
    `modal ${view.id}`,
    {
      label: titleId,
      isBelow,
      onEscape: close,
      class: isBelow ? "dialog modal below" : "dialog modal",
      first: ".modal-body :is(input, textarea)",
      "data-view-id": view.id,
      "data-callback-id": view.callback_id,
      "aria-busy": busy ? "true" : null,
    },
    h(
      "header",
      { class: "dialog-header" },
      depth > 0 &&
        h(
          "button",
          { type: "button", class: "icon-button", "aria-label": t("Back"), on: { click: close } },
          icon("back"),
        ),
      h("h2", { id: titleId, class: "dialog-title" }, plain(view.title?.text ?? "")),
      h(
        "button",
        {
          type: "button",
          class: "icon-button",
          "aria-label": t("Close all"),
          on: { click: () => perform({ do: "close", view_id: view.id, all: true }) },
        },
        icon("close"),
      ),
    ),
    h("div", { class: "modal-body" }, blocks(view.blocks, surface)),
    !isBelow && noticeLines(),
    h(
      "footer",
      { class: "dialog-footer" },
      h(
        "button",
        { type: "button", class: "button quiet", on: { click: close } },
        plain(view.close?.text ?? t("Close")),
      ),
      view.submit &&
        h(
          "button",
          {
            type: "button",
            class: busy ? "button primary is-busy" : "button primary",
            "aria-busy": busy ? "true" : null,
            "data-submit": "",
            on: { click: surface.submit },
          },
          plain(view.submit.text),
        ),
    ),
  );
}

async function submit(view) {
  const surface = viewSurface(view, "modal");
  const key = `submit ${view.id}`;
  if (isBusy(key)) return;
  await flush(surface);
  const judged = awaitVerdict(surface);
  const answer = await performOnce(key, { do: "submit", view_id: view.id });
  judged();
  if (answer.errors) requestAnimationFrame(() => focusFirstError(view.id));
}

function focusFirstError(viewId) {
  document.querySelector(`[data-view-id="${CSS.escape(viewId)}"] [aria-invalid="true"]`)?.focus();
}
