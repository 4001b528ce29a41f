"""The timer. It wakes; durable rows decide what happens."""

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.services.tick import Tick


def scheduler(tick: Tick, seconds: float) -> AsyncIOScheduler:
    """One in-memory interval job. Missed beats are merged, a beat never overlaps the one before."""
    timer = AsyncIOScheduler(
        timezone="UTC",
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    timer.add_job(tick.__call__, "interval", seconds=seconds, id="tick")
    return timer
