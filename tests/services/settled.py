"""Settings without a bot around them: the use cases, three people, and what is queued."""

from collections.abc import Mapping

from bot.domain.ids import UserId
from bot.domain.workspace import Actor
from bot.services.audit import ReadAudit
from bot.services.greeting import GreetChannel
from bot.services.people import KnowPerson, Rights
from bot.services.reminders import KeepReminders
from bot.services.settings import ChangeSettings
from bot.services.settings_own import ChangeOwn
from bot.services.settings_workspace import ChangeWorkspace
from storage.database import SqlStore
from tests.services.watched import GRACE, Moved, Phonebook, Said, Slack
from tests.storage.given import ADA, LIN, ML_LAB, TEAM

BOT = UserId("UBOT")
GUEST = UserId("U8")


class Settling:
    """Ada, a member; Lin, in Shanghai; Grace, Slack's admin; all settings as shipped."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.clock = Moved()
        self.book = Phonebook(self.clock, {ADA: "UTC", LIN: "Asia/Shanghai", GRACE: "UTC"}, {GRACE})
        self.slack = Slack(store, self.clock)
        keep, know = KeepReminders(), KnowPerson(store=store, directory=self.book, clock=self.clock)
        rights = Rights(store=store, know=know)
        self.channel = ChangeSettings(store=store, clock=self.clock, rights=rights, keep=keep)
        self.workspace = ChangeWorkspace(store=store, clock=self.clock, rights=rights)
        self.own = ChangeOwn(store=store, clock=self.clock, rights=rights, quiet=keep.rules.quiet)
        self.greet = GreetChannel(store=store, clock=self.clock, rights=rights, keep=keep)
        self.audit = ReadAudit(store=store, rights=rights)
        self.rights = rights
        self._number = 0

    async def opened(self) -> "Settling":
        async with self.store() as uow:
            await uow.workspaces.seen(TEAM, "Lab", BOT, self.clock.now())
            for user in self.book.zones:
                person = await self.book.person(TEAM, user, self.clock.now(), within=1)
                assert person is not None
                await uow.people.put(person)
            await uow.commit()
        return self

    def key(self) -> str:
        """Another submission."""
        self._number += 1
        return f"settings:V{self._number}"

    async def edits(self, who: UserId, edit: Mapping[str, str]) -> None:
        await self.channel(actor(who), ML_LAB, edit, self.key())

    async def said(self) -> list[Said]:
        """All that was posted until now."""
        await self.slack.drain()
        return self.slack.said


def actor(user: UserId) -> Actor:
    return Actor(TEAM, user, TEAM)
