// People, channels and links as they are named in text.

import { botId, channel, go, person, store } from "./store.js";
import { t } from "./words.js";
import { h } from "./vdom.js";

/** What somebody is called; the bot by the app's name. */
export function nameOf(id) {
  if (id === botId()) return store.state.app.name;
  const seat = person(id);
  return seat ? seat.real_name || seat.name : id;
}

/** A coloured tile with initials; decoration beside a name, so not read aloud. */
export function avatar(id, { name = nameOf(id), small = false } = {}) {
  const color = /^#?([0-9a-f]{6})$/i.exec(person(id)?.color ?? "")?.[1] ?? "14625c";
  const classes = ["avatar", small && "small", id === botId() && "of-app"].filter(Boolean).join(" ");
  return h(
    "span",
    { class: classes, style: { "--tile": `#${color}` }, "aria-hidden": "true" },
    initials(name),
  );
}

function initials(name) {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters
    .map((word) => [...word][0] ?? "")
    .join("")
    .toUpperCase();
}

export function mention(id) {
  const isMe = id === store.state.me.id;
  return h("span", { class: isMe ? "mention me" : "mention", "data-user": id }, `@${nameOf(id)}`);
}

/** A channel by id; one that the person cannot see is not named. */
export function channelLink(id, label) {
  const room = channel(id);
  if (!room) return h("span", { class: "mention" }, label ? `#${label}` : t("a private channel"));
  const open = () => go({ place: id, thread: "" });
  return h("button", { class: "mention link", type: "button", on: { click: open } }, `#${room.name}`);
}

const SAFE = /^(https?:|mailto:|tel:)/i;

/** A link to elsewhere; a permalink of this workspace opens its message here. */
export function link(url, ...label) {
  const spot = spotOf(url);
  if (spot) return h("button", { class: "link", type: "button", on: { click: () => go(spot) } }, label);
  if (!SAFE.test(url)) return h("span", null, label);
  return h("a", { class: "link", href: url, target: "_blank", rel: "noopener noreferrer" }, label);
}

/** Where the message of a permalink stands, or nothing. */
function spotOf(url) {
  for (const [place, said] of Object.entries(store.state.messages)) {
    const found = said.find(({ permalink }) => permalink && permalink === url);
    if (found) return { place, thread: found.thread_ts ?? "", jump: found.ts };
  }
  return undefined;
}
