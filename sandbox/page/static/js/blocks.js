// Block Kit blocks as nodes to draw. What is typed or pressed in them is in elements.js.
// A surface is {id, kind: "message" | "modal" | "home", where, values, errors, files}.

import { element } from "./elements.js";
import { icon } from "./icons.js";
import { inputBlock } from "./inputs.js";
import { markdown } from "./markdown.js";
import { mrkdwn, plain } from "./mrkdwn.js";
import { link } from "./names.js";
import { richText } from "./richtext.js";
import { store } from "./store.js";
import { dataTable, table } from "./tables.js";
import { h } from "./vdom.js";
import { t } from "./words.js";

/** All blocks of a message or view. */
export const blocks = (list, surface) => list.map((block, index) => framed(block, index, surface));

function framed(block, index, surface) {
  const key = block.block_id ?? `${index} ${block.type}`;
  return h(
    "div",
    { key, class: `block block-${block.type}`, "data-block-id": block.block_id },
    drawn(block, key, surface),
  );
}

const KINDS = {
  section,
  header: (block) =>
    h(`h${Math.min(6, (block.level ?? 1) + 2)}`, { class: "block-title" }, plain(block.text.text)),
  divider: () => h("hr", { class: "divider" }),
  context: (block, key, surface) =>
    block.elements.map((part) =>
      part.type === "image" ? picture(part) : h("span", { class: "context-text" }, text(part)),
    ),
  actions: (block, key, surface) => block.elements.map((part) => element(part, block, surface)),
  context_actions: (block, key, surface) => block.elements.map((part) => element(part, block, surface)),
  input: (block, key, surface) => inputBlock(block, surface),
  image: (block, key, surface) =>
    h(
      "figure",
      { class: "figure" },
      block.title && h("figcaption", null, plain(block.title.text)),
      picture(block),
    ),
  rich_text: (block) => richText(block.elements),
  markdown: (block) => markdown(block.text),
  table: (block) => table(block),
  data_table: (block, key, surface) => dataTable(block, `${surface.id} ${key}`),
  alert: (block) =>
    h(
      "div",
      { class: `alert ${block.level ?? "default"}`, role: "note" },
      icon(["warning", "error"].includes(block.level) ? "warning" : "info"),
      h("div", null, text(block.text)),
    ),
  container,
  card,
  carousel: (block, key, surface) =>
    block.elements.map((inner, index) => framed({ type: "card", ...inner }, index, surface)),
  plan: (block) => h("section", { class: "plan" }, h("h4", null, plain(block.title)), block.tasks.map(task)),
  task_card: (block) => task(block),
};

function drawn(block, key, surface) {
  const draw = KINDS[block.type];
  if (draw) return draw(block, key, surface);
  return h(
    "p",
    { class: "unknown-block" },
    t("This page does not draw blocks of the kind {kind}.", { kind: block.type }),
  );
}

/** A text object: mrkdwn or plain_text. */
const text = (object) => (object.type === "mrkdwn" ? mrkdwn(object.text) : plain(object.text));

function section(block, key, surface) {
  const side = block.accessory;
  return [
    h(
      "div",
      { class: "section-body" },
      block.text && h("div", { class: "section-text" }, text(block.text)),
      block.fields &&
        h(
          "div",
          { class: "fields" },
          block.fields.map((field) => h("div", { class: "field-text" }, text(field))),
        ),
    ),
    side &&
      h("div", { class: "accessory" }, side.type === "image" ? picture(side) : element(side, block, surface)),
  ];
}

/** A picture from this server is shown; one from elsewhere is named, since the page loads nothing. */
function picture(image) {
  const url = image.image_url ?? fileUrl(image.slack_file ?? {});
  if (isOurs(url)) return h("img", { class: "picture", src: url, alt: image.alt_text, loading: "lazy" });
  return h(
    "span",
    {
      class: "picture-away",
      role: "img",
      "aria-label": image.alt_text,
      title: t("Pictures from other servers are not loaded here."),
    },
    icon("file"),
    image.alt_text,
    url && link(url, t("Open")),
  );
}

function fileUrl({ id, url }) {
  const files = Object.values(store.state.messages)
    .flat()
    .flatMap((said) => said.files ?? []);
  const file = files.find((one) => one.id === id || (url && one.url === url));
  return file && addressOf(file);
}

/** A file's address on the server that this page came from, by whatever name it was reached. */
export const addressOf = (file) => new URL(file.url, location.href).pathname;

const isOurs = (url) => Boolean(url) && new URL(url, location.href).origin === location.origin;

function container(block, key, surface) {
  const title = block.title ? plain(block.title.text) : richText(block.rich_text_title.elements);
  const inner = h("div", { class: "container-body" }, blocks(block.child_blocks, surface));
  const subtitle = block.subtitle && h("span", { class: "subtitle" }, plain(block.subtitle.text));
  if (!block.is_collapsible)
    return h("section", { class: "container" }, h("h4", null, title, subtitle), inner);
  const open = (el) => (el.open = !block.default_collapsed);
  return h("details", { class: "container", created: open }, h("summary", null, title, subtitle), inner);
}

function card(block, key, surface) {
  const line = (name) => block[name] && h("div", { class: `card-${name}` }, text(block[name]));
  return h(
    "article",
    { class: "card" },
    block.hero_image && picture(block.hero_image),
    ["title", "subtitle", "body", "subtext"].map(line),
    block.actions &&
      h(
        "div",
        { class: "card-actions" },
        block.actions.map((part) => element(part, block, surface)),
      ),
  );
}

function task(item) {
  const states = {
    pending: t("pending"),
    in_progress: t("in progress"),
    complete: t("complete"),
    error: t("failed"),
  };
  const signs = { pending: "○", in_progress: "◔", complete: "●", error: "✕" };
  return h(
    "div",
    { class: `task ${item.status}` },
    h("span", { "aria-hidden": "true" }, signs[item.status]),
    h("span", null, plain(item.title)),
    h("span", { class: "task-state" }, states[item.status] ?? item.status),
    ["details", "output"].map(
      (name) => item[name] && h("div", { class: "task-more" }, richText(item[name].elements)),
    ),
    (item.sources ?? []).map((source) => link(source.url, source.text)),
  );
}
