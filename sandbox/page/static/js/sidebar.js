// The left column: who acts, the checklist, channels and direct messages.

import { icon } from "./icons.js";
import { menuButton } from "./menu.js";
import { avatar, nameOf } from "./names.js";
import { appRoom, botId, go, otherOf, store } from "./store.js";
import { h } from "./vdom.js";
import { said, t } from "./words.js";

/** `actAs(id)` changes the acting person. */
export function sidebar(actAs) {
  const { channels, team } = store.state;
  const rooms = channels.filter((room) => !room.is_im);
  return h(
    "nav",
    { class: store.ui.menu ? "sidebar is-open" : "sidebar", key: "sidebar", "aria-label": t("Workspace") },
    h("div", { class: "team" }, h("h1", null, team.name), actor(actAs)),
    h(
      "div",
      { class: "sidebar-scroll" },
      checklist(),
      section(t("Channels"), rooms.map(channelRow)),
      section(t("Direct messages"), [
        appRow(),
        ...channels.filter((room) => room.is_im && otherOf(room) !== botId()).map(directRow),
      ]),
    ),
    h("p", { class: "sidebar-real" }, realWords()),
  );
}

/** What is real here and what is stood in for. */
export const realWords = () => [
  h("span", null, h("strong", null, t("Real:")), " ", t("the bot, its database, its scheduler, its HTTP.")),
  " ",
  h("span", null, h("strong", null, t("Stood in for:")), " ", t("Slack's and the GPU providers' servers, and the model hub (its models are made up).")),
];

function actor(actAs) {
  const { me, people } = store.state;
  const items = people
    .filter((seat) => seat.id !== botId() && !seat.is_bot && !seat.deleted)
    .map((seat) => ({
      label: nameOf(seat.id),
      hint: roleOf(seat),
      lead: avatar(seat.id, { small: true }),
      isChecked: seat.id === me.id,
      run: () => actAs(seat.id),
    }));
  const face = [
    avatar(me.id, { small: true }),
    h("span", { class: "actor-words" }, h("small", null, t("Acting as")), h("span", null, nameOf(me.id))),
    icon("down"),
  ];
  return menuButton("act-as", {
    label: t("Act as: {name}", { name: nameOf(me.id) }),
    face,
    items,
    props: { class: "actor", "data-acting": me.id },
  });
}

function roleOf(seat) {
  const role = seat.is_admin ? t("Admin") : seat.is_restricted ? t("Guest") : t("Member");
  return [role, seat.tz, seat.locale].filter(Boolean).join(" · ");
}

function checklist() {
  const steps = store.state.checklist;
  if (!steps.length) return null;
  const done = steps.filter((step) => step.done).length;
  return h(
    "details",
    { class: "checklist", key: "checklist", created: (el) => (el.open = true) },
    h(
      "summary",
      null,
      h("span", null, t("Try it")),
      h("span", { class: "checklist-count" }, `${done}/${steps.length}`),
      icon("down"),
    ),
    h("progress", { max: String(steps.length), value: String(done), "aria-label": t("Steps done") }),
    h(
      "ol",
      null,
      steps.map((step) =>
        h(
          "li",
          { key: step.id, class: step.done ? "step done" : "step", "data-step": step.id },
          h(
            "span",
            { class: "tick", role: "img", "aria-label": step.done ? t("done") : t("to do") },
            step.done && icon("check"),
          ),
          h("span", null, said(step.label)),
        ),
      ),
    ),
  );
}

const section = (title, rows) => h("section", { class: "rooms" }, h("h2", null, title), h("ul", null, rows));

function row({ key, place, face, name, unread, isMuted, props }) {
  const isHere = place.includes(store.ui.place);
  const open = () => go({ place: place[0], thread: "", menu: false });
  return h(
    "li",
    { key },
    h(
      "button",
      {
        type: "button",
        class: ["room", unread && "unread", isMuted && "muted"].filter(Boolean).join(" "),
        "aria-current": isHere ? "page" : null,
        on: { click: open },
        ...props,
      },
      face,
      h("span", { class: "room-name" }, name),
      unread > 0 &&
        h("span", { class: "badge", "aria-label": t("{count} unread", { count: unread }) }, String(unread)),
    ),
  );
}

const channelRow = (room) =>
  row({
    key: room.id,
    place: [room.id],
    face: icon(room.is_private ? "lock" : "hash"),
    name: room.name,
    unread: room.unread,
    isMuted: !room.is_member || room.is_archived,
    props: { "data-channel": room.id },
  });

function appRow() {
  const room = appRoom();
  const place = room ? [room.id, "home"] : ["home"];
  const name = [store.state.app.name, " ", h("span", { class: "app-badge" }, t("App"))];
  return row({
    key: "app",
    place,
    face: avatar(botId(), { small: true }),
    name,
    unread: room?.unread ?? 0,
    props: { "data-channel": room?.id, "data-app": "" },
  });
}

const directRow = (room) =>
  row({
    key: room.id,
    place: [room.id],
    face: avatar(otherOf(room), { small: true }),
    name: nameOf(otherOf(room)),
    unread: room.unread,
    props: { "data-channel": room.id },
  });
