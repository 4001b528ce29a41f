"""Block Kit as plain dicts. Helpers escape every `str` that is not `Mrkdwn` and cap its length.

Dicts, because the SDK's models drop block types they do not know; built here and nowhere else.
Limits are Slack's (docs.slack.dev/reference/block-kit).
"""

import json
from collections.abc import Iterable, Sequence

from bot.cards.text import Mrkdwn, esc, joined
from bot.domain.delivery import Block

SECTION = 3000
CODE = 4000
BUTTON = 75
LABEL = 2000
OPTION = 75
PLACEHOLDER = 150
TITLE = 24
MESSAGE = 9_990
"""Characters of all blocks of a message together: Slack was seen to refuse some 13,200."""


def size(blocks: Sequence[Block]) -> int:
    """How many characters of JSON they are."""
    return len(json.dumps(blocks, ensure_ascii=False))


def capped(text: object, limit: int) -> Mrkdwn:
    """Escaped text of at most `limit` characters; never cut inside `&amp;` or a `<...>`."""
    escaped = esc(text)
    if len(escaped) <= limit:
        return escaped
    cut = escaped[: limit - 1]
    for opening, closing in (("&", ";"), ("<", ">")):
        if cut.rfind(opening) > cut.rfind(closing):
            cut = cut[: cut.rfind(opening)]
    return Mrkdwn(cut.rstrip() + "…")


def plain(text: object, limit: int = LABEL) -> Block:
    """A plain_text object; emoji names stay as typed."""
    return {"type": "plain_text", "text": capped(text, limit), "emoji": False}


def mrkdwn(text: object, limit: int = SECTION) -> Block:
    """A mrkdwn object."""
    return {"type": "mrkdwn", "text": capped(text, limit)}


def section(text: object, *, block_id: str | None = None, accessory: Block | None = None) -> Block:
    """One paragraph of mrkdwn, with a button or menu beside it."""
    block: Block = {"type": "section", "text": mrkdwn(text)}
    if block_id:
        block["block_id"] = block_id
    if accessory:
        block["accessory"] = accessory
    return block


def paragraphs(lines: Iterable[object]) -> list[Block]:
    """Lines as sections, as few as hold them; no line is cut as long as it fits in one."""
    return [section(text) for text in _pieces(lines, SECTION)]


def _pieces(lines: Iterable[object], limit: int) -> list[Mrkdwn]:
    """Lines joined into texts, as few as hold them."""
    texts: list[Mrkdwn] = []
    for line in map(esc, lines):
        longer = joined("\n", texts[-1], line) if texts else line
        texts = [*texts[:-1], longer] if len(longer) <= limit else [*texts, line]
    return texts


def context(*texts: object, block_id: str | None = None) -> Block:
    """Small print: at most ten elements."""
    block: Block = {"type": "context", "elements": [mrkdwn(t) for t in texts[:10]]}
    if block_id:
        block["block_id"] = block_id
    return block


def divider() -> Block:
    """A line."""
    return {"type": "divider"}


def header(text: object) -> Block:
    """A heading of at most 150 characters."""
    return {"type": "header", "text": plain(text, 150)}


def headline(sign: str, strong: object, text: str) -> Block:
    """A sign, owroute's own words in bold, then a person's text shown literally, markup and all."""
    return _rich_text(
        "rich_text_section",
        {"type": "emoji", "name": sign},
        {"type": "text", "text": joined("", " ", strong, "  "), "style": {"bold": True}},
        {"type": "text", "text": esc(text) or "…"},  # Slack refuses an empty element
    )


def preformatted(*texts: str) -> Block:
    """Code blocks for commands, each shown and copied exactly; a long one goes on in the next."""
    kind = "rich_text_preformatted"
    parts = [part for text in texts for part in _pieces(text.split("\n"), CODE)]
    elements = [{"type": kind, "elements": [{"type": "text", "text": part}]} for part in parts]
    return {"type": "rich_text", "elements": elements}


def literal(*lines: object, title: object = "") -> Block:
    """Lines shown as they were typed, markup and all, below a title in bold."""
    text: Block = {"type": "text", "text": joined("\n", *lines)}
    if not title:
        return _rich_text("rich_text_section", text)
    head: Block = {"type": "text", "text": joined("", title, "\n"), "style": {"bold": True}}
    return _rich_text("rich_text_section", head, text)


def commands(*lines: str, title: object) -> Block:
    """Below a title in bold, lines as they are to be typed in a terminal."""
    head: Block = {"type": "text", "text": esc(title), "style": {"bold": True}}
    above: Block = {"type": "rich_text_section", "elements": [head]}
    return {"type": "rich_text", "elements": [above, *preformatted("\n".join(lines))["elements"]]}


def quoted(text: str) -> Block:
    """What a person wrote, as a quotation, shown literally."""
    return _rich_text("rich_text_quote", {"type": "text", "text": esc(text)})


def _rich_text(kind: str, *elements: Block) -> Block:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": list(elements)}]}


def actions(elements: Sequence[Block], *, block_id: str | None = None) -> Block:
    """A row of buttons and menus, at most 25."""
    block: Block = {"type": "actions", "elements": list(elements)}
    if block_id:
        block["block_id"] = block_id
    return block


def button(
    text: object,
    action_id: str,
    *,
    value: str = "",
    style: str | None = None,
    says: object | None = None,
    confirm: Block | None = None,
) -> Block:
    """A button; `says` is what a screen reader hears instead of a short label."""
    block: Block = {"type": "button", "action_id": action_id, "text": plain(text, BUTTON)}
    if value:
        block["value"] = value
    if style:
        block["style"] = style
    if says is not None:
        block["accessibility_label"] = capped(says, BUTTON)
    if confirm:
        block["confirm"] = confirm
    return block


def confirm(title: object, text: object, yes: object, no: object) -> Block:
    """The dialog before an act that cannot be taken back."""
    return {
        "title": plain(title, 100),
        "text": mrkdwn(text, 300),
        "confirm": plain(yes, 30),
        "deny": plain(no, 30),
    }


def option(text: object, value: str) -> Block:
    """One choice of a menu."""
    return {"text": plain(text, OPTION), "value": value}


def overflow(action_id: str, options: Iterable[Block]) -> Block:
    """The menu behind three dots, one to five options."""
    return {"type": "overflow", "action_id": action_id, "options": list(options)}


def field(
    block_id: str,
    label: object,
    element: Block,
    *,
    hint: object | None = None,
    optional: bool = False,
    dispatch: bool = False,
) -> Block:
    """A labelled input of a modal."""
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": element,
        "optional": optional,
    }
    if hint is not None:
        block["hint"] = plain(hint)
    if dispatch:
        block["dispatch_action"] = True
    return block


def modal(
    callback_id: str,
    title: object,
    blocks: Sequence[Block],
    *,
    submit: object | None = None,
    close: object | None = None,
    metadata: str = "",
) -> Block:
    """A modal view."""
    view: Block = {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title, TITLE),
        "blocks": list(blocks),
        "private_metadata": metadata,
    }
    if submit is not None:
        view["submit"] = plain(submit, TITLE)
    if close is not None:
        view["close"] = plain(close, TITLE)
    return view
