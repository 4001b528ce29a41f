"""What of an unsettled item stands whatever becomes of it: owroute or a person has put it down."""

from collections.abc import Iterable

from bot.domain.evidence import NOTHING, Content, Entry, Evidence, EvidenceState, Source


def vouched(item: Evidence, entries: Iterable[Entry]) -> Content:
    """Of what is known of an item, what was not captured alone.

    Nothing of one that was rejected, or that was there before the plan changed.
    """
    if item.state is EvidenceState.REJECTED or item.is_doubted:
        return NOTHING
    told = [e.content for e in entries if e.item == item.item and e.source is not Source.CAPTURED]
    return {name: v for name, v in item.content.items() if any(c.get(name) == v for c in told)}
