// Times as the acting person reads them: in their zone and language. Slack's ts and dates too.

import { now, store } from "./store.js";
import { language, t } from "./words.js";

const formats = new Map();

function format(options, zone = zoneOf()) {
  const id = JSON.stringify([language(), zone, options]);
  if (!formats.has(id)) {
    formats.set(id, new Intl.DateTimeFormat(language(), { hourCycle: "h23", timeZone: zone, ...options }));
  }
  return formats.get(id);
}

export const zoneOf = () => store.state.me.tz || "UTC";

/** Milliseconds of a Slack ts such as "1764000000.000200". */
export const msOfTs = (ts) => Number(ts) * 1000;

const TIME = { hour: "2-digit", minute: "2-digit" };
const DAY = { year: "numeric", month: "2-digit", day: "2-digit" };

export const timeOfDay = (ms) => format(TIME).format(ms);
export const dayAndTime = (ms) =>
  format({ weekday: "short", day: "numeric", month: "short", ...TIME }).format(ms);
export const fullTime = (ms) => format({ dateStyle: "full", timeStyle: "medium" }).format(ms);

/** "2026-11-24" in the person's zone: which day it is. */
export const dayKey = (ms) => new Intl.DateTimeFormat("en-CA", { timeZone: zoneOf(), ...DAY }).format(ms);

/** "Today", "Yesterday", "Tomorrow", or nothing. */
function nearDay(ms) {
  const near = { [now()]: t("Today"), [now() - 864e5]: t("Yesterday"), [now() + 864e5]: t("Tomorrow") };
  const found = Object.keys(near).find((day) => dayKey(Number(day)) === dayKey(ms));
  return found && near[found];
}

/** The heading above a day's messages. */
export const dayName = (ms) =>
  nearDay(ms) ?? format({ weekday: "long", day: "numeric", month: "long" }).format(ms);

const TOKENS = {
  date_num: (ms) => dayKey(ms),
  date: (ms) => format({ dateStyle: "long" }).format(ms),
  date_short: (ms) => format({ dateStyle: "medium" }).format(ms),
  date_long: (ms) => format({ dateStyle: "full" }).format(ms),
  date_pretty: (ms) => nearDay(ms) ?? TOKENS.date(ms),
  date_short_pretty: (ms) => nearDay(ms) ?? TOKENS.date_short(ms),
  date_long_pretty: (ms) => nearDay(ms) ?? TOKENS.date_long(ms),
  time: timeOfDay,
  time_secs: (ms) => format({ ...TIME, second: "2-digit" }).format(ms),
  ago: (ms) => ago(ms),
};

/** The text of `<!date^seconds^pattern|...>`; unknown tokens stay as they are. */
export const slackDate = (seconds, pattern) =>
  pattern.replace(/\{(\w+)\}/g, (whole, token) => TOKENS[token]?.(seconds * 1000) ?? whole);

function ago(ms) {
  const [step, unit] = [
    [864e5, "day"],
    [36e5, "hour"],
    [6e4, "minute"],
  ].find(([size]) => Math.abs(ms - now()) >= size) ?? [6e4, "minute"];
  return new Intl.RelativeTimeFormat(language(), { numeric: "auto" }).format(
    Math.round((ms - now()) / step),
    unit,
  );
}

const LENGTHS = [
  [86_400, (count) => t("{count} d", { count })],
  [3600, (count) => t("{count} h", { count })],
  [60, (count) => t("{count} min", { count })],
];

/** How far the workspace's clock is ahead of the real one, such as "+7 d 2 h"; "" if it is not. */
export function offsetText(seconds) {
  const length = lengthText(seconds);
  return length && `+${length}`;
}

/** A length of time, such as "7 d 2 h"; "" below half a minute. */
export function lengthText(seconds) {
  let left = Math.round(seconds / 60) * 60;
  const parts = [];
  for (const [size, say] of LENGTHS) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count) parts.push(say(count));
  }
  return parts.join(" ");
}

/** Unix seconds -> "2026-11-24T10:31" in the person's zone, for <input type="datetime-local">. */
export function localOfUnix(seconds) {
  const parts = { ...DAY, ...TIME, hourCycle: "h23", timeZone: zoneOf() };
  const found = new Intl.DateTimeFormat("en-CA", parts).formatToParts(seconds * 1000);
  const of = Object.fromEntries(found.map(({ type, value }) => [type, value]));
  return `${of.year}-${of.month}-${of.day}T${of.hour}:${of.minute}`;
}

/** The other way round. An hour that a clock change skips comes out as the hour after it. */
export function unixOfLocal(local) {
  const wanted = Date.parse(`${local}:00Z`) / 1000;
  const guess = wanted - shiftAt(wanted);
  return wanted - shiftAt(guess);
}

const shiftAt = (seconds) => Date.parse(`${localOfUnix(seconds)}:00Z`) / 1000 - Math.floor(seconds / 60) * 60;
