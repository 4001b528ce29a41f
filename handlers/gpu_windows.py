"""Windows about GPUs: what became of a form, and what the window below it shows then."""

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards import ids
from bot.cards.gpu import run_card
from bot.cards.ids import GpuRef
from bot.domain.alerts import AlertKind
from bot.domain.delivery import Message
from bot.errors import NoSuchGpu
from bot.services.cases import Cases
from handlers.answers import Answers, notice
from handlers.gpus import GpusHandlers
from handlers.inbound import Ask


class GpuWindows:
    """A form is opened from a card or from a line of a list; both know afterwards what it did."""

    def __init__(self, *, cases: Cases, answers: Answers, lists: GpusHandlers) -> None:
        self._cases = cases
        self._answers = answers
        self._lists = lists

    async def told(
        self,
        ask: Ask,
        ack: AsyncAck,
        client: AsyncWebClient,
        message: Message,
        ref: GpuRef | None,
    ) -> None:
        """The form is replaced by what became of it; so is what lies below, if it opened it."""
        lang = await self._answers.language(ask.actor)
        await ack(response_action="update", view=dict(notice(message, lang)))
        below = ask.below(ref.w) if ref else None
        if ref and below:
            self._answers.later(
                "gpu.below", ask, client, lambda: self.redraw(ask, client, below, ref, message)
            )

    async def redraw(
        self, ask: Ask, client: AsyncWebClient, window: str, ref: GpuRef, message: Message
    ) -> None:
        """The card or the list in a window; `message` where the run is in other hands by now."""
        if ref.choice == ids.ON_LIST:
            await self._lists.redraw(ask, client, window)
            return
        lang = await self._answers.language(ask.actor)
        try:
            line = await self._cases.gpus.one(ask.actor, ref.g, ask.channel)
            message = run_card(line.view, AlertKind.NOTE, 0, lang)
        except NoSuchGpu:
            pass
        await self._answers.refresh(client, {"id": window}, notice(message, lang))


def remembered(ask: Ask) -> GpuRef:
    """What a form keeps of the button that opened it: the run, and where that stood."""
    listed = ids.ON_LIST if ask.gpu.choice == ids.ON_LIST else None
    return GpuRef(g=ask.gpu.g, n=ask.gpu.n, choice=listed, w=ask.window or None)
