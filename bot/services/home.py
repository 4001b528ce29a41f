"""App Home: opened, turned, drawn anew when what it shows changes; and nothing drawn is lost.

**How a change reaches a Home.** Whoever changes an experiment, its evidence or a GPU run names in
the same transaction whose Homes that changes (`uow.homes.changed`). With the commit a due row is
added for each of them who opened Home within the last week: one per person and slot of ten
seconds, so that a burst of changes is one view. Any change of any run stands on the Homes of
admins, and hold on everybody's: their slots are a minute at least, and the rows of one slot fall
due a second after one another, so that views.publish stays below Slack's limit however many they
are. Where Slack has no time all the same, that counts as no attempt.
The outbox is not used: it keeps messages, which have to be sent as they were written and in their
order, while of a Home only the newest matters. A row therefore holds no view: whoever claims it
draws what is true by then. A crash loses nothing, because the row is still due.

**Two at once.** Every view is published in the place of the one that we know to stand there, by
Slack's hash of it. Whose view is overtaken reads and draws everything again. If nobody has noted a
newer hash by then, somebody died between Slack's answer and the note: then it is published in the
place of whatever stands there. What does not differ from what stands there is not published at all.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import structlog

import bot.cards.errors as error_cards
from bot.cards import home as cards
from bot.cards.text import Mrkdwn
from bot.clock import Clock
from bot.domain.delivery import LEASE, Block, ClaimedDue, Due, DueKind, NotSent, Unknown
from bot.domain.home import AT_WORK, FIRST, Overtaken, Pages, Shown, Tab
from bot.domain.ids import ChannelId, TeamId, UserId
from bot.domain.workspace import Actor
from bot.errors import CannotCheck, NotMember
from bot.ports import HomeTabs, Store, UnitOfWork
from bot.ports.home import Published
from bot.services.home_reading import ReadHome
from bot.services.people import KnowPerson

log = structlog.get_logger(__name__)

TRIES = 4
"""How often a view that was overtaken is drawn again at once."""

GIVE_UP_AFTER = 6
"""Attempts at one row after which the next opening draws it; being told to wait is none."""

AGAIN = timedelta(seconds=30)
"""The pause after an answer that says nothing."""


class UseHome:
    """What somebody does to the tab itself; each is kept with a row to draw it, and then drawn."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def opened(self, actor: Actor, name: str | None, delivery: str) -> str:
        """It was opened: on its first pages. `name` is Slack's hash of what stands there.

        Returns the key of the row to draw.
        """
        async with self._store() as uow:
            known = await uow.homes.of(actor.team, actor.user)
            tab = known or Tab(actor.team, actor.user, self._clock.now())
            drawn = tab.drawn if name and name == tab.hash else ""
            tab = replace(
                tab, opened_at=self._clock.now(), pages=FIRST, drawn=drawn, hash=name or ""
            )
            await uow.homes.opened(tab)
            return await self._kept(uow, actor, delivery)

    async def turn(self, actor: Actor, pages: Pages, delivery: str) -> str:
        """Other pages of its long sections."""
        async with self._store() as uow:
            await uow.homes.turned(actor.team, actor.user, pages)
            return await self._kept(uow, actor, delivery)

    async def got_it(self, actor: Actor, delivery: str) -> str:
        """They know what owroute is."""
        async with self._store() as uow:
            await uow.homes.greeted(actor.team, actor.user)
            return await self._kept(uow, actor, delivery)

    async def _kept(self, uow: UnitOfWork, actor: Actor, delivery: str) -> str:
        row = Due(
            key=f"home:{delivery}",
            kind=DueKind.DRAW_HOME,
            team=actor.team,
            due_at=self._clock.now(),
            channel=ChannelId(actor.user),
        )
        await uow.due.add(row)
        await uow.commit()
        return row.key


class DrawHome:
    """Draws one Home as things stand, and shows it where it differs from what stands there."""

    def __init__(
        self, *, store: Store, clock: Clock, know: KnowPerson, read: ReadHome, tabs: HomeTabs
    ) -> None:
        self._store = store
        self._clock = clock
        self._know = know
        self._read = read
        self._tabs = tabs

    async def __call__(self, row: ClaimedDue) -> None:
        """Carry out a claimed row; what Slack did not take is due again."""
        team, user = row.due.team, row.due.reader
        try:
            answer = await self._drawn(team, user, None)
        except CannotCheck:
            answer = Unknown("CannotCheck")
        now = self._clock.now()
        async with self._store() as uow:
            match answer:
                case NotSent():
                    await uow.due.untried(row, now + answer.wait)
                case Unknown() | Overtaken() if row.attempts < GIVE_UP_AFTER:
                    await uow.due.defer(row, now + AGAIN)
                case _:
                    await uow.due.settle(row, now)
            await uow.commit()

    async def by_key(self, key: str) -> None:
        """The fast path: take the row as the tick would, unless somebody has it already."""
        async with self._store() as uow:
            row = await uow.due.claim_key(key, self._clock.now(), LEASE)
            await uow.commit()
        if row is not None:
            await self(row)

    async def at_work(self, actor: Actor, said: Mrkdwn | None = None) -> None:
        """After an act of somebody who may be looking at it; `said`: what they have to be told."""
        async with self._store(read_only=True) as uow:
            tab = await uow.homes.of(actor.team, actor.user)
        if tab is not None and (said or self._clock.now() - tab.opened_at < AT_WORK):
            with suppress(CannotCheck):
                await self._drawn(actor.team, actor.user, said)

    async def _drawn(self, team: TeamId, user: UserId, said: Mrkdwn | None) -> Published | None:
        """What Slack says; None where nothing had to be shown."""
        overtaken: str | None = None
        for _ in range(TRIES):
            async with self._store(read_only=True) as uow:
                tab = await uow.homes.of(team, user)
            if tab is None:
                return None
            view, sees_all = await self._view(tab, said)
            drawn = cards.fingerprint(view)
            if drawn == tab.drawn and tab.hash != overtaken:
                return None
            instead = tab.hash if tab.hash != overtaken else None
            answer = await self._tabs.publish(team, user, view, instead or None)
            if not isinstance(answer, Overtaken):
                return await self._noted(tab, drawn, answer, sees_all=sees_all)
            overtaken = tab.hash
        return Overtaken()

    async def _view(self, tab: Tab, said: Mrkdwn | None) -> tuple[Block, bool]:
        """Their Home, and whether it shows what the whole workspace runs.

        Who is no full member reads there why it is empty. While nobody can say who it is, so does
        who has nothing before them yet; else `CannotCheck`, and what stands there stays.
        """
        actor = Actor(tab.team, tab.user, tab.team)
        try:
            person = await self._know.member(actor)
        except (NotMember, CannotCheck) as error:
            if isinstance(error, CannotCheck) and tab.drawn:
                raise
            known = await self._know.cached(tab.team, tab.user)
            lang = known.language if known else "en"
            return cards.turned_away(error_cards.sentence(error, lang)), False
        seen = await self._read(tab, person)
        return cards.home(seen, person.language, said), person.administers

    async def _noted(self, tab: Tab, drawn: str, answer: Published, *, sees_all: bool) -> Published:
        """Keep what Slack took, so that the same is not shown again."""
        if not isinstance(answer, Shown):
            log.warning("home.not_shown", user=tab.user, answer=repr(answer))
            return answer
        async with self._store() as uow:
            shown = replace(tab, drawn=drawn, hash=answer.hash)
            await uow.homes.drawn(shown, sees_all=sees_all)
            await uow.commit()
        return answer
