// Starts the page and draws all of it after each change.

import { act } from "./api.js";
import { perform } from "./acting.js";
import { confirmation, isAsking } from "./confirm.js";
import { noteFocus, returnFocus } from "./dialog.js";
import { inspector, watchPayloads } from "./inspector.js";
import { follow, refresh } from "./live.js";
import { thread } from "./messages.js";
import { modalKeys, modals } from "./modal.js";
import { makeWay } from "./panel.js";
import { middle } from "./room.js";
import { realWords, sidebar } from "./sidebar.js";
import { speakerHint } from "./speaker.js";
import { changed, channel, go, messagesOf, onChange, recall, store } from "./store.js";
import { toasts } from "./toasts.js";
import { topbar } from "./topbar.js";
import { draw, h } from "./vdom.js";
import { language, languageOf, t, useLanguage } from "./words.js";

const root = document.getElementById("page");
const TICK = 15_000; // ms between drawings for the clock's sake

function drawAll() {
  if (!store.state) return;
  const { state, ui } = store;
  settlePlace();
  const isCovered = state.views.length > 0 || isAsking();
  noteFocus();
  makeWay(isCovered);
  draw(root, [
    h("div", { class: "top", key: "top" }, topbar(speak), speakerHint(actAs)),
    h(
      "div",
      { class: ui.thread ? "workspace with-thread" : "workspace", key: "workspace", inert: isCovered },
      sidebar(actAs),
      h("div", { class: "veil", key: "veil", on: { click: () => go({ menu: false }) } }),
      middle(),
      ui.thread && thread(channel(ui.place)),
    ),
    ui.inspecting && inspector(),
    h("p", { class: "real", key: "real" }, realWords()),
    modals(),
    confirmation(),
    toasts(),
  ]);
  returnFocus([...modalKeys(), ...(isAsking() ? ["confirm"] : [])]);
  document.title = `${state.team.name} · ${t("Local workspace")}`;
  watchPayloads();
  lookAround();
}

/** A place that exists and that the person sees; the first channel of theirs otherwise. */
function settlePlace() {
  const { state, ui } = store;
  if (ui.place !== "home" && !channel(ui.place)) {
    const mine = state.channels.filter((room) => room.is_member && !room.is_im);
    Object.assign(ui, { place: (mine[0] ?? state.channels[0])?.id ?? "home", thread: "" });
  }
}

// The server hears when a place is looked at: once per visit, and again for each unread message.
let seen = "";

function lookAround() {
  const { user, place } = store.ui;
  const room = channel(place);
  const news = room?.unread ? `${room.unread} ${messagesOf(room.id).at(-1)?.ts}` : "";
  const sight = `${user} ${place} ${news}`;
  if (sight === seen) return;
  const isNewPlace = !seen.startsWith(`${user} ${place} `);
  seen = sight;
  if (!room) perform({ do: "open_home" });
  else if (news || (isNewPlace && room.is_im)) perform({ do: "open_channel", channel: room.id });
}

async function actAs(user) {
  go({ user, thread: "", menu: false, place: store.ui.place === "home" ? "home" : store.ui.place });
  await refresh();
  await speakTheirs();
  follow();
}

async function speak(lang) {
  go({ lang });
  await useLanguage(lang);
  changed();
}

async function speakTheirs() {
  const wanted = store.ui.lang || languageOf(store.state.me.locale);
  if (wanted !== language()) await useLanguage(wanted);
  changed();
}

/** F6 goes round the regions of the page, so that the bar on top is in reach of an open dialog. */
function goRound(event) {
  if (event.key !== "F6") return;
  event.preventDefault();
  const regions = [
    ...document.querySelectorAll(
      ".topbar, .workspace:not([inert]), .inspector, [role=dialog]:not([inert]), [role=alertdialog]",
    ),
  ];
  const at = regions.findLastIndex((region) => region.contains(document.activeElement));
  const next = regions[(at + 1) % regions.length];
  const controls = [...next.querySelectorAll("button, input, textarea")];
  controls.find((control) => control.offsetParent !== null)?.focus();
}

async function start() {
  recall();
  await useLanguage(store.ui.lang || "en");
  onChange(drawAll);
  const [visit] = performance.getEntriesByType("navigation");
  if (visit?.type === "reload" && store.ui.user) await act({ user: store.ui.user, do: "reload" }); // as in Slack, ephemerals go
  root.replaceChildren();
  await refresh();
  go({}); // so that the address names the person from the start
  await speakTheirs();
  follow();
  addEventListener("keydown", goRound);
  setInterval(changed, TICK);
}

start();
