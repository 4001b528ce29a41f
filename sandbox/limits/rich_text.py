"""The inside of rich_text blocks."""

from sandbox.limits.objects import ADDRESS, ID
from sandbox.limits.shapes import Check, boolean, choice, integer, listing, record, string, typed

STYLE = record({}, {"bold": boolean, "italic": boolean, "strike": boolean, "code": boolean})
STYLED: dict[str, Check] = {"style": STYLE}
MANY = 1000


def piece(kind: str, required: dict[str, Check], optional: dict[str, Check] | None = None) -> Check:
    """One run of a rich text: a word, a link, a mention."""
    return record({"type": choice(kind), **required}, {**STYLED, **(optional or {})})


PIECE = typed(
    "rich text element",
    {
        "text": piece("text", {"text": string(4000)}),
        "link": piece("link", {"url": ADDRESS}, {"text": string(4000), "unsafe": boolean}),
        "emoji": piece("emoji", {"name": string(255)}, {"unicode": string(255)}),
        "user": piece("user", {"user_id": ID}),
        "channel": piece("channel", {"channel_id": ID}),
        "usergroup": piece("usergroup", {"usergroup_id": ID}),
        "broadcast": piece("broadcast", {"range": choice("here", "channel", "everyone")}),
        "date": piece(
            "date",
            {"timestamp": integer(0, 9_999_999_999), "format": string(255)},
            {"fallback": string(255), "url": ADDRESS},
        ),
        "color": piece("color", {"value": string(32)}),
    },
)
PIECES = listing(PIECE, 0, MANY)
SECTION = record({"type": choice("rich_text_section"), "elements": PIECES})
BORDER: dict[str, Check] = {"border": integer(0, 1)}
RICH_TEXT_ELEMENTS = listing(
    typed(
        "rich text",
        {
            "rich_text_section": SECTION,
            "rich_text_list": record(
                {
                    "type": choice("rich_text_list"),
                    "style": choice("bullet", "ordered"),
                    "elements": listing(SECTION, 1, MANY),
                },
                {"indent": integer(0, 8), "offset": integer(0, 10_000), **BORDER},
            ),
            "rich_text_preformatted": record(
                {"type": choice("rich_text_preformatted"), "elements": PIECES},
                {"language": string(255), **BORDER},
            ),
            "rich_text_quote": record(
                {"type": choice("rich_text_quote"), "elements": PIECES}, BORDER
            ),
        },
    ),
    1,
    MANY,
)
RICH_TEXT = record({"type": choice("rich_text"), "elements": RICH_TEXT_ELEMENTS}, {"block_id": ID})
