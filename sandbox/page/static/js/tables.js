// The blocks `table` and `data_table`: the latter is sorted and paged by its reader.

import { plain } from "./mrkdwn.js";
import { richText } from "./richtext.js";
import { changed } from "./store.js";
import { h } from "./vdom.js";
import { language, t } from "./words.js";

const views = new Map(); // of a data_table -> {page, column, down}: where its reader is in it

/** A plain table with its column settings. */
export function table(block) {
  const settings = block.column_settings ?? [];
  const cells = (row, tag) =>
    h(
      "tr",
      null,
      row.map((cell, n) => tableCell(cell, tag, settings[n] ?? {})),
    );
  const [head, ...body] = block.rows;
  return h(
    "div",
    { class: "table-frame", tabindex: "0", role: "group", "aria-label": t("Table") },
    h(
      "table",
      null,
      h("thead", null, cells(head, "th")),
      h(
        "tbody",
        null,
        body.map((row) => cells(row, "td")),
      ),
    ),
  );
}

function tableCell(cell, tag, { align = "left", is_wrapped: wraps = false }) {
  const classes = [`to-${align}`, wraps ? "wraps" : ""].filter(Boolean).join(" ");
  return h(tag, { class: classes, scope: tag === "th" ? "col" : null }, content(cell));
}

function content(cell) {
  if (cell.type === "rich_text") return richText(cell.elements);
  return plain(cell.text ?? String(cell.value ?? ""));
}

/** A table to be sorted and paged; `id` tells it from others. */
export function dataTable(block, id) {
  const view = views.get(id) ?? { page: 0, column: null, down: false };
  const size = block.page_size ?? 5;
  const [head, ...rows] = block.rows;
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const page = Math.min(view.page, pages - 1);
  const shown = sorted(rows, view).slice(page * size, (page + 1) * size);
  const turn = (parts) => () => {
    views.set(id, { ...view, page, ...parts });
    changed();
  };
  return h(
    "figure",
    { class: "data-table" },
    h("figcaption", null, plain(block.caption)),
    h(
      "div",
      { class: "table-frame", tabindex: "0", role: "group", "aria-label": block.caption },
      h(
        "table",
        null,
        h(
          "thead",
          null,
          h(
            "tr",
            null,
            head.map((cell, column) => heading(cell, column, view, turn)),
          ),
        ),
        h(
          "tbody",
          null,
          shown.map((row) =>
            h(
              "tr",
              null,
              row.map((cell, n) => dataCell(cell, n, block)),
            ),
          ),
        ),
      ),
    ),
    pages > 1 && pager(page, pages, turn),
  );
}

function heading(cell, column, view, turn) {
  const isSorted = view.column === column;
  const direction = view.down ? "descending" : "ascending";
  const sort = turn({ column, down: isSorted && !view.down, page: 0 });
  return h(
    "th",
    { scope: "col", "aria-sort": isSorted ? direction : "none" },
    h(
      "button",
      { type: "button", class: "sorter", on: { click: sort } },
      content(cell),
      h("span", { class: "sort-mark", "aria-hidden": "true" }, isSorted ? (view.down ? "↓" : "↑") : "↕"),
    ),
  );
}

function dataCell(cell, column, block) {
  const isName = column === (block.row_header_column_index ?? 0);
  return h(
    isName ? "th" : "td",
    { scope: isName ? "row" : null, class: cell.type === "raw_number" ? "to-right" : null },
    content(cell),
  );
}

function sorted(rows, { column, down }) {
  if (column === null) return rows;
  const order = new Intl.Collator(language(), { numeric: true });
  const compare = ([a], [b]) => {
    if (a.type === "raw_number" && b.type === "raw_number") return a.value - b.value;
    return order.compare(wordsOf(a), wordsOf(b));
  };
  const found = [...rows].sort((a, b) => compare([a[column]], [b[column]]));
  return down ? found.reverse() : found;
}

const wordsOf = (cell) => cell.text ?? JSON.stringify(cell.elements ?? "");

function pager(page, pages, turn) {
  const step = (label, to) =>
    h(
      "button",
      {
        type: "button",
        class: "quiet-button",
        disabled: to < 0 || to >= pages,
        on: { click: turn({ page: to }) },
      },
      label,
    );
  return h(
    "div",
    { class: "pager" },
    step(t("Previous"), page - 1),
    h("span", null, t("Page {page} of {pages}", { page: page + 1, pages })),
    step(t("Next"), page + 1),
  );
}
