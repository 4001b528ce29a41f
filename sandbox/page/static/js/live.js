// Keeps `store.state` fresh: asks again whenever the server says that something changed.

import { getState, listen, Unreachable } from "./api.js";
import { changed, store, takeState } from "./store.js";

let underway = null;
let isStale = false;
let hangUp = () => {};

/** Fetch the state; calls that come meanwhile share one more fetch. Resolves when fresh. */
export async function refresh() {
  isStale = true;
  underway ??= run().finally(() => (underway = null));
  return underway;
}

async function run() {
  while (isStale) {
    isStale = false;
    const { user } = store.ui;
    try {
      const state = await getState(user);
      if (user === store.ui.user) takeState(state);
      else isStale = true;
    } catch (why) {
      if (!(why instanceof Unreachable)) throw why;
      store.isLive = false;
      changed();
    }
  }
}

/** Listen as the acting person. */
export function follow() {
  hangUp();
  hangUp = listen(store.ui.user, (isUp) => {
    if (isUp) refresh();
    else {
      store.isLive = false;
      changed();
    }
  });
}
