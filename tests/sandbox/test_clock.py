from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.clock import SharedClock

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def test_two_clocks_on_one_file_move_together(tmp_path: Path) -> None:
    here, there = SharedClock(tmp_path / "c.json"), SharedClock(tmp_path / "c.json")
    before, ticks = there.now(), there.monotonic()
    here.advance(timedelta(days=3))

    assert timedelta(days=3) <= there.now() - before < timedelta(days=3, seconds=5)
    assert there.monotonic() - ticks >= timedelta(days=3).total_seconds()
    assert SharedClock(tmp_path / "c.json").offset == timedelta(days=3)


def test_a_frozen_clock_stands_still_for_everybody_who_follows_it(tmp_path: Path) -> None:
    here = SharedClock(tmp_path / "c.json", frozen_at=NOON)
    there = SharedClock(tmp_path / "c.json")
    here.advance(timedelta(seconds=90))

    assert there.is_frozen
    assert there.now() == there.now() == NOON + timedelta(seconds=90)
    assert there.monotonic() == 90.0


def test_nobody_goes_back(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="forward"):
        SharedClock(tmp_path / "c.json").advance(timedelta(seconds=-1))


def test_a_new_clock_may_begin_behind_the_real_one(tmp_path: Path) -> None:
    begun = SharedClock(tmp_path / "c.json", behind=timedelta(hours=6))
    assert begun.offset == timedelta(hours=-6)
    begun.advance(timedelta(hours=6))
    assert SharedClock(tmp_path / "c.json", behind=timedelta(hours=6)).offset == timedelta(0)
