"""Capture tokens, and who is asked for an item by name."""

import asyncio
from dataclasses import replace

from bot.domain.plans import OPEN, Conclusion, State
from bot.domain.tokens import LIFE, USES, Token, TokenKind
from storage.database import SqlStore
from tests.storage.given import ADA, AT, LIN, OTHER_TEAM, TEAM, added, minutes, saved
from tests.storage.test_small_nouns import GATE, WEIGHTS


def made(experiment: int, sha256: str = "a" * 64) -> Token:
    return Token(
        sha256=sha256, team=TEAM, experiment=experiment, kind=TokenKind.CAPTURE,  # type: ignore[arg-type]  # an id is an int
        by=ADA, made_at=AT, expires_at=AT + LIFE,
    )  # fmt: skip


async def test_a_token_comes_back_and_ends(store: SqlStore) -> None:
    x, y = await added(store), await added(store, "V2")
    async with store() as uow:
        await uow.tokens.add(made(x.id))
        await uow.tokens.add(made(y.id, "b" * 64))
        await uow.commit()
    async with store() as uow:
        assert await uow.tokens.by_hash("a" * 64) == made(x.id)
        assert await uow.tokens.by_hash("c" * 64) is None
        assert await uow.tokens.revoke(x.id, AT + minutes(1)) == 1
        assert await uow.tokens.revoke(x.id, AT + minutes(2)) == 0
        ended = await uow.tokens.by_hash("a" * 64)
        assert ended == replace(made(x.id), revoked_at=AT + minutes(1))
        assert not ended.is_good(AT + minutes(1))
        other = await uow.tokens.by_hash("b" * 64)
        assert other is not None
        assert other.is_good(AT + minutes(1))
        assert not other.is_good(AT + LIFE)


async def test_no_token_is_used_more_often_than_it_may(store: SqlStore) -> None:
    x = await added(store)
    async with store() as uow:
        await uow.tokens.add(made(x.id))
        await uow.commit()

    async def used() -> bool:
        async with store() as uow:
            counted = await uow.tokens.use("a" * 64, USES)
            await uow.commit()
        return counted

    assert sum(await asyncio.gather(*(used() for _ in range(USES + 5)))) == USES
    assert not await used()


async def test_who_is_asked_by_name_finds_the_experiment(store: SqlStore) -> None:
    x, y = await added(store), await added(store, "V2")
    async with store() as uow:
        await uow.evidence.replace(x.id, (WEIGHTS.assigned(LIN), GATE.assigned(LIN)))
        await uow.evidence.replace(y.id, (WEIGHTS, GATE))
        await uow.commit()
    async with store(read_only=True) as uow:
        assert [found.id for found in await uow.plans.assigned_to(TEAM, LIN, OPEN)] == [x.id]
        assert await uow.plans.assigned_to(TEAM, ADA, OPEN) == []
        assert await uow.plans.assigned_to(OTHER_TEAM, LIN, OPEN) == []
        assert await uow.plans.assigned_to(TEAM, LIN, (State.RUNNING,)) == []


async def test_what_was_decided_comes_back(store: SqlStore) -> None:
    x = await added(store)
    decided = x.concluded(Conclusion.STOP, by=LIN, at=AT)
    assert await saved(store, decided)
    assert not await saved(store, decided), "two people decided the same version"
    async with store(read_only=True) as uow:
        assert await uow.plans.by_id(TEAM, x.id) == decided
