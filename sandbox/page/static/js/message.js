// One message: who, when, what, its files, its thread, and what can be done with it.

import { perform } from "./acting.js";
import { addressOf, blocks } from "./blocks.js";
import { icon } from "./icons.js";
import { menuButton } from "./menu.js";
import { mrkdwn } from "./mrkdwn.js";
import { avatar, nameOf } from "./names.js";
import { botId, go, isReply, store } from "./store.js";
import { fullTime, msOfTs, timeOfDay } from "./time.js";
import { h } from "./vdom.js";
import { t, tn } from "./words.js";

/** `isCompact` leaves out avatar and name below another message of the same author;
 *  `inThread` leaves out the way into the thread. */
export function message(said, room, { isCompact = false, inThread = false } = {}) {
  const classes = ["message", isCompact && "compact", said.ephemeral && "ephemeral"]
    .filter(Boolean)
    .join(" ");
  return h(
    "article",
    {
      key: said.ts,
      class: classes,
      "data-ts": said.ts,
      "data-channel": room.id,
      tabindex: "-1",
      "aria-label": labelOf(said),
    },
    isCompact ? h("span", { class: "gutter" }, moment(said)) : avatar(said.user),
    h(
      "div",
      { class: "message-main" },
      said.ephemeral && h("p", { class: "only-you" }, icon("eye"), t("Only visible to you")),
      !isCompact && head(said),
      h("div", { class: "message-body" }, body(said, room)),
      said.files.length > 0 && h("div", { class: "files" }, said.files.map(file)),
      !inThread && said.reply_count > 0 && replies(said),
    ),
    tools(said, room, inThread),
  );
}

const labelOf = (said) =>
  t("{name} at {time}", { name: nameOf(said.user), time: timeOfDay(msOfTs(said.ts)) });

function head(said) {
  return h(
    "p",
    { class: "message-head" },
    h("strong", { class: "author" }, nameOf(said.user)),
    said.is_bot && h("span", { class: "app-badge" }, t("App")),
    moment(said),
  );
}

const moment = (said) =>
  h("time", { class: "moment", title: fullTime(msOfTs(said.ts)) }, timeOfDay(msOfTs(said.ts)));

function body(said, room) {
  const edited = said.edited && h("span", { class: "edited" }, t("(edited)"));
  const surface = { id: `${room.id} ${said.ts}`, kind: "message", where: { channel: room.id, ts: said.ts } };
  if (said.blocks.length) return [blocks(said.blocks, surface), edited];
  return said.text && h("div", { class: "plain-message" }, mrkdwn(said.text), edited);
}

function file(one) {
  const url = addressOf(one);
  const title = one.title || one.name;
  if (!one.mimetype.startsWith("image/"))
    return h(
      "a",
      { key: one.id, class: "file", href: url, target: "_blank", rel: "noopener" },
      icon("file"),
      title,
    );
  return h(
    "figure",
    { key: one.id, class: "figure" },
    h("figcaption", null, title),
    h(
      "a",
      { href: url, target: "_blank", rel: "noopener" },
      h("img", { class: "picture", src: url, alt: one.alt_txt || title }),
    ),
  );
}

function replies(said) {
  const open = () => go({ thread: said.ts });
  return h(
    "button",
    { type: "button", class: "replies", on: { click: open } },
    icon("reply"),
    tn("{count} reply", "{count} replies", said.reply_count),
  );
}

function tools(said, room, inThread) {
  const canReply = !inThread && !said.ephemeral && !isReply(said);
  const reply = () => go({ thread: said.ts });
  return h(
    "div",
    { class: "message-tools" },
    canReply &&
      h(
        "button",
        {
          type: "button",
          class: "icon-button",
          "aria-label": t("Reply in thread"),
          title: t("Reply in thread"),
          on: { click: reply },
        },
        icon("reply"),
      ),
    menuButton(`message ${room.id} ${said.ts} ${inThread}`, {
      label: t("Message menu"),
      face: icon("more"),
      align: "end",
      items: menu(said, room, canReply && reply),
      props: { class: "icon-button", title: t("Message menu") },
    }),
  );
}

function menu(said, room, reply) {
  const shortcuts = said.ephemeral ? [] : store.state.app.shortcuts.filter(({ type }) => type === "message");
  const run = (shortcut) => () =>
    perform({ do: "message_shortcut", callback_id: shortcut.callback_id, channel: room.id, ts: said.ts });
  const copy = {
    label: t("Copy link"),
    lead: icon("link"),
    run: () => navigator.clipboard.writeText(said.permalink),
  };
  const found = shortcuts.map((shortcut) => ({
    label: shortcut.name,
    hint: store.state.app.name,
    lead: avatar(botId(), { small: true }),
    run: run(shortcut),
  }));
  const answer = reply && { label: t("Reply in thread"), lead: icon("reply"), run: reply };
  return [answer, ...found, copy].filter(Boolean);
}
