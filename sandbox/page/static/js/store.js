// What the page knows (`store.state`, from the server) and where the person is in it (`store.ui`).
// Whoever changes either calls `changed()`; one drawing follows for all changes of a moment.

export const store = {
  state: null,
  fetchedAt: 0,
  isLive: true,
  ui: {
    user: "",
    lang: "", // chosen by hand; empty = the person's own
    place: "", // a channel id, or "home"
    thread: "", // ts of the thread in the right pane
    menu: false, // the left column on a phone
    panel: "", // which panel of the bar on top is open
    inspecting: false,
    jump: "", // ts of a message to scroll to, once
  },
};

let listener = () => {};
let isDue = false;

/** The one drawing function. */
export function onChange(drawAll) {
  listener = drawAll;
}

/** Draw soon. */
export function changed() {
  if (isDue) return;
  isDue = true;
  queueMicrotask(() => {
    isDue = false;
    listener();
  });
}

const watchers = [];

/** Call `watch(state)` for each state that arrives. */
export const onState = (watch) => watchers.push(watch);

/** The server's state has arrived. */
export function takeState(state) {
  Object.assign(store, { state, fetchedAt: performance.now(), isLive: true });
  store.ui.user = state.me.id;
  for (const watch of watchers) watch(state);
  changed();
}

/** Change where the person is. */
export function go(parts) {
  Object.assign(store.ui, parts);
  remember();
  changed();
}

/** The address holds what a reload must bring back: ?user= & ?lang=, #place/thread. */
function remember() {
  const { user, lang, place, thread } = store.ui;
  const query = new URLSearchParams({ ...(user && { user }), ...(lang && { lang }) });
  const spot = [place, thread].filter(Boolean).join("/");
  history.replaceState(null, "", `?${query}#${spot}`);
}

/** Read the address. */
export function recall() {
  const query = new URLSearchParams(location.search);
  const [place = "", thread = ""] = location.hash.slice(1).split("/");
  Object.assign(store.ui, { user: query.get("user") ?? "", lang: query.get("lang") ?? "", place, thread });
}

export const person = (id) => store.state.people.find((seat) => seat.id === id);
export const channel = (id) => store.state.channels.find((room) => room.id === id);
export const botId = () => store.state.app.bot_user_id;

/** Direct messages with the app, if there are any yet. */
export const appRoom = () => store.state.channels.find((room) => room.is_im && otherOf(room) === botId());

/** The other side of direct messages. */
export const otherOf = (room) => (room.peer === store.state.me.id ? botId() : room.peer);

/** All messages of a channel, oldest first. */
export const messagesOf = (id) => store.state.messages[id] ?? [];

export const isReply = (said) => Boolean(said.thread_ts) && said.thread_ts !== said.ts;

/** The workspace's time now, in milliseconds: the server's clock, carried on by ours. */
export function now() {
  return Date.parse(store.state.clock.now) + (performance.now() - store.fetchedAt);
}
