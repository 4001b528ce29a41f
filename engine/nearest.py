"""Names that may have been meant: nearest to what was typed, however it is spelled."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

FEW = 3
ALIKE = 0.7


def nearest(typed: str, names: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """At most three ids whose names resemble `typed` or hold it, nearest first."""
    ids = {_spelled(name): one for one, given in names.items() for name in given}
    key = _spelled(typed)
    alike = get_close_matches(key, ids, n=2 * FEW, cutoff=ALIKE)
    holding = [name for name in ids if key and key in name]
    return tuple(dict.fromkeys(ids[name] for name in (*alike, *holding)))[:FEW]


def _spelled(name: str) -> str:
    """Small letters and digits: `RTX 4090` and `rtx-4090` are one name."""
    return re.sub(r"[^a-z0-9]", "", name.lower())
