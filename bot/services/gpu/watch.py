"""Keeps what waits for a run, what it costs and what stands in Slack in step with the run itself.

Every change of a run goes through `KeepWatch.keep`, inside the transaction of the change.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from bot.cards import gpu as cards
from bot.cards.gpu_others import with_others
from bot.cards.gpu_view import RunView
from bot.domain.alerts import VOIDED, Alert, AlertKind, local_day
from bot.domain.costs import continued
from bot.domain.delivery import Due, DueKind, Message, Op, Outgoing
from bot.domain.fleet import Grade
from bot.domain.gpu import GpuRun
from bot.domain.home import seen_of_run
from bot.domain.ids import ChannelId
from bot.domain.moments import (
    Moment,
    fence_of,
    is_waited_for,
    ping_slots,
    soft_notes,
    unclaimed,
    upcoming,
)
from bot.domain.shutdown import NO_PLAN, ShutdownPlan, forsaken_since, may_be_forsaken
from bot.domain.watch import (
    WatchRules,
)
from bot.ports import UnitOfWork
from bot.services.gpu.attending import attended
from bot.services.gpu.defaults import planned
from bot.services.gpu.limits import set_cap
from bot.services.gpu.seeing import Seen, seen_of, view_of
from bot.services.gpu.standing import outgoing, person_at, take_away, user_at
from bot.services.shows import card_subject, language_of_card

UNSEEN_POLLS = 3
"""After so many polls without a complete listing, what ends may have ended before."""

SLOTS = 3
"""So many occurrences ahead one is looked for that was not told yet."""


class KeepWatch:
    """One place through which every change of a run passes."""

    def __init__(self, rules: WatchRules | None = None) -> None:
        self.rules = rules or WatchRules()

    async def look(self, uow: UnitOfWork, run: GpuRun, now: datetime) -> Seen:
        """The plan in force, with what is known of its provider just now."""
        watching = await uow.watch.settings(run.team)
        return seen_of(run, watching, await uow.watch.accounts(run.team), now)

    async def keep(
        self,
        uow: UnitOfWork,
        before: GpuRun | None,
        after: GpuRun,
        now: datetime,
        *,
        drawn: Collection[ChannelId] = (),
    ) -> GpuRun | None:
        """Write a run with all that follows from it; None when somebody else was first.

        `drawn` are the places where this transaction has just drawn it as it is afterwards.
        """
        seen = await self.look(uow, after, now)
        after, plan = await planned(
            uow, after, seen.writes, now, trouble=seen.trouble, unheard=seen.unheard
        )
        kept, seen = await self._written(uow, before, after), replace(seen, plan=plan)
        if kept is None:
            return None
        if before is None or seen_of_run(before) != seen_of_run(kept):
            owners = (before.owner if before else None, kept.owner)
            uow.homes.changed(kept.team, now, users=owners, place=kept.channel)
        await self._accrue(uow, kept, seen, now)
        was = await self._forsaken(uow, before, now)
        since = forsaken_since(kept, seen.plan, now)
        await attended(uow, before, kept, now, was=was, since=since)
        await self.arm(uow, kept, seen.plan, now)
        if before is not None and fence_of(before) != fence_of(kept):
            await self._void(uow, kept)
        await self.show(uow, kept, seen, now, drawn=drawn)
        if before is not None and before.is_live and not kept.is_live and not kept.merged_into:
            await self._ended(uow, kept, seen, now)
        return kept

    async def arm(self, uow: UnitOfWork, run: GpuRun, plan: ShutdownPlan, now: datetime) -> bool:
        """See to it that what has to happen next is waited for; False when nothing has to."""
        if not is_waited_for(run):
            return False
        if run.owner is None:
            await uow.due.arm(due_of(run, unclaimed(run, self.rules)))
        if plan.grade is Grade.NONE:
            return await self._first(uow, run, ping_slots(run, self.rules, now))
        if plan.grade is Grade.CONDITIONAL:
            await self._first(uow, run, soft_notes(run, now))
        waits = [await uow.due.arm(due_of(run, m)) for m in upcoming(run, plan, self.rules)]
        return any(waits) or plan.grade is Grade.CONDITIONAL

    async def _void(self, uow: UnitOfWork, run: GpuRun) -> None:
        """After a change of plan: what nobody was shown yet is not said any more.

        What it was to take the place of stands again.
        """
        for alert in await uow.alerts.standing(run.id):
            if run.stopping is not None and alert.kind is AlertKind.WARNING:
                continue  # it says by its edit that it is being stopped
            unsent = alert.kind in VOIDED and await uow.outbox.withdraw(run.team, alert.subject)
            if not unsent:
                continue
            await uow.alerts.forget(alert.subject)
            older = await uow.alerts.last_fallen(alert)
            if older and await uow.outbox.withdraw(run.team, older.subject, Op.DELETE):
                await uow.alerts.stand(older)

    async def show(
        self,
        uow: UnitOfWork,
        run: GpuRun,
        seen: Seen,
        now: datetime,
        *,
        drawn: Collection[ChannelId] = (),
    ) -> None:
        """Edit what stands about a run, without a sound; what is over stands no more."""
        standing = await uow.alerts.standing(run.id)
        if run.merged_into is not None:
            for alert in standing:
                await take_away(uow, alert, now)
            return
        for alert in standing:
            if alert.place in drawn:
                continue
            message = await self.card(uow, run, seen, alert, now)
            await uow.outbox.supersede_updates(run.team, alert.subject, run.version)
            await uow.outbox.add(outgoing(alert, Op.UPDATE, message, run.version), now)
        if standing and not run.is_live:
            await uow.alerts.fell([a.subject for a in standing])

    async def card(
        self, uow: UnitOfWork, run: GpuRun, seen: Seen, alert: Alert, now: datetime
    ) -> Message:
        """The card of a run as an alert has it, in its reader's words and hours."""
        person = await person_at(uow, run, alert.place)
        if person is not None:
            lang, zone = person.language, person.zone or "UTC"
        else:
            lang, zone = await self.reader(uow, run, alert.place)
        view = await self.view(uow, run, seen, zone, now)
        cap = await set_cap(uow, run.team, run.experiment)
        view = replace(view, reader=user_at(alert.place), cap=cap)
        drawn = cards.run_card(view, alert.kind, alert.number, lang)
        if person is None:
            return drawn
        others = await uow.alerts.held(run.team, alert.place, local_day(person, now), run.id)
        return with_others(drawn, others, lang)

    async def view(
        self, uow: UnitOfWork, run: GpuRun, seen: Seen, zone: str, now: datetime
    ) -> RunView:
        """What a card about it needs."""
        accruals = await uow.accruals.of([run.id])
        x = await uow.plans.by_id(run.team, run.experiment) if run.experiment else None
        here = await uow.channels.get(run.team, run.channel) if run.channel else None
        return view_of(run, seen, accruals, x.label if x else None, zone, now, here)

    async def reader(self, uow: UnitOfWork, run: GpuRun, place: ChannelId) -> tuple[str, str]:
        """Language and time zone of who reads there: a person, or a channel."""
        person = await person_at(uow, run, place)
        if person is not None:
            return person.language, person.zone or "UTC"
        channel = await uow.channels.get(run.team, place)
        return channel.spoken, channel.tz

    async def _written(
        self, uow: UnitOfWork, before: GpuRun | None, after: GpuRun
    ) -> GpuRun | None:
        if before is None:
            kept = await uow.gpus.add(after)
            return kept if kept == after.numbered(kept.id) else None
        return after if await uow.gpus.save(after) else None

    async def _forsaken(
        self, uow: UnitOfWork, run: GpuRun | None, now: datetime
    ) -> datetime | None:
        """Since when nothing was going to end it, whoever has noted that."""
        if run is None:
            return None
        known = run.planless_since is not None or not may_be_forsaken(run, now)
        plan = NO_PLAN if known else (await self.look(uow, run, now)).plan
        if known and run.planless_since is None:
            return None
        return forsaken_since(run, plan, now)

    async def _accrue(self, uow: UnitOfWork, run: GpuRun, seen: Seen, now: datetime) -> None:
        unseen = (
            seen.listed_at is not None
            and now - seen.listed_at > UNSEEN_POLLS * self.rules.poll_every
        )
        last = (await uow.accruals.open_of([run.id])).get(run.id)
        found = continued(last, run, now, estimated=unseen)
        await uow.accruals.put(run.team, [a for a in found if a is not None])

    async def _first(self, uow: UnitOfWork, run: GpuRun, moments: Iterable[Moment]) -> bool:
        for n, moment in enumerate(moments):
            if await uow.due.arm(due_of(run, moment)):
                return True
            if n + 1 == SLOTS:
                return True  # held by somebody just now, who arms the next one
        return False

    async def _ended(self, uow: UnitOfWork, run: GpuRun, seen: Seen, now: datetime) -> None:
        """Its experiment's thread keeps it, and a row sees to the proof, once for each start.

        A stop and the deletion of what was stopped are told each.
        """
        x = await uow.plans.by_id(run.team, run.experiment) if run.experiment else None
        if x is None:
            return
        lang = await language_of_card(uow, x)
        zone = (await uow.channels.get(x.team, x.channel)).tz
        view = await self.view(uow, run, seen, zone, now)
        key = f"gpu_ended:{run.id}:{run.generation}"
        subject = f"{key}:{run.state.value}"
        await uow.outbox.add(
            Outgoing(
                key=f"post:{subject}",
                team=x.team,
                channel=x.channel,
                op=Op.POST,
                subject=subject,
                message=cards.ended_note(view, lang),
                thread=card_subject(x),
            ),
            now,
        )
        if run.proven:
            await uow.due.add(
                Due(
                    key=key,
                    kind=DueKind.GPU_ENDED,
                    team=run.team,
                    due_at=now,
                    subject=run.id,
                    revision=run.generation,
                )
            )


def due_of(run: GpuRun, moment: Moment) -> Due:
    """The row that waits for it."""
    return Due(
        key=moment.key,
        kind=moment.kind,
        team=run.team,
        due_at=moment.at,
        subject=run.id,
        revision=run.plan_version,
    )
