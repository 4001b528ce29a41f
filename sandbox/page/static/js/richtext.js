// rich_text blocks and cells: sections, lists, quotes, preformatted parts and what stands in them.

import { emoji } from "./emoji.js";
import { lines, unescaped } from "./mrkdwn.js";
import { channelLink, link, mention } from "./names.js";
import { slackDate } from "./time.js";
import { h } from "./vdom.js";

/** The nodes of a rich_text block's or cell's `elements`. */
export const richText = (elements) => elements.map(part);

function part(element) {
  const inner = element.elements ?? [];
  switch (element.type) {
    case "rich_text_section":
      return h("p", { class: "rich" }, inner.map(leaf));
    case "rich_text_list":
      return list(element, inner);
    case "rich_text_quote":
      return h("blockquote", { class: "quote" }, inner.map(leaf));
    case "rich_text_preformatted":
      return h(
        "pre",
        { class: "code-block" },
        inner.map((text) => unescaped(text.text ?? text.url ?? "")),
      );
    default:
      return leaf(element);
  }
}

function list(element, items) {
  const style = { "--indent": String(element.indent ?? 0) };
  const start = element.style === "ordered" && element.offset ? element.offset + 1 : null;
  const tag = element.style === "ordered" ? "ol" : "ul";
  return h(
    tag,
    { class: "rich-list", start, style },
    items.map((item) => h("li", null, (item.elements ?? []).map(leaf))),
  );
}

function leaf(element) {
  return dressed(bare(element), element.style ?? {});
}

function bare(element) {
  switch (element.type) {
    case "text":
      return lines(unescaped(element.text));
    case "link":
      return link(unescaped(element.url), unescaped(element.text || element.url));
    case "user":
      return mention(element.user_id);
    case "channel":
      return channelLink(element.channel_id);
    case "emoji":
      return emoji(element.name);
    case "broadcast":
      return h("span", { class: "mention loud" }, `@${element.range}`);
    case "usergroup":
      return h("span", { class: "mention" }, "@group");
    case "date":
      return h("time", null, slackDate(element.timestamp, element.format));
    case "color":
      return h("span", { class: "swatch", style: { "--tile": element.value } }, element.value);
    default:
      return element.text ?? "";
  }
}

const TAGS = [
  ["bold", "strong"],
  ["italic", "em"],
  ["strike", "s"],
  ["underline", "u"],
  ["code", "code"],
];

function dressed(node, style) {
  return TAGS.reduce((inner, [name, tag]) => (style[name] ? h(tag, null, inner) : inner), node);
}
