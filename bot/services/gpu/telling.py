"""Alerts about a run: posted to whom they concern, the older one about it there taken away."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.alerts import PER_DAY, UNCOUNTED, Alert, AlertKind, local_day
from bot.domain.delivery import Op
from bot.domain.gpu import GpuRun
from bot.domain.ids import ChannelId, UserId
from bot.ports import UnitOfWork
from bot.services.gpu.seeing import Seen
from bot.services.gpu.standing import PEOPLE, outgoing, person_at, take_away
from bot.services.gpu.watch import KeepWatch


class TellRun:
    """Says something new about a run in one place; what stood there before about it goes."""

    def __init__(self, *, keep: KeepWatch) -> None:
        self._keep = keep

    async def alert(
        self,
        uow: UnitOfWork,
        run: GpuRun,
        kind: AlertKind,
        place: ChannelId,
        key: str,
        now: datetime,
        *,
        number: int = 0,
        counted: bool | None = None,
        fallback: UserId | None = None,
        seen: Seen | None = None,
    ) -> bool:
        """One new message, once per `key`; False when it was told before.

        Where somebody's day is full it is edited into what stands there instead. `fallback` gets it
        where Slack refuses the place. `seen` is how the run looks, where the caller knows it.
        """
        person = await person_at(uow, run, place)
        alert = Alert(
            subject=f"{key}:{place}",
            team=run.team,
            gpu=run.id,
            generation=run.generation,
            place=place,
            kind=kind,
            made_at=now,
            day=local_day(person, now),
            counted=_counts(place, kind) if counted is None else counted,
            number=number,
        )
        here = [a for a in await uow.alerts.standing(run.id) if a.place == place]
        if alert.counted and await uow.alerts.counted(run.team, place, alert.day) >= PER_DAY:
            await self._edited(uow, run, alert, here, now)
            return True
        seen = seen or await self._keep.look(uow, run, now)
        message = await self._keep.card(uow, run, seen, alert, now)
        post = replace(outgoing(alert, Op.POST, message, run.version), fallback=fallback)
        if not await uow.outbox.add(post, now):
            return False
        for older in here:
            await take_away(uow, older, now)
        await uow.alerts.stand(alert)
        return True

    async def _edited(
        self, uow: UnitOfWork, run: GpuRun, alert: Alert, here: Sequence[Alert], now: datetime
    ) -> None:
        """What stands about the run says it; where nothing does, another card counts the run."""
        if here:
            shown = replace(here[-1], kind=alert.kind, number=alert.number)
            await uow.alerts.stand(shown)
            await self._redraw(uow, run, shown, alert, now)
            return
        await uow.alerts.stand(replace(alert, held=True, counted=False))
        others = await uow.alerts.standing_at(run.team, alert.place)
        other = await uow.gpus.by_id(run.team, others[-1].gpu) if others else None
        if other is not None:
            await self._redraw(uow, other, others[-1], alert, now)

    async def _redraw(
        self, uow: UnitOfWork, run: GpuRun, shown: Alert, why: Alert, now: datetime
    ) -> None:
        seen = await self._keep.look(uow, run, now)
        message = await self._keep.card(uow, run, seen, shown, now)
        edit = outgoing(shown, Op.UPDATE, message, run.version)
        await uow.outbox.supersede_updates(run.team, shown.subject, run.version)
        await uow.outbox.add(replace(edit, key=f"{edit.key}:{why.subject}"), now)

    async def stopping(self, uow: UnitOfWork, run: GpuRun, now: datetime) -> None:
        """Who pressed Stop sees how it goes on, also where no card stands yet."""
        intent = run.stopping
        if intent is None or intent.by is None:
            return
        place = ChannelId(intent.by)
        if all(a.place != place for a in await uow.alerts.standing(run.id)):
            await self.alert(uow, run, AlertKind.STOPPING, place, _key("stopping", run), now)

    async def not_stopped(
        self, uow: UnitOfWork, run: GpuRun, now: datetime, *, again: int = 1
    ) -> None:
        """Everybody who could help: who pressed, the owner, the lead, the admins."""
        key = f"{_key('not_stopped', run)}:{again}"
        for place in await self._all(uow, run):
            await self.alert(uow, run, AlertKind.NOT_STOPPED, place, key, now)

    async def cannot_stop(
        self, uow: UnitOfWork, run: GpuRun, by: UserId | None, now: datetime
    ) -> None:
        """Who pressed and the owner get console link and command; with nobody, the admins."""
        asked = [ChannelId(u) for u in (by, run.owner) if u is not None]
        for place in dict.fromkeys(asked or await self._all(uow, run)):
            await self.alert(uow, run, AlertKind.CANNOT_STOP, place, _key("cannot_stop", run), now)

    async def guard_failed(self, uow: UnitOfWork, run: GpuRun, now: datetime) -> None:
        """The owner learns that the guard's command does not end it; with nobody, the admins."""
        for place in [ChannelId(run.owner)] if run.owner else await self._all(uow, run):
            key = _key("guard_failed", run)
            await self.alert(uow, run, AlertKind.GUARD_FAILED, place, key, now)

    async def _all(self, uow: UnitOfWork, run: GpuRun) -> list[ChannelId]:
        lead = (await uow.channels.get(run.team, run.channel)).lead if run.channel else None
        by = run.stopping.by if run.stopping else None
        people = (by, run.owner, lead, *await uow.watch.admins(run.team))
        return list(dict.fromkeys(ChannelId(u) for u in people if u is not None))


def _key(what: str, run: GpuRun) -> str:
    return f"{what}:{run.id}:{run.generation}:{run.plan_version}"


def _counts(place: ChannelId, kind: AlertKind) -> bool:
    return place.startswith(PEOPLE) and kind not in UNCOUNTED
