// Where messages and slash commands are written. A draft stays with its channel or thread until
// it was sent well; what fails to be sent comes back.

import { perform } from "./acting.js";
import { commandList, isPartial, matching } from "./commands.js";
import { icon } from "./icons.js";
import { nameOf } from "./names.js";
import { changed, otherOf } from "./store.js";
import { h } from "./vdom.js";
import { t } from "./words.js";

const drafts = new Map(); // key -> text
const choices = new Map(); // key -> {active, isHidden} of the command list

/** The composer of a channel, or of a thread in it. */
export function composer(room, threadTs = "") {
  const key = `${room.id} ${threadTs}`;
  const draft = drafts.get(key) ?? "";
  const { active = 0, isHidden = false } = choices.get(key) ?? {};
  const found = isHidden ? [] : matching(draft);
  const listId = `commands-${room.id}-${threadTs.replace(".", "-")}`;
  const place = { key, room, threadTs, found, active: Math.min(active, found.length - 1) };
  const label = threadTs
    ? t("Reply…")
    : t("Message {place}", { place: room.is_im ? nameOf(otherOf(room)) : `#${room.name}` });
  return h(
    "form",
    { key: `composer ${key}`, class: "composer", on: { submit: (event) => sent(event, place) } },
    found.length > 0 && commandList(listId, found, place.active, (command) => complete(place, command)),
    h(
      "div",
      { class: "composer-box" },
      h("textarea", {
        rows: "1",
        "aria-label": label,
        placeholder: label,
        value: draft,
        live: true,
        "data-composer": threadTs ? "thread" : "channel",
        "aria-controls": found.length ? listId : null,
        "aria-activedescendant": found.length ? `${listId}-${place.active}` : null,
        updated: grow,
        on: { input: (event) => write(place, event.target.value), keydown: (event) => keys(event, place) },
      }),
      h(
        "button",
        { type: "submit", class: "icon-button send", "aria-label": t("Send"), disabled: !draft.trim() },
        icon("send"),
      ),
    ),
    h("p", { class: "composer-help" }, t("Enter sends, Shift+Enter starts a new line, / lists the commands")),
  );
}

function grow(el) {
  el.style.setProperty("height", "auto");
  el.style.setProperty("height", `${el.scrollHeight}px`);
}

function write({ key }, text) {
  drafts.set(key, text);
  choices.set(key, {});
  changed();
}

function complete(place, command) {
  write(place, `${command.command} `);
}

function sent(event, place) {
  event.preventDefault();
  const list = event.currentTarget.parentElement.querySelector(".list");
  list.scrollTop = list.scrollHeight; // who writes sees what comes of it
  send(place);
}

async function send({ key, room, threadTs }) {
  const text = drafts.get(key) ?? "";
  if (!text.trim()) return;
  drafts.delete(key);
  choices.delete(key);
  changed();
  const act = text.startsWith("/") ? "command" : "message";
  const answer = await perform({ do: act, channel: room.id, text, ...(threadTs && { thread_ts: threadTs }) });
  if (answer.ok || drafts.get(key)) return;
  write({ key }, text);
  hide({ key });
}

function keys(event, place) {
  const act = event.isComposing ? undefined : actOf(event, place);
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}

// What a key does here; nothing if the browser should have it.
function actOf({ key, shiftKey, target }, place) {
  const { found, active } = place;
  const choice = found[active];
  const canComplete = choice && isPartial(target.value, choice) && !shiftKey;
  if (canComplete && (key === "Enter" || key === "Tab")) return () => complete(place, choice);
  if (key === "Enter" && !shiftKey) return () => target.form.requestSubmit();
  if (key === "ArrowDown" && found.length > 1) return () => move(place, 1);
  if (key === "ArrowUp" && found.length > 1) return () => move(place, -1);
  return key === "Escape" && found.length ? () => hide(place) : undefined;
}

function move({ key, found, active }, step) {
  choices.set(key, { active: (active + step + found.length) % found.length });
  changed();
}

function hide({ key }) {
  choices.set(key, { isHidden: true });
  changed();
}
