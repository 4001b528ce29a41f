"""What nobody owns: shown once, where people who might know see it."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.fleet import Grade, PlanReading
from bot.domain.gpu import GpuRun
from bot.domain.gpu_parts import Claim
from storage.database import SqlStore
from tests.harness.stores import fresh_store
from tests.services.watched import GRACE, OPS, Watch
from tests.storage.given import ADA, LIN

NOBODYS = {"owner": None, "claim": None, "channel": None, "usd": "0.69"}
PLANNED = PlanReading(Grade.ENFORCED)
NEW_YORK = "America/New_York"


async def test_it_is_posted_once_in_the_ops_channel(both: SqlStore) -> None:
    watch = await Watch(both).opened(ops=OPS)
    run = await watch.burns("box-7", reading=PLANNED, **NOBODYS)
    await watch.goes_on(hours=30)
    assert watch.asked(OPS) == ["Mon 09:10"]
    assert [s.subject for s in watch.slack.said] == [f"unclaimed:{run.id}:1:{OPS}"]


@pytest.mark.parametrize("how", ["claimed", "disowned", "stopped"])
async def test_what_is_settled_within_ten_minutes_is_not_posted(how: str, tmp_path: Path) -> None:
    async with fresh_store("sqlite", tmp_path) as store:
        watch = await Watch(store).opened(ops=OPS)
        run = await watch.burns("box-7", reading=PLANNED, **NOBODYS)
        now = watch.clock.at

        def change(run: GpuRun) -> GpuRun:
            if how == "claimed":
                return run.owned_by(ADA, Claim.PERSON, at=now)
            if how == "disowned":
                return run.not_ours(at=now)
            return run.reported_stopped(at=now, by=LIN)

        await watch.changed(run, change)
        await watch.goes_on(hours=2)
        assert watch.asked(OPS) == []


async def test_the_post_says_whose_it_is_once_somebody_has_claimed_it(tmp_path: Path) -> None:
    async with fresh_store("sqlite", tmp_path) as store:
        watch = await Watch(store).opened(ops=OPS)
        run = await watch.burns("box-7", reading=PLANNED, **NOBODYS)
        await watch.goes_on(minutes=15)
        [before] = watch.slack.at(OPS)
        await watch.changed(run, lambda r: r.owned_by(ADA, Claim.PERSON, at=watch.clock.at))
        await watch.tick()
        [after] = watch.slack.at(OPS)
        assert after.subject == before.subject
        assert after.text != before.text


async def test_without_an_ops_channel_each_admin_sees_it_when_awake(watch: Watch) -> None:
    await watch.burns("box-7", reading=PLANNED, **NOBODYS)
    await watch.goes_on(hours=30)
    assert watch.asked(GRACE, NEW_YORK) == ["Mon 08:00"], "04:10 at first"
    assert watch.asked(ADA) == watch.asked(LIN) == []


async def test_without_an_ops_channel_the_pings_of_what_nothing_ends_show_it(watch: Watch) -> None:
    watch.clock.at += timedelta(hours=6)
    run = await watch.burns("box-7", **NOBODYS)
    await watch.goes_on(hours=3)
    assert watch.asked(GRACE, NEW_YORK) == ["Mon 10:10", "Mon 12:10"]
    assert {s.subject.partition(":")[0] for s in watch.slack.said} == {"gpu_ping"}
    async with watch.store(read_only=True) as uow:
        [alert] = await uow.alerts.standing(run.id)
    assert alert.kind.value == "unclaimed", "with It's mine and Not ours"
