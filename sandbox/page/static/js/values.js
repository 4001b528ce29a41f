// What was typed or chosen in elements, kept here from the first keystroke, so that no answer of
// the server can take it away while block id, action id and kind stay the same.

import { perform } from "./acting.js";
import { changed, onState } from "./store.js";

const FIELDS = {
  plain_text_input: "value",
  number_input: "value",
  url_text_input: "value",
  email_text_input: "value",
  static_select: "selected_option",
  external_select: "selected_option",
  radio_buttons: "selected_option",
  overflow: "selected_option",
  checkboxes: "selected_options",
  multi_static_select: "selected_options",
  multi_external_select: "selected_options",
  users_select: "selected_user",
  multi_users_select: "selected_users",
  conversations_select: "selected_conversation",
  multi_conversations_select: "selected_conversations",
  channels_select: "selected_channel",
  multi_channels_select: "selected_channels",
  datepicker: "selected_date",
  timepicker: "selected_time",
  datetimepicker: "selected_date_time",
};

const PAUSE = 250; // ms without a keystroke before text is sent
const typed = new Map(); // key -> {type, value}
const waiting = new Map(); // key -> {timer, send}
const underway = new Map(); // key -> promise of the last sending
const edited = new Map(); // "surface block" -> number of its last edit: its error no longer applies
let edits = 0;

export const keyOf = (surface, block, element) => `${surface.id} ${block.block_id} ${element.action_id}`;

/** The value in force: ours, else the server's, else the element's initial one. */
export function valueOf(surface, block, element) {
  const own = typed.get(keyOf(surface, block, element));
  if (own?.type === element.type) return own.value;
  const field = FIELDS[element.type];
  const known = surface.values?.[block.block_id]?.[element.action_id];
  if (known && field in known) return known[field];
  return element[field === "value" ? "initial_value" : field.replace("selected_", "initial_")] ?? null;
}

/** The error beside an input, until something is typed in it. */
export const errorOf = (surface, block) =>
  edited.has(`${surface.id} ${block.block_id}`) ? undefined : surface.errors?.[block.block_id];

/** A keystroke: kept at once, sent after a pause. */
export function type(surface, block, element, value) {
  keep(surface, block, element, value);
  const key = keyOf(surface, block, element);
  clearTimeout(waiting.get(key)?.timer);
  const send = () => {
    clearTimeout(waiting.get(key)?.timer);
    waiting.delete(key);
    return deliver(surface, block, element, value, false);
  };
  waiting.set(key, { timer: setTimeout(send, PAUSE), send, surface: surface.id });
}

/** Enter in a single-line input: what waits is sent as entered. */
export function enter(surface, block, element) {
  const key = keyOf(surface, block, element);
  clearTimeout(waiting.get(key)?.timer);
  waiting.delete(key);
  return deliver(surface, block, element, valueOf(surface, block, element), true);
}

/** A choice: kept and sent at once; taken back if its confirmation is denied. */
export async function choose(surface, block, element, value) {
  keep(surface, block, element, value);
  const answer = await deliver(surface, block, element, value, false);
  if (answer.error === "denied") {
    typed.delete(keyOf(surface, block, element));
    changed();
  }
}

/** Send what waits on a surface and wait until all of it has arrived. */
export async function flush(surface) {
  for (const { send, surface: id } of [...waiting.values()]) if (id === surface.id) send();
  const mine = [...underway].filter(([key]) => key.startsWith(`${surface.id} `));
  await Promise.all(mine.map(([, promise]) => promise));
}

/** To be called when a submission leaves; the answer is to be called when it was judged: the errors
 *  of inputs that were not edited meanwhile count again. */
export function awaitVerdict(surface) {
  const last = edits;
  return () => {
    for (const [key, edit] of edited) {
      if (key.startsWith(`${surface.id} `) && edit <= last) edited.delete(key);
    }
    changed();
  };
}

// What was typed in views or inputs that are no longer there is dropped.
onState((state) => {
  const open = new Set(state.views.concat(state.home ?? []).flatMap((view) => placesOf(view)));
  const isView = /^V/;
  for (const key of typed.keys()) if (isView.test(key) && !open.has(key)) typed.delete(key);
});

function placesOf(view) {
  return Object.entries(view.state ?? {}).flatMap(([block, held]) =>
    Object.keys(held).map((action) => `${view.id} ${block} ${action}`),
  );
}

function keep(surface, block, element, value) {
  typed.set(keyOf(surface, block, element), { type: element.type, value });
  edited.set(`${surface.id} ${block.block_id}`, (edits += 1));
  changed();
}

// Sendings of one element keep their order: the last one typed is the last one to arrive.
function deliver(surface, block, element, value, enter) {
  const key = keyOf(surface, block, element);
  const body = bodyOf(surface, block, element, { [FIELDS[element.type]]: value }, enter);
  if (!body) return Promise.resolve({ ok: true });
  const before = underway.get(key) ?? Promise.resolve();
  const sending = before.then(() => perform(body));
  underway.set(key, sending);
  return sending.finally(() => underway.get(key) === sending && underway.delete(key));
}

function bodyOf(surface, block, element, value, enter) {
  const place = { block_id: block.block_id, action_id: element.action_id, value };
  if (block.type !== "input") return { do: "action", where: surface.where, ...place };
  if (surface.where.view_id) return { do: "input", view_id: surface.where.view_id, ...place, enter };
  return block.dispatch_action ? { do: "action", where: surface.where, ...place } : null;
}
