// The page's language is the visitor's choice; the app answers each person in theirs.

import { nameOf } from "./names.js";
import { botId, store } from "./store.js";
import { h } from "./vdom.js";
import { language, languageOf, t } from "./words.js";

/** Who to act as to be answered in the page's language, if the acting person is not; or nothing. */
export function speakerHint(actAs) {
  const { app, me, people } = store.state;
  if (languageOf(me.locale) === language()) return null;
  const other = people.find(
    (seat) =>
      seat.id !== botId() && !seat.is_bot && !seat.deleted && languageOf(seat.locale) === language(),
  );
  if (!other) return null;
  const name = nameOf(other.id);
  return h(
    "p",
    { class: "speaker-hint", role: "status", key: "speaker" },
    h("span", null, t("{app} answers each person in their own language.", { app: app.name })),
    h(
      "button",
      { type: "button", class: "link", "data-speaker": other.id, on: { click: () => actAs(other.id) } },
      t("Act as {name} to be answered in English", { name }),
    ),
  );
}
