// Slack's selects on top of the combobox: what each kind offers, holds and sends.

import { combobox } from "./combobox.js";
import { unescaped, withEmoji } from "./mrkdwn.js";
import { nameOf } from "./names.js";
import { perform } from "./acting.js";
import { botId, changed, otherOf, store } from "./store.js";
import { choose, keyOf, valueOf } from "./values.js";
import { t } from "./words.js";

const wordsOf = (text) => unescaped(withEmoji(text.text));

const itemOf = (option, group) => ({
  id: option.value,
  label: wordsOf(option.text),
  hint: option.description && wordsOf(option.description),
  group,
  option,
});

function itemsOf({ options = [], option_groups: groups = [] }) {
  return [
    ...options.map((option) => itemOf(option)),
    ...groups.flatMap((group) => group.options.map((option) => itemOf(option, wordsOf(group.label)))),
  ];
}

const people = () =>
  store.state.people
    .filter((seat) => !seat.deleted)
    .map((seat) => ({
      id: seat.id,
      label: nameOf(seat.id),
      hint: seat.id === botId() ? t("App") : `@${seat.name}`,
    }));

function rooms({ filter = {} }) {
  const include = filter.include ?? ["public", "private", "im", "mpim"];
  const kindOf = (room) => (room.is_im ? "im" : room.is_private ? "private" : "public");
  return store.state.channels
    .filter((room) => include.includes(kindOf(room)) && !room.is_archived)
    .filter((room) => !(filter.exclude_bot_users && room.is_im && otherOf(room) === botId()))
    .map((room) => ({
      id: room.id,
      label: room.is_im ? nameOf(otherOf(room)) : `#${room.name}`,
      hint: room.is_private && !room.is_im ? t("private") : "",
    }));
}

const publicRooms = () => rooms({ filter: { include: ["public"] } });

const KINDS = {
  static_select: { items: itemsOf, holdsOptions: true },
  external_select: { holdsOptions: true, isAsked: true },
  users_select: { items: people },
  conversations_select: { items: rooms },
  channels_select: { items: publicRooms },
};

/** The kind of select behind `multi_...`, or nothing. */
const kindOf = (element) => KINDS[element.type.replace(/^multi_/, "")];

export const isPicker = (element) => Boolean(kindOf(element));

/** A select; `field` holds the attributes of its text field. */
export function picker(element, block, surface, field) {
  const kind = kindOf(element);
  const key = keyOf(surface, block, element);
  const isMulti = element.type.startsWith("multi_");
  const value = valueOf(surface, block, element);
  const held = (isMulti ? (value ?? []) : [value]).filter(Boolean);
  const chosen = held.map((one) =>
    kind.holdsOptions
      ? itemOf(one)
      : (kind.items(element).find(({ id }) => id === one) ?? { id: one, label: nameOf(one) }),
  );
  const onChoose = (items) => {
    const values = items.map((item) => (kind.holdsOptions ? item.option : item.id));
    choose(surface, block, element, isMulti ? values : (values[0] ?? null));
  };
  return combobox(key, {
    chosen,
    onChoose,
    isMulti,
    field,
    max: element.max_selected_items,
    canClear: block.optional === true,
    placeholder: element.placeholder ? wordsOf(element.placeholder) : t("Choose"),
    offer: kind.isAsked ? () => suggested(key, element) : (query) => matching(kind.items(element), query),
    onQuery: kind.isAsked ? (query) => suggest(key, element, block, surface, query) : undefined,
  });
}

function matching(items, query) {
  const sought = query.trim().toLocaleLowerCase();
  const found = items.filter(({ label, hint }) =>
    `${label} ${hint ?? ""}`.toLocaleLowerCase().includes(sought),
  );
  return { items: found, note: found.length ? "" : t("Nothing matches.") };
}

// --- options that the app is asked for -------------------------------------------------------------

const PAUSE = 250;
const answers = new Map(); // key -> {query, items, isWaiting, hasFailed}
const timers = new Map();

const leastOf = (element) => element.min_query_length ?? 3;

function suggested(key, element) {
  const { query = "", items = [], isWaiting, hasFailed } = answers.get(key) ?? {};
  if ([...query].length < leastOf(element)) {
    return { items: [], note: t("Type at least {count} characters.", { count: leastOf(element) }) };
  }
  if (isWaiting) return { items, note: t("Searching…") };
  if (hasFailed) return { items: [], note: t("The choices could not be loaded.") };
  return { items, note: items.length ? "" : t("Nothing matches.") };
}

function suggest(key, element, block, surface, query) {
  clearTimeout(timers.get(key));
  const isEnough = [...query].length >= leastOf(element);
  answers.set(key, { query, items: isEnough ? (answers.get(key)?.items ?? []) : [], isWaiting: isEnough });
  if (isEnough)
    timers.set(
      key,
      setTimeout(() => look(key, element, block, surface, query), PAUSE),
    );
}

async function look(key, element, block, surface, query) {
  const place = { block_id: block.block_id, action_id: element.action_id };
  const answer = await perform({ do: "suggest", where: surface.where, ...place, value: query });
  if (answers.get(key)?.query !== query) return;
  answers.set(key, { query, items: answer.ok ? itemsOf(answer) : [], hasFailed: !answer.ok });
  changed();
}
