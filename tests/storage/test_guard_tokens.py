"""Tokens of guards: by hash, at most once a minute, ended with their run."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.domain.gpu import GpuRun, RunState
from bot.domain.ids import UserId
from bot.domain.tokens import GUARD_EVERY, GuardToken
from storage.database import SqlStore
from tests.storage.given import ADA, AT, TEAM
from tests.storage.gpus import run as made

A, B, C = "a" * 64, "b" * 64, "c" * 64
SECOND = timedelta(seconds=1)


async def watched(store: SqlStore, name: str = "pod_1") -> GpuRun:
    async with store() as uow:
        await uow.workspaces.seen(TEAM, "Lab", UserId("UBOT"), AT)
        kept = await uow.gpus.add(made(name))
        await uow.commit()
    return kept


def token(run: GpuRun, sha256: str = A) -> GuardToken:
    return GuardToken(sha256, TEAM, run.id, run.generation, ADA, AT)


async def test_a_token_comes_back_and_ends(store: SqlStore) -> None:
    run, other = await watched(store), await watched(store, "pod_2")
    async with store() as uow:
        await uow.guards.add(token(run))
        await uow.guards.add(token(other, B))
        await uow.commit()
    async with store() as uow:
        assert await uow.guards.by_hash(A) == token(run)
        assert await uow.guards.by_hash(C) is None
        assert await uow.guards.revoke(run.id, AT + SECOND) == 1
        assert await uow.guards.revoke(run.id, AT + 2 * SECOND) == 0
        ended = await uow.guards.by_hash(A)
        assert ended == replace(token(run), revoked_at=AT + SECOND)
        assert not ended.is_good(run)
        left = await uow.guards.by_hash(B)
        assert left is not None
        assert left.is_good(other)


def test_a_token_opens_one_start_of_one_run_while_it_lives() -> None:
    run = replace(made(), id=made().id)
    good = token(run)
    assert good.is_good(run)
    assert not good.is_good(None)
    assert not good.is_good(replace(run, generation=run.generation + 1))
    assert not good.is_good(run.numbered(type(run.id)(99)))
    for state in RunState:
        lives = state in (RunState.STARTING, RunState.RUNNING, RunState.STOPPING)
        assert good.is_good(replace(run, state=state)) is lives


async def test_once_a_minute_however_many_ask(store: SqlStore) -> None:
    run = await watched(store)
    async with store() as uow:
        await uow.guards.add(token(run))
        await uow.commit()

    async def used(at: timedelta) -> bool:
        async with store() as uow:
            counted = await uow.guards.use(A, AT + at, GUARD_EVERY)
            await uow.commit()
        return counted

    minute = timedelta(minutes=1)
    assert sum(await asyncio.gather(*(used(minute) for _ in range(10)))) == 1
    assert not await used(2 * minute - SECOND)
    assert await used(2 * minute)
    assert await used(-60 * minute), "a clock that was set back hinders nobody"
