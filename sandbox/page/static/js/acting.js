// What the person does goes through here: confirmation first, then the control API, then the
// sentence if it failed.

import { act, Unreachable } from "./api.js";
import { ask } from "./confirm.js";
import { refresh } from "./live.js";
import { changed, store } from "./store.js";
import { toast } from "./toasts.js";
import { t } from "./words.js";

const busy = new Set();

/** Whether the element with this key waits for the bot. */
export const isBusy = (key) => busy.has(key);

/** Send an act of the acting person: {do, ...}. Resolves to the answer, {ok, error?, errors?}. */
export async function perform(body) {
  const answer = await sent(body);
  if (answer.error === "confirm_required" && answer.confirm) {
    if (!(await ask(answer.confirm))) return { ok: false, error: "denied" };
    return perform({ ...body, confirmed: true });
  }
  if (!answer.ok && answer.text && !answer.errors) toast(answer.text);
  await refresh();
  return answer;
}

async function sent(body) {
  try {
    return await act({ user: store.ui.user, ...body });
  } catch (why) {
    if (!(why instanceof Unreachable)) throw why;
    return { ok: false, error: "unreachable", text: t("The workspace's server does not answer.") };
  }
}

/** The same, with the element of this key shown as busy; a second press meanwhile is ignored. */
export async function performOnce(key, body) {
  if (busy.has(key)) return { ok: false, error: "busy" };
  busy.add(key);
  changed();
  try {
    return await perform(body);
  } finally {
    busy.delete(key);
    changed();
  }
}
