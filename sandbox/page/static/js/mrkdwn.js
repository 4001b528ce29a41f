// Slack's mrkdwn as nodes to draw. Markup is found first; `&amp;` `&lt;` `&gt;` become characters
// last, so what somebody escaped can never turn into a link, a mention or a style.

import { emoji, isEmoji } from "./emoji.js";
import { channelLink, link, mention } from "./names.js";
import { slackDate } from "./time.js";
import { h } from "./vdom.js";

/** `&amp;` `&lt;` `&gt;` as characters. */
export const unescaped = (text) =>
  text.replace(/&(amp|lt|gt);/g, (_, name) => ({ amp: "&", lt: "<", gt: ">" })[name]);

/** Characters and emoji, no markup: plain_text objects. */
export const plain = (text) => lines(unescaped(withEmoji(text)));

/** The nodes of a mrkdwn text: paragraphs, quotes, preformatted parts. */
export function mrkdwn(text) {
  return text.split(/```/).flatMap((part, index, all) => {
    const isCode = index % 2 === 1 && index < all.length - 1;
    if (isCode) return [h("pre", { class: "code-block" }, verbatim(part.replace(/^\n|\n$/g, "")))];
    const isOpen = index % 2 === 1; // the fence was never closed: it is text
    return prose(trimmed(isOpen ? `\`\`\`${part}` : part, index, all.length));
  });
}

// Preformatted parts stand on lines of their own; the line breaks around them are not doubled.
function trimmed(part, index, count) {
  const start = index > 0 ? part.replace(/^ *\n/, "") : part;
  return index < count - 1 ? start.replace(/\n$/, "") : start;
}

// Neighbouring lines that are quoted are one quote.
function prose(text) {
  if (text === "") return [];
  const parts = [];
  for (const line of text.split("\n")) {
    const quoted = /^(?:>|&gt;) ?(.*)$/.exec(line);
    const isQuote = quoted !== null;
    if (parts.at(-1)?.isQuote !== isQuote) parts.push({ isQuote, lines: [] });
    parts.at(-1).lines.push(isQuote ? quoted[1] : line);
  }
  return parts.flatMap((part) => {
    const nodes = part.lines.flatMap((line, index) => (index ? [h("br"), ...inline(line)] : inline(line)));
    return part.isQuote ? [h("blockquote", { class: "quote" }, nodes)] : nodes;
  });
}

const STYLES = { "*": "strong", _: "em", "~": "s" };
const BEFORE = String.raw`(?<![\p{L}\p{N}*_~\x60])`;
const AFTER = String.raw`(?![\p{L}\p{N}*_~\x60])`;
const TOKEN = new RegExp(
  [
    String.raw`<(?<mark>[^<>\n]+)>`,
    `${BEFORE}\`(?<code>[^\`\\n]+)\`${AFTER}`,
    String.raw`:(?<emoji>[\w+-]+):`,
    `${BEFORE}(?<style>[*_~])(?<inner>\\S(?:[^\\n]*?\\S)?)\\k<style>${AFTER}`,
  ].join("|"),
  "gu",
);

/** The nodes of one line. */
function inline(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    nodes.push(unescaped(text.slice(end, match.index)), styled(match));
    end = match.index + match[0].length;
  }
  nodes.push(unescaped(text.slice(end)));
  return nodes.filter((node) => node !== "");
}

function styled(match) {
  const { mark, code, emoji: name, style, inner } = match.groups;
  if (mark) return marked(mark);
  if (code) return h("code", null, verbatim(code));
  if (name) return isEmoji(name) ? emoji(name) : match[0];
  return h(STYLES[style], null, inline(inner));
}

/** What stands between angle brackets: a person, a channel, a date, everybody, or a link. */
function marked(mark) {
  const [target, label] = cut(mark, "|");
  if (target.startsWith("@")) return mention(target.slice(1));
  if (target.startsWith("#")) return channelLink(target.slice(1), label && unescaped(label));
  if (target.startsWith("!date^")) return dated(target, label);
  if (target.startsWith("!subteam^")) return h("span", { class: "mention" }, unescaped(label || "@group"));
  if (target.startsWith("!"))
    return h("span", { class: "mention loud" }, `@${target.slice(1).split("^")[0]}`);
  return link(unescaped(target), label ? inline(label) : unescaped(target).replace(/^mailto:/, ""));
}

function dated(target, label) {
  const [, seconds, pattern, url] = target.split("^");
  const shown = /^\d+$/.test(seconds)
    ? slackDate(Number(seconds), unescaped(pattern ?? ""))
    : unescaped(label ?? "");
  const node = h("time", { title: label && unescaped(label) }, shown);
  return url ? link(unescaped(url), node) : node;
}

// Code shows links and mentions as their text, nothing else changes.
function verbatim(code) {
  return unescaped(code.replace(/<([^<>\n|]+)(?:\|([^<>\n]+))?>/g, (_, target, label) => label ?? target));
}

function cut(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

export const withEmoji = (text) =>
  text.replace(/:([\w+-]+):/g, (whole, name) => (isEmoji(name) ? emoji(name) : whole));

/** Text with its line breaks. */
export const lines = (text) => text.split("\n").flatMap((line, index) => (index ? [h("br"), line] : [line]));
