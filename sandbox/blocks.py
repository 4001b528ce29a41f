"""What Slack does to blocks that it accepts: ids and defaults left out are filled in."""

from collections.abc import Sequence
from typing import Any

from sandbox.ids import Ids
from sandbox.inputs import children, elements
from sandbox.model import Json


def completed(blocks: Sequence[Json], ids: Ids) -> list[Json]:
    """A deep copy of valid blocks with block ids, action ids and text defaults in place."""
    copied = [_with_defaults(block) for block in blocks]
    for block in copied:
        _name(block, ids)
    return copied


def completed_view(view: Json, ids: Ids) -> Json:
    """A deep copy of a valid view as Slack keeps it: blocks completed, absent fields present."""
    kept: Json = {
        "title": None,
        "submit": None,
        "close": None,
        "callback_id": "",
        "external_id": "",
        "private_metadata": "",
        "clear_on_close": False,
        "notify_on_close": False,
        **{key: _with_defaults(value) for key, value in view.items() if key != "blocks"},
    }
    kept["blocks"] = completed(view["blocks"], ids)
    return kept


def _name(block: Json, ids: Ids) -> None:
    block.setdefault("block_id", ids.short("block"))
    for child in children(block):
        _name(child, ids)
    for element in elements(block):
        element.setdefault("action_id", ids.short("action"))


def _with_defaults(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_defaults(item) for item in value]
    if not isinstance(value, dict):
        return value
    copied = {key: _with_defaults(item) for key, item in value.items()}
    if copied.get("type") == "plain_text":
        copied.setdefault("emoji", True)
    elif copied.get("type") == "mrkdwn":
        copied.setdefault("verbatim", False)
    return copied
