"""Answers to the person who asked: in their language, where only they see them."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from enum import Enum, auto
from http import HTTPStatus

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

import bot.cards.errors as error_cards
from bot.cards import help as help_card
from bot.cards.tables import Rung
from bot.cards.text import esc
from bot.domain.delivery import Message
from bot.domain.workspace import Actor
from bot.errors import StoreUnavailable, UserError
from bot.services.background import Background
from bot.services.home_soon import HomeSoon
from bot.services.people import KnowPerson
from handlers.inbound import Ask, Payload
from handlers.ladder import Ladder

log = structlog.get_logger(__name__)

READ_SECONDS = 0.3
"""The one indexed read that may precede a modal; a trigger lives for three seconds."""

ASK_SECONDS = 0.7
"""How long a newcomer may wait for their own language; then it is English this once."""

OPEN_SECONDS = 2.0

FOLLOW_SECONDS = (0.0, 0.1, 0.3, 1.0, 2.0)
"""Waits before each try to replace a view whose drawing Slack has not finished."""

TELL_SECONDS = 3
"""How long Slack may take to accept a private answer; nobody waits for it any more."""


REFUSED_BLOCKS = "invalid_blocks"
"""Slack's word for blocks it does not know, whatever the status of its answer."""


class _Said(Enum):
    """What became of an answer: shown, its blocks refused, or lost for good."""

    TAKEN = auto()
    REFUSED = auto()
    LOST = auto()


