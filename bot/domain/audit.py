"""What the audit remembers: who did what to what, and when."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.ids import UserId


@dataclass(frozen=True, slots=True)
class Entry:
    """One line, numbered in the order of writing. `actor` None is owroute itself."""

    id: int
    at: datetime
    actor: UserId | None
    action: str
    subject: str
    before: str
    after: str


def kept(fields: Mapping[str, str]) -> str:
    """Settings as the audit keeps them, field to text, whatever language they were changed in."""
    return json.dumps(fields, ensure_ascii=False, sort_keys=True) if fields else ""


def fields_in(text: str) -> Mapping[str, str] | None:
    """What `kept` has written; None for any other text."""
    if not text:
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        return None
    is_ours = isinstance(found, dict) and all(isinstance(value, str) for value in found.values())
    return found if is_ours else None


def differing(
    before: Mapping[str, str], after: Mapping[str, str], together: tuple[tuple[str, ...], ...]
) -> tuple[str, str]:
    """The fields that were changed, as they are kept before and after.

    Of fields that belong `together`, and are read as one, all or none.
    """
    changed = {n for n in {**before, **after} if before.get(n) != after.get(n)}
    for group in together:
        changed |= set(group) if not changed.isdisjoint(group) else set()
    old, new = ({n: held[n] for n in changed if n in held} for held in (before, after))
    return kept(old), kept(new)
