"""What waits for whom: the owner for all that nobody else is asked for."""

from dataclasses import replace

from bot.domain.evidence import EvidenceState
from bot.domain.ids import UserId
from bot.domain.needs import need_of
from bot.domain.plans import State
from tests.cards.made import checklist, planned

LIN = UserId("U2")


def test_the_owner_is_asked_for_what_nobody_else_is() -> None:
    x = planned(state=State.RUNNING)
    first, *rest = checklist(x)
    items = (first.assigned(LIN), *rest)
    own, theirs = need_of(x, items, x.owner), need_of(x, items, LIN)
    assert own is not None
    assert theirs is not None
    assert own.items == tuple(rest)
    assert theirs.items == (items[0],)
    assert need_of(x, items, UserId("U3")) is None


def test_what_is_complete_waits_for_its_owner_to_decide() -> None:
    x = planned(state=State.COMPLETE)
    items = [replace(e, state=EvidenceState.GIVEN) for e in checklist(x)]
    need = need_of(x, items, x.owner)
    assert need is not None
    assert need.items == ()
    assert need_of(x, items, LIN) is None
    assert need_of(replace(x, state=State.DECIDED), items, x.owner) is None
