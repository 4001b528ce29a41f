// The middle: the header of a channel or of the app, and what is below it.

import { perform } from "./acting.js";
import { blocks } from "./blocks.js";
import { composer } from "./composer.js";
import { icon } from "./icons.js";
import { menuButton } from "./menu.js";
import { timeline } from "./messages.js";
import { viewSurface } from "./modal.js";
import { avatar } from "./names.js";
import { appRoom, botId, channel, go, otherOf, store } from "./store.js";
import { h } from "./vdom.js";
import { t } from "./words.js";

/** The place that the person is in. */
export function middle() {
  if (store.ui.place === "home") return appHome();
  const room = channel(store.ui.place);
  const isApp = room.is_im && otherOf(room) === botId();
  return h(
    "main",
    { class: "middle", key: room.id, id: "middle", "data-channel": room.id },
    isApp ? appHeader("messages") : channelHeader(room),
    timeline(
      room,
      isApp
        ? t("No messages yet. Commands work here too.")
        : t("No messages yet. Type / to see what the app can do."),
    ),
    foot(room),
  );
}

function channelHeader(room) {
  return h(
    "header",
    { class: "pane-header" },
    h("h2", null, icon(room.is_private ? "lock" : "hash"), room.name),
    h("span", { class: "topic" }, room.topic),
    shortcuts(),
    membership(room),
  );
}

function appHeader(tab) {
  const room = appRoom();
  const tabButton = (id, place, name, face) =>
    h(
      "button",
      {
        type: "button",
        role: "tab",
        class: "tab",
        "aria-selected": String(tab === id),
        "data-tab": id,
        on: { click: () => go({ place, thread: "" }) },
      },
      icon(face),
      name,
    );
  return h(
    "header",
    { class: "pane-header with-tabs" },
    h("h2", null, avatar(botId(), { small: true }), store.state.app.name),
    h("span", { class: "topic" }),
    shortcuts(),
    h(
      "div",
      { class: "tabs", role: "tablist" },
      store.state.app.home_tab !== false && tabButton("home", "home", t("Home"), "home"),
      room && tabButton("messages", room.id, t("Messages"), "chat"),
    ),
  );
}

/** Global shortcuts of the app. */
function shortcuts() {
  const found = store.state.app.shortcuts.filter(({ type }) => type === "global");
  const items = found.map((shortcut) => ({
    label: shortcut.name,
    hint: shortcut.description,
    lead: avatar(botId(), { small: true }),
    run: () => perform({ do: "shortcut", callback_id: shortcut.callback_id }),
  }));
  const face = [icon("bolt"), h("span", { class: "wide-only" }, t("Shortcuts"))];
  return menuButton("shortcuts", {
    label: t("Shortcuts"),
    face,
    items,
    empty: t("The app has no global shortcuts."),
    align: "end",
    props: { class: "quiet-button" },
  });
}

/** Bringing the app into the channel and out of it. */
function membership(room) {
  if (!room.is_member || room.is_archived) return null;
  const name = store.state.app.name;
  const [act, label] = room.bot_is_member
    ? ["kick", t("Remove {name} from the channel", { name })]
    : ["invite", t("Add {name} to the channel", { name })];
  const run = () => perform({ do: act, channel: room.id, invited: botId() });
  return menuButton("channel-menu", {
    label: t("Channel menu"),
    face: icon("more"),
    align: "end",
    items: [{ label, run, isDanger: room.bot_is_member }],
    props: { class: "icon-button" },
  });
}

function foot(room) {
  if (room.is_archived) return h("p", { class: "foot-note" }, t("This channel is archived."));
  if (!room.is_member) return h("p", { class: "foot-note" }, t("You are not in this channel."));
  return [room.bot_is_member || invitation(room), composer(room)];
}

function invitation(room) {
  const name = store.state.app.name;
  return h(
    "p",
    { class: "foot-note", key: "invitation" },
    t("{name} is not in this channel.", { name }),
    " ",
    h(
      "button",
      {
        type: "button",
        class: "link",
        on: { click: () => perform({ do: "invite", channel: room.id, invited: botId() }) },
      },
      t("Add {name}", { name }),
    ),
  );
}

function appHome() {
  const { home } = store.state;
  return h(
    "main",
    { class: "middle", key: "home", id: "middle", "data-channel": "home" },
    appHeader("home"),
    h(
      "div",
      { class: "list home", tabindex: "0", role: "tabpanel", "aria-label": t("Home") },
      home
        ? h(
            "div",
            { class: "home-inner", "data-view-id": home.id },
            blocks(home.blocks, viewSurface(home, "home")),
          )
        : h("p", { class: "empty" }, t("The app has not shown anything here yet.")),
    ),
  );
}
