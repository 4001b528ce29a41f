"""One spelling for every value: the bytes that are sent, hashed and compared."""

import hashlib
import json
from typing import Any

import orjson

_CANONICAL = orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


def canonical(value: Any) -> bytes:
    """Canonical JSON of plain data: sorted keys, UTF-8, no spaces, one trailing newline.

    A lone surrogate, which UTF-8 cannot hold, stays the JSON escape it came as; integers of any
    size keep all their digits.
    """
    try:
        return orjson.dumps(value, option=_CANONICAL)
    except orjson.JSONEncodeError:
        return _spelled_out(value)


def _spelled_out(value: Any) -> bytes:
    """The same bytes for what orjson does not take."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"{text}\n".encode("utf-8", "backslashreplace")


def digest(*parts: bytes) -> str:
    """Sha256 in hex over the parts; their lengths are counted in, so parts cannot run together."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(b"%d:" % len(part))
        whole.update(part)
    return whole.hexdigest()
