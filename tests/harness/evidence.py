"""Evidence that is simply there: for stories that are about what comes after it."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import JsonValue

from bot.domain.cases import withheld
from bot.domain.evidence import Content, Entry, Evidence, Source
from bot.domain.evidence_fields import Field, Kind, fields_of
from bot.domain.ids import TeamId, UserId
from bot.domain.plans import Experiment
from bot.domain.privacy import is_private
from bot.services.evidence import Change, attached
from tests.harness.stories import PEOPLE, Story


async def experiment(story: Story, number: int = 1) -> Experiment:
    """OW-n as it stands."""
    async with story.runtime.store(read_only=True) as uow:
        found = await uow.plans.by_number(TeamId(story.workspace.team.id), number)
    assert found is not None
    return found


async def checklist(story: Story, number: int = 1) -> dict[str, Evidence]:
    """Its items by id."""
    x = await experiment(story, number)
    async with story.runtime.store(read_only=True) as uow:
        return {e.item: e for e in await uow.evidence.of(x.id)}


async def give(
    story: Story,
    *,
    number: int = 1,
    but: Sequence[str] = (),
    failed: int = 0,
    source: Source = Source.TYPED,
) -> None:
    """Put down all that is asked for, save `but`; of the cases the first `failed` ones fail."""
    x = await experiment(story, number)
    change = story.runtime.cases.change_evidence
    by = UserId(PEOPLE["ada"])

    def all_of_it(x: Experiment, have: tuple[Evidence, ...], now: datetime) -> Change:
        items = [e.item for e in have if e.required and e.item not in but]
        entries = [
            Entry("given", i, source, _content(i, failed, private=is_private(x)), now, by)
            for i in items
        ]
        return attached(x, have, entries, by=by)

    await change(None, x.team, x.id, f"given:{number}:{but}:{failed}", all_of_it)
    await story.tick()


def _content(item: str, failed: int, *, private: bool) -> Content:
    return {f.name: _value(f, failed) for f in fields_of(item, private=private)}


def _value(field: Field, failed: int) -> JsonValue:
    if field.kind is Kind.CASES:
        return [{"case_id": f"c{n}", "pass": n >= failed} for n in range(5)]
    if field.kind is Kind.COUNT:
        return 12
    return withheld("x") if field.private else "said"
