"""`/owroute`: one word chooses what happens; an unknown one is answered with the nearest."""

from collections.abc import Awaitable, Callable
from difflib import get_close_matches

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards import gpus as gpus_card
from bot.cards import help as help_card
from bot.cards import lesson as lesson_card
from bot.cards import status as status_card
from bot.domain.delivery import Message
from bot.services.cases import Cases
from handlers.answers import Answers
from handlers.compare import CompareHandlers
from handlers.digest import DigestHandlers
from handlers.evidence import EvidenceHandlers
from handlers.gpus import GpusHandlers
from handlers.hold import HoldHandlers
from handlers.inbound import Ask
from handlers.plan import PlanHandlers
from handlers.record import RecordHandlers
from handlers.settings import SettingsHandlers

COMMAND = "/owroute"
ALIAS = "gpu"
"""As in `/owroute gpu add`; who mistypes is offered the word itself."""

Answer = Callable[[Ask, str, AsyncAck, AsyncWebClient], Awaitable[None]]
"""What answers a word: the request, what follows the word, and how to acknowledge it."""


class CommandHandlers:
    """The words after `/owroute`."""

    def __init__(
        self,
        *,
        cases: Cases,
        answers: Answers,
        plan: PlanHandlers,
        compare: CompareHandlers,
        evidence: EvidenceHandlers,
        settings: SettingsHandlers,
        record: RecordHandlers,
        gpus: GpusHandlers,
        hold: HoldHandlers,
        digest: DigestHandlers,
        audit: Answer,
    ) -> None:
        self._cases = cases
        self._answers = answers
        self._plan = plan
        self._words = {
            "": self._overview,
            "plan": self._plan.open,
            "status": self._status,
            "evidence": evidence.typed,
            "compare": compare.typed,
            "record": record.typed,
            "gpus": gpus.typed,
            ALIAS: gpus.typed,
            "digest": digest.typed,
            "lesson": self._lesson,
            "settings": settings.typed,
            "hold": hold.typed,
            "audit": audit,
            "help": self._help,
        }

    async def __call__(self, ask: Ask, text: str, ack: AsyncAck, client: AsyncWebClient) -> None:
        """Answer the command; what follows the word is the word's own business."""
        word, rest = (*text.split(maxsplit=1), "", "")[:2]
        answer = self._words.get(word.lower())
        if answer is None:
            await self._unknown(ask, word, ack)
            return
        await answer(ask, rest.strip(), ack, client)

    async def status(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The Status button."""
        await ack()
        self._later("status", ask, client, lambda: self._listing(ask))

    async def help(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The Help button."""
        await ack()
        self._later("help", ask, client, lambda: self._usage(ask))

    async def lesson(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The Lesson button."""
        await ack()
        self._later("lesson", ask, client, lambda: self._runs(ask))

    async def reject(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """*Name a rejected family*, below the lesson's runs."""
        await ack()

        async def opened() -> None:
            await self._cases.know.member(ask.actor)
            lang = await self._answers.language(ask.actor)
            runs = await self._cases.lesson(lang)
            view = lesson_card.rejection_modal(runs, lang)
            await self._answers.open_or_say(ask, client, view, lang)

        self._answers.later("reject", ask, client, opened)

    async def rejected(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The family and the reason were submitted: the engine's reasons beside it."""
        await self._cases.know.member(ask.actor)
        lang = await self._answers.language(ask.actor)
        family, reason = lesson_card.parse_rejection(ask.modal)
        answer = lesson_card.rejection_answer(family, reason, await self._cases.lesson(lang), lang)
        await ack(response_action="update", view=answer)

    async def _overview(self, ask: Ask, rest: str, ack: AsyncAck, client: AsyncWebClient) -> None:
        await self._cases.know.member(ask.actor)
        lang = await self._answers.language(ask.actor)
        found = await self._cases.list_plans(ask.actor, ask.channel)
        burning = gpus_card.brief(await self._cases.gpus(ask.actor, ask.channel), lang)
        await _private(ack, status_card.overview(found.experiments, found.progress, lang, burning))

    async def _status(self, ask: Ask, rest: str, ack: AsyncAck, client: AsyncWebClient) -> None:
        await _private(ack, await self._listing(ask))

    async def _lesson(self, ask: Ask, rest: str, ack: AsyncAck, client: AsyncWebClient) -> None:
        await _private(ack, await self._runs(ask))

    async def _help(self, ask: Ask, rest: str, ack: AsyncAck, client: AsyncWebClient) -> None:
        await _private(ack, await self._usage(ask))

    async def _unknown(self, ask: Ask, word: str, ack: AsyncAck) -> None:
        known = [w for w in self._words if w not in ("", ALIAS)]
        nearest = next(iter(get_close_matches(word.lower(), known, n=1, cutoff=0.5)), None)
        lang = await self._answers.language(ask.actor)
        await _private(ack, help_card.usage(lang, unknown=word, nearest=nearest))

    def _later(
        self, name: str, ask: Ask, client: AsyncWebClient, made: Callable[[], Awaitable[Message]]
    ) -> None:
        """Tell what `made` makes, behind the acknowledgement."""

        async def told() -> None:
            await self._answers.tell(ask, client, await made())

        self._answers.later(name, ask, client, told)

    async def _usage(self, ask: Ask) -> Message:
        lang = await self._answers.language(ask.actor)
        return help_card.usage(lang, of_channel=ask.channel is not None)

    async def _runs(self, ask: Ask) -> Message:
        await self._cases.know.member(ask.actor)
        lang = await self._answers.language(ask.actor)
        return lesson_card.lesson(await self._cases.lesson(lang), lang)

    async def _listing(self, ask: Ask) -> Message:
        await self._cases.know.member(ask.actor)
        lang = await self._answers.language(ask.actor)
        found = await self._cases.list_plans(ask.actor, ask.channel)
        return status_card.status(found.experiments, found.progress, lang)


async def _private(ack: AsyncAck, message: Message) -> None:
    await ack(text=message.text, blocks=list(message.blocks), response_type="ephemeral")