class Answers:
    """Private answers, by response_url where there is one, else in a small modal, else on Home."""

    def __init__(self, *, know: KnowPerson, background: Background, home: HomeSoon) -> None:
        self._know = know
        self._background = background
        self._home = home
        self._ladder = Ladder()

    async def language(self, actor: Actor) -> str:
        """The person's language; a newcomer's is asked of Slack once, if it answers in time."""
        try:
            async with asyncio.timeout(READ_SECONDS):
                person = await self._know.cached(actor.team, actor.user)
        except TimeoutError:
            return "en"
        if person is None:
            person = await self._know(actor.team, actor.user, within=ASK_SECONDS)
        return person.language if person else "en"

    async def tell(
        self, ask: Ask, client: AsyncWebClient, message: Message, *, again: bool = False
    ) -> Payload | None:
        """Say something to this person only. A failure is logged: there is nobody else to tell.

        `again` puts it in the place of the private message or the window that was pressed. Gives
        the window that says it, if one does.
        """
        if ask.response_url:
            instead = again and ask.ephemeral
            said = await self._whisper(ask.response_url, client, message, instead=instead)
            if said is _Said.REFUSED:
                await self._in_words(ask.response_url, client, message)
            return None
        view = notice(message, await self.language(ask.actor))
        if ask.in_notice and again:
            return await self.refresh(client, {"id": ask.modal["id"]}, view)
        shown = await self.open(ask, client, view)
        if shown is None:
            self._at_home(ask, message)
        return shown

    async def tell_table(
        self, ask: Ask, client: AsyncWebClient, draw: Callable[[Rung], Message]
    ) -> None:
        """Say something with a table in it, on the best rung that Slack takes here.

        A modal takes no table, so without a response_url it is the last rung. Where Slack refuses
        them all, the words remain.
        """
        if not ask.response_url:
            await self.tell(ask, client, draw(Rung.FIELDS))
            return
        for rung in self._ladder.rungs(ask.actor.team):
            said = await self._whisper(ask.response_url, client, draw(rung))
            if said is _Said.TAKEN:
                self._ladder.taken(ask.actor.team, rung)
            if said is not _Said.REFUSED:
                return
            log.info("answer.table_refused", rung=rung.value)
        await self._in_words(ask.response_url, client, draw(Rung.FIELDS))

    def later(
        self, name: str, ask: Ask, client: AsyncWebClient, work: Callable[[], Awaitable[object]]
    ) -> None:
        """Do what is too slow for an acknowledgement; an error in it is told to the person."""

        async def told() -> None:
            try:
                await work()
            except UserError as error:
                log.info("answer.user_error", code=error.code)
                lang = await self.language(ask.actor)
                await self.tell(ask, client, Message(error_cards.sentence(error, lang)))
            except StoreUnavailable:
                reference = secrets.token_hex(4)
                log.exception("request.failed", reference=reference)
                await self.tell(ask, client, Message(error_cards.database_down(reference, "en")))
            except Exception:  # a defect: the person learns of it, with the log's reference
                reference = secrets.token_hex(4)
                log.exception("request.failed", reference=reference)
                lang = await self.language(ask.actor)
                await self.tell(ask, client, Message(error_cards.unexpected(reference, lang)))

        self._background(name, told)

    async def open(self, ask: Ask, client: AsyncWebClient, view: Payload) -> Payload | None:
        """Open a modal within the life of its trigger; None when Slack did not.

        What is pressed in a window opens on top of it.
        """
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                return _shown(await self._laid(ask, client, view))
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            log.warning("modal.not_opened", error=_word(error))
            return None

    async def _laid(self, ask: Ask, client: AsyncWebClient, view: Payload) -> AsyncSlackResponse:
        """Where Slack refuses a further window, it takes the place of one that holds no input."""
        if not ask.in_modal:
            return await client.views_open(trigger_id=ask.trigger_id, view=dict(view))
        try:
            return await client.views_push(trigger_id=ask.trigger_id, view=dict(view))
        except SlackApiError as error:
            if not ask.in_notice:
                raise
            log.info("modal.instead", error=_word(error))
            return await client.views_update(view_id=ask.modal["id"], view=dict(view))

    async def open_or_say(self, ask: Ask, client: AsyncWebClient, view: Payload, lang: str) -> None:
        """Open a modal behind a button; where Slack does not, the person is asked to press again.

        In a window that only says something it is said on top of that; a form leaves no place.
        """
        if await self.open(ask, client, view) is not None:
            return
        said = help_card.press_again(lang)
        if ask.response_url:
            self.later("not_opened", ask, client, lambda: self.tell(ask, client, said))
        elif ask.in_notice:
            shown = help_card.in_front(ask.modal, esc(said.text), lang)
            self.later("not_opened", ask, client, lambda: self.refresh(client, ask.modal, shown))
        self._at_home(ask, said)

    def _at_home(self, ask: Ask, message: Message) -> None:
        """Say it on top of Home, if it was pressed there and no modal could say it."""
        if ask.on_home:
            self._home.acted(ask.actor, esc(message.text))

    async def push(self, ask: Ask, client: AsyncWebClient, view: Payload) -> Payload | None:
        """Lay a view on top of the open one, which keeps all that was typed; None if Slack did not.

        Slack takes three on top of each other.
        """
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                answer = await client.views_push(trigger_id=ask.trigger_id, view=dict(view))
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            log.warning("modal.not_pushed", error=_word(error))
            return None
        return _shown(answer)

    async def refresh(
        self, client: AsyncWebClient, opened: Payload, view: Payload
    ) -> Payload | None:
        """Replace a modal that is still open; with its hash in `opened` only if unchanged."""
        known = {"view_id": opened["id"], "hash": opened.get("hash")}
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                return _shown(await client.views_update(**known, view=dict(view)))
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            log.info("modal.not_updated", error=_word(error))  # closed, or changed meanwhile
            return None

    async def follow(
        self, client: AsyncWebClient, external_id: str, view_id: str, view: Payload
    ) -> None:
        """Replace the view that an acknowledgement draws, never before Slack has drawn it.

        Only that view has the external id, so an answer that was faster waits for it. `view_id` is
        asked last.
        """
        for pause in FOLLOW_SECONDS:
            await asyncio.sleep(pause)
            last = pause == FOLLOW_SECONDS[-1]
            which = {"view_id": view_id} if last else {"external_id": external_id}
            try:
                await client.views_update(**which, view=dict(view))
            except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
                log.info("modal.not_updated", error=_word(error))  # not there yet, or closed
                continue
            return

    async def _in_words(self, url: str, client: AsyncWebClient, message: Message) -> None:
        """The text of a message whose blocks Slack does not take."""
        log.warning("answer.failed", error=REFUSED_BLOCKS)
        await self._whisper(url, client, Message(message.text))

    async def _whisper(
        self, url: str, client: AsyncWebClient, message: Message, *, instead: bool = False
    ) -> _Said:
        webhook = AsyncWebhookClient(
            url, session=client.session, timeout=TELL_SECONDS, retry_handlers=[]
        )
        try:
            answer = await webhook.send(
                text=message.text,
                blocks=list(message.blocks) or None,
                response_type="ephemeral",
                replace_original=instead,
            )
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("answer.failed", error=type(error).__name__)
            return _Said.LOST
        if REFUSED_BLOCKS in answer.body:
            return _Said.REFUSED
        if not HTTPStatus.OK <= answer.status_code < HTTPStatus.MULTIPLE_CHOICES:
            log.warning("answer.failed", status=answer.status_code)
            return _Said.LOST
        return _Said.TAKEN


def notice(message: Message, lang: str) -> Payload:
    """A modal that only says something."""
    return help_card.notice_modal(message, lang)


def _shown(answer: AsyncSlackResponse) -> Payload:
    """The view as Slack shows it."""
    view: Payload = answer["view"]
    return view


def _word(error: Exception) -> str:
    if isinstance(error, SlackApiError) and isinstance(error.response.data, dict):
        return str(error.response.data.get("error"))
    return type(error).__name__
