// A list of messages, by day, that stays at its end while it is there, and the thread pane.

import { composer } from "./composer.js";
import { icon } from "./icons.js";
import { message } from "./message.js";
import { go, isReply, messagesOf, store } from "./store.js";
import { dayKey, dayName, msOfTs } from "./time.js";
import { h } from "./vdom.js";
import { t, tn } from "./words.js";

const CLOSE = 5 * 60 * 1000; // ms within which messages of one author stand together

/** The messages of a channel outside threads. */
export function timeline(room, empty) {
  const all = messagesOf(room.id).filter((said) => !isReply(said));
  return list(
    `timeline ${room.id}`,
    t("Messages"),
    all.length ? byDay(all, room) : h("p", { class: "empty" }, empty),
  );
}

function byDay(all, room) {
  return all.flatMap((said, index) => {
    const before = all[index - 1];
    const isNewDay = !before || dayKey(msOfTs(before.ts)) !== dayKey(msOfTs(said.ts));
    const isCompact =
      !isNewDay &&
      before.user === said.user &&
      !said.ephemeral &&
      !before.ephemeral &&
      msOfTs(said.ts) - msOfTs(before.ts) < CLOSE;
    const heading =
      isNewDay &&
      h(
        "div",
        { key: `day ${said.ts}`, class: "day", role: "separator" },
        h("span", null, dayName(msOfTs(said.ts))),
      );
    return [heading, message(said, room, { isCompact })];
  });
}

/** The right pane with one thread, read from its start. */
export function thread(room) {
  const root = messagesOf(room.id).find((said) => said.ts === store.ui.thread);
  if (!root) return null;
  const replies = messagesOf(room.id).filter((said) => said.thread_ts === root.ts && said.ts !== root.ts);
  const close = () => go({ thread: "" });
  const leave = (event) => event.key === "Escape" && !event.defaultPrevented && close();
  return h(
    "aside",
    { class: "thread", key: "thread", "aria-label": t("Thread"), on: { keydown: leave } },
    h(
      "header",
      { class: "pane-header" },
      h("h2", null, t("Thread")),
      h("span", { class: "topic" }, room.is_im ? "" : `#${room.name}`),
      h(
        "button",
        { type: "button", class: "icon-button", "aria-label": t("Close the thread"), on: { click: close } },
        icon("close"),
      ),
    ),
    list(
      `thread ${root.ts}`,
      t("Thread"),
      [
        message(root, room, { inThread: true }),
        replies.length > 0 &&
          h(
            "div",
            { class: "reply-count", key: "count" },
            h("span", null, tn("{count} reply", "{count} replies", replies.length)),
          ),
        replies.map((said) => message(said, room, { inThread: true })),
      ],
      { fromStart: true },
    ),
    composer(room, root.ts),
  );
}

// --- scrolling -------------------------------------------------------------------------------------

const NEAR = 80; // px from the end that still count as the end
const ends = new WeakMap(); // list -> whether its reader is at the end

function list(key, label, children, { fromStart = false } = {}) {
  return h(
    "div",
    {
      key,
      class: "list",
      role: "log",
      "aria-label": label,
      tabindex: "0",
      created: (el) => {
        ends.set(el, !fromStart);
        new ResizeObserver(() => stay(el)).observe(el.firstElementChild);
      },
      updated: stay,
      on: { scroll: (event) => ends.set(event.target, isAtEnd(event.target)) },
    },
    h("div", { class: "list-inner" }, children),
  );
}

const isAtEnd = (el) => el.scrollHeight - el.scrollTop - el.clientHeight < NEAR;

function stay(el) {
  if (jumped(el)) return;
  if (ends.get(el)) el.scrollTop = el.scrollHeight;
}

// A permalink was followed: show its message once, then forget it.
function jumped(el) {
  const { jump } = store.ui;
  const target = jump && el.querySelector(`[data-ts="${CSS.escape(jump)}"]`);
  if (!target) return false;
  store.ui.jump = "";
  ends.set(el, false);
  target.scrollIntoView({ block: "center" });
  target.focus({ preventScroll: true });
  return true;
}
