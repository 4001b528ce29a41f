"""`/owroute digest`: how the weekly digest stands, a preview, and the buttons of a digest."""

import asyncio

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards import digest_status as cards
from bot.cards.digest import digest_message
from bot.cards.digest_details import digest_details
from bot.cards.ids import DigestRef, PlaceRef
from bot.cards.tables import Rung
from bot.clock import Clock
from bot.domain.delivery import Message
from bot.domain.digest import Digest
from bot.domain.digest_when import told_in, week_named
from bot.domain.ids import ChannelId
from bot.errors import OldButton
from bot.services.cases import Cases
from bot.services.digest.again import SentAgain
from handlers.answers import Answers
from handlers.inbound import Ask

WANTED = {"pause": False, "resume": True}
NOW = "now"
STATUS = ("", "status")


class DigestHandlers:
    """What is asked for is told behind the acknowledgement; a change is saved before it."""

    def __init__(self, *, cases: Cases, answers: Answers, clock: Clock) -> None:
        self._cases = cases
        self._answers = answers
        self._clock = clock

    async def typed(self, ask: Ask, rest: str, ack: AsyncAck, client: AsyncWebClient) -> None:
        """`/owroute digest`, and `now`, `pause` or `resume` behind it."""
        word = rest.strip().lower()
        if word in WANTED:
            await self._switch(ask, ack, client, on=WANTED[word])
            return
        if word == NOW:
            await self.preview(ask, ack, client)
            return
        found = await self._cases.digests.status(ask.actor, ask.channel)
        lang = await self._answers.language(ask.actor)
        unknown = "" if word in STATUS else rest.strip()
        shown = cards.status_card(found, self._clock.now(), lang, unknown=unknown)
        await ack(text=shown.text, blocks=list(shown.blocks), response_type="ephemeral")

    async def preview(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The Digest button: the week so far, for who asks. From Home it is the workspace's."""
        await ack()

        async def told() -> None:
            digest = await self._cases.digests.preview(ask.actor, ask.channel)
            found = await self._cases.digests.status(ask.actor, ask.channel)
            lang = await self._answers.language(ask.actor)
            paused = found.mode.is_paused
            drawn = await asyncio.to_thread(_drawn, digest, lang, paused=paused)
            await self._answers.tell_table(ask, client, drawn.__getitem__)

        self._answers.later("digest", ask, client, told)

    async def details(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """*Details*: every split of the week, in a window."""
        await ack()

        async def opened() -> None:
            digest = await self._digest(ask)
            lang = await self._answers.language(ask.actor)
            view = await asyncio.to_thread(digest_details, digest, lang)
            await self._answers.open_or_say(ask, client, view, lang)

        self._answers.later("digest_details", ask, client, opened)

    async def csv(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """*CSV*: the file, into the thread of the digest or to who asks.

        It is read and written behind the acknowledgement. A crash in between loses nothing but a
        file that the same button makes again, so that no row stands for it.
        """
        ref = _ref(ask)
        await self._cases.digests.may_read(ask.actor, ref.c, ask.channel)
        await ack()

        async def told() -> None:
            await self._cases.digests.csv(ask.actor, ref.c, ref.w, ask.channel, ask.delivery)
            self._cases.soon.send()
            lang = await self._answers.language(ask.actor)
            await self._answers.tell(ask, client, cards.csv_coming(lang))

        self._answers.later("digest_csv", ask, client, told)

    async def pause(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """*Pause*."""
        await self._switch(ask, ack, client, on=False)

    async def resume(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """*Resume*."""
        await self._switch(ask, ack, client, on=True)

    async def again(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """*Send again*."""
        ref = _ref(ask)
        try:
            turn = told_in(week_named(ref.w, "UTC"))
        except ValueError:
            raise OldButton from None
        sent = await self._cases.send_digest_again(ask.actor, ref.c, turn)
        await ack()
        self._cases.soon.work()

        async def told() -> None:
            lang = await self._answers.language(ask.actor)
            queued = sent is SentAgain.QUEUED
            await self._answers.tell(ask, client, cards.sent_again(lang, queued=queued))

        self._answers.later("digest_again", ask, client, told)

    async def _switch(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient, *, on: bool) -> None:
        place = _place(ask)
        await self._cases.switch_digest(ask.actor, place, ask.delivery, on=on)
        await ack()
        self._cases.soon.send()

        async def told() -> None:
            found = await self._cases.digests.status(ask.actor, place)
            lang = await self._answers.language(ask.actor)
            await self._answers.tell(ask, client, cards.status_card(found, self._clock.now(), lang))

        self._answers.later("digest_switch", ask, client, told)

    async def _digest(self, ask: Ask) -> Digest:
        ref = _ref(ask)
        return await self._cases.digests.of(ask.actor, ref.c, ref.w, ask.channel)


def _drawn(digest: Digest, lang: str, *, paused: bool) -> dict[Rung, Message]:
    """On every rung, off the event loop: the splits of a whole workspace take their time."""
    return {rung: digest_message(digest, lang, rung, paused=paused) for rung in Rung}


def _ref(ask: Ask) -> DigestRef:
    ref = DigestRef.read(ask.value)
    if ref is None:
        raise OldButton
    return ref


def _place(ask: Ask) -> ChannelId:
    """The channel of the digest whose button was pressed, else the one it was typed in."""
    ref = DigestRef.read(ask.value) or PlaceRef.read(ask.value)
    place = ref.c if ref is not None else ask.channel
    if place is None:
        raise OldButton
    return place
