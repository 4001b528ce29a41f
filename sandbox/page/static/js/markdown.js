// The `markdown` block: the common part of standard Markdown. Text stays text, images become links.

import { unescaped } from "./mrkdwn.js";
import { link } from "./names.js";
import { h } from "./vdom.js";

const RULES = [
  [
    /^```[^\n]*\n([\s\S]*?)(?:\n```(?=\n|$)|$)/,
    ([, code]) => h("pre", { class: "code-block" }, unescaped(code)),
  ],
  [
    /^(#{1,6}) +([^\n]+)/,
    ([, marks, text]) => h(`h${Math.min(6, marks.length + 2)}`, { class: "md-heading" }, inline(text)),
  ],
  [/^(?:-{3,}|\*{3,})(?=\n|$)/, () => h("hr", { class: "divider" })],
  [
    /^(?:> ?[^\n]*(?:\n|$))+/,
    ([all]) => h("blockquote", { class: "quote" }, markdown(all.replace(/^> ?/gm, ""))),
  ],
  [/^(?:[-*+] +[^\n]*(?:\n|$))+/, ([all]) => h("ul", { class: "rich-list" }, items(all, /^[-*+] +/))],
  [/^(?:\d+[.)] +[^\n]*(?:\n|$))+/, ([all]) => h("ol", { class: "rich-list" }, items(all, /^\d+[.)] +/))],
  [/^\|[^\n]+\|\n\|[ :|-]+\|(?:\n\|[^\n]+\|)*/, ([all]) => table(all)],
  [/^[^\n]+(?:\n(?![#>|`\n]|[-*+] |\d+[.)] )[^\n]+)*/, ([all]) => h("p", { class: "rich" }, inline(all))],
];

/** The nodes of a Markdown text. */
export function markdown(text) {
  const found = [];
  let rest = text.replace(/^\n+/, "");
  while (rest) {
    const [rule, make] = RULES.find(([pattern]) => pattern.test(rest));
    const match = rule.exec(rest);
    found.push(make(match));
    rest = rest.slice(match[0].length).replace(/^\n+/, "");
  }
  return found;
}

const items = (all, mark) =>
  all
    .trim()
    .split("\n")
    .map((line) =>
      h(
        "li",
        null,
        inline(line.replace(mark, "").replace(/^\[([ xX])\] /, (_, on) => (on === " " ? "☐ " : "☑ "))),
      ),
    );

function table(all) {
  const [head, , ...body] = all.split("\n").map((line) =>
    line
      .replace(/^\||\|$/g, "")
      .split("|")
      .map((cell) => cell.trim()),
  );
  const row = (cells, tag) =>
    h(
      "tr",
      null,
      cells.map((cell) => h(tag, { scope: tag === "th" ? "col" : null }, inline(cell))),
    );
  return h(
    "div",
    { class: "table-frame" },
    h(
      "table",
      null,
      h("thead", null, row(head, "th")),
      h(
        "tbody",
        null,
        body.map((cells) => row(cells, "td")),
      ),
    ),
  );
}

const TOKEN = new RegExp(
  [
    "`(?<code>[^`\\n]+)`",
    String.raw`!?\[(?<label>[^\]\n]*)\]\((?<url>[^)\s]+)\)`,
    String.raw`\*\*(?<bold>\S(?:.*?\S)?)\*\*`,
    String.raw`~~(?<strike>\S(?:.*?\S)?)~~`,
    String.raw`(?<![\p{L}\p{N}*_])[*_](?<em>\S(?:.*?\S)?)[*_](?![\p{L}\p{N}*_])`,
  ].join("|"),
  "gu",
);

function inline(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    nodes.push(unescaped(text.slice(end, match.index)), styled(match.groups));
    end = match.index + match[0].length;
  }
  return [...nodes, unescaped(text.slice(end))];
}

function styled({ code, label, url, bold, strike, em }) {
  if (code) return h("code", null, unescaped(code));
  if (url) return link(unescaped(url), unescaped(label || url));
  if (bold) return h("strong", null, inline(bold));
  return strike ? h("s", null, inline(strike)) : h("em", null, inline(em));
}
