"""What somebody saw of a checklist, so that only that is judged."""

import hashlib
import json
from collections.abc import Iterable

from bot.domain.evidence import Evidence

SEEN = 10


def seen_as(items: Iterable[Evidence]) -> str:
    """What somebody sees of items, in a few characters: no other content or judgement has them."""
    seen = (
        [e.item, e.state, e.reason, e.by, e.changed_at.isoformat(), dict(e.content)]
        + ([e.newer.key, dict(e.newer.content)] if e.newer else [])
        for e in sorted(items, key=lambda e: e.item)
    )
    return hashlib.sha256(json.dumps(list(seen), sort_keys=True).encode()).hexdigest()[:SEEN]
