"""The buttons of a GPU run: parse, one call, acknowledge, and show how it stands."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards import gpu_told, ids
from bot.cards.forms import gpu_steer as forms
from bot.cards.forms.gpu_fields import Sentences
from bot.cards.gpu import run_card
from bot.cards.gpu_view import RunView
from bot.cards.text import esc
from bot.clock import Clock
from bot.domain.alerts import AlertKind
from bot.domain.delivery import Block, Message
from bot.domain.fleet import Ending
from bot.domain.ids import GpuId, UserId
from bot.domain.steering import Snooze
from bot.domain.workspace import Act
from bot.errors import AlreadyStopping, NoSuchGpu, OldButton, OldGeneration
from bot.services.cases import Cases
from bot.services.gpu.stepping import Pressed
from handlers.answers import Answers
from handlers.gpu_budget import BudgetHandlers
from handlers.gpu_windows import GpuWindows, remembered
from handlers.gpus import GpusHandlers
from handlers.guard import GuardHandlers
from handlers.inbound import Ask, Payload
from handlers.router import OnAsk

Did = Callable[[Pressed], Awaitable[RunView]]
Drawn = Callable[[RunView, str], Block]


class GpuHandlers:
    """A button carries the run and the start of it that it was drawn for; the service decides.

    A card that everybody sees is edited by the service; one that only this person sees is drawn
    anew in its place. So is Home, by the router and after what takes longer.
    """

    def __init__(
        self,
        *,
        cases: Cases,
        answers: Answers,
        clock: Clock,
        guard: GuardHandlers,
        budget: BudgetHandlers,
        lists: GpusHandlers,
        windows: GpuWindows,
    ) -> None:
        self._lists = lists
        self._windows = windows
        self._cases = cases
        self._answers = answers
        self._clock = clock
        self.actions: Mapping[str, OnAsk] = {
            ids.STOP_GPU: self.stop,
            ids.TERMINATE_GPU: self.terminate,
            ids.SET_SHUTDOWN: self._opens(forms.shutdown_modal),
            ids.KEEP_UNTIL: self._opens(forms.keep_modal),
            ids.REASSIGN: self._opens(forms.reassign_modal, ended=True),
            ids.SET_PRICE: self._opens(forms.price_modal, ended=True),
            ids.EXTEND: self.extend,
            ids.MINE: self.take,
            ids.NOT_OURS: self.disown,
            ids.KEEP_GPU: self.keep,
            ids.SNOOZE_GPU: self.snooze,
            ids.ALREADY_STOPPED: self.already_stopped,
            ids.OPEN_GPU: self.open,
            ids.GPU_MORE: self.more,
            ids.GUARD: guard.command,
            ids.GPU_BUDGET: budget.open,
        }
        self.views: Mapping[str, OnAsk] = {
            ids.SHUTDOWN_MODAL: self.shutdown_set,
            ids.REASSIGN_MODAL: self.reassigned,
            ids.PRICE_MODAL: self.priced,
            ids.BUDGET_MODAL: budget.submitted,
        }

    async def stop(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """*Stop now*, whatever that does at this provider."""
        await self._end(ask, ack, client, None)

    async def terminate(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """*Terminate*: it is deleted."""
        await self._end(ask, ack, client, Ending.TERMINATE)

    async def extend(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """*Extend 1 h*, counted from the stop time on the card."""
        shown = ask.gpu.at
        if shown is None:
            raise OldButton
        await self._do(ask, ack, client, lambda p: self._cases.steer_gpu.extend(p, shown))

    async def take(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """*It's mine*."""
        await self._do(ask, ack, client, self._cases.steer_gpu.take)

    async def disown(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """*Not ours*."""
        await self._do(ask, ack, client, self._cases.steer_gpu.disown)

    async def keep(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """*Keep*: no default stop."""
        await self._do(ask, ack, client, self._cases.steer_gpu.keep)

    async def snooze(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """An hour, four, or until tomorrow."""
        try:
            snooze = Snooze(ask.gpu.choice or "")
        except ValueError:
            raise OldButton from None
        await self._do(ask, ack, client, lambda p: self._cases.steer_gpu.snooze(p, snooze))

    async def already_stopped(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """Its provider is asked, which may take longer than an acknowledgement may."""
        pressed = _pressed(ask)
        await self._cases.steer_gpu.look(pressed, ended=True)
        await ack()

        async def checked() -> None:
            view = await self._cases.steer_gpu.already_stopped(pressed)
            await self._after(ask, client, view)

        self._answers.later("gpu.already_stopped", ask, client, checked)

    async def open(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The whole card of one run, for this person only."""
        gpu = ask.gpu.g
        await ack()
        self._answers.later("gpu.card", ask, client, lambda: self._show(ask, client, gpu))

    async def more(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The menu of a card: a line is the button that it names."""
        chosen = self.actions.get(ask.gpu.choice or "")
        if chosen is None or chosen == self.more:
            raise OldButton
        await chosen(ask, ack, client)

    async def shutdown_set(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """A stop time was chosen."""
        lang = await self._answers.language(ask.actor)
        at = forms.read_shutdown(ask.modal, self._clock.now(), lang)
        if isinstance(at, Sentences):
            await ack(response_action="errors", errors=dict(at.by_block))
            return
        view = await self._cases.steer_gpu.set_shutdown(_submitted(ask), at)
        await self._told(ask, ack, client, gpu_told.shutdown_told(view, lang))

    async def reassigned(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """Somebody was chosen."""
        owner = forms.read_reassign(ask.modal)
        view = await self._cases.steer_gpu.reassign(_submitted(ask), owner)
        lang = await self._answers.language(ask.actor)
        await self._told(ask, ack, client, gpu_told.reassigned_told(view, lang))

    async def priced(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """A price was typed."""
        lang = await self._answers.language(ask.actor)
        price = forms.read_price(ask.modal, lang)
        if isinstance(price, Sentences):
            await ack(response_action="errors", errors=dict(price.by_block))
            return
        view = await self._cases.steer_gpu.set_price(_submitted(ask), price)
        await self._told(ask, ack, client, gpu_told.priced_told(view, lang))

    async def _end(
        self, ask: Ask, ack: AsyncAck, client: AsyncWebClient, ending: Ending | None
    ) -> None:
        pressed = _pressed(ask)
        try:
            view = await self._cases.steer_gpu.look(pressed, Act.STOP, ended=True)
            way = ending or view.run.ending
            await self._cases.end_gpu(
                ask.actor, pressed.gpu, pressed.generation, way, pressed.delivery
            )
        except AlreadyStopping as error:
            await ack()
            self._first(ask, client, error)
            return
        except OldGeneration:
            self._anew(ask, client, pressed.gpu)
            raise
        await ack()
        self._cases.soon.work()
        self._refresh(ask, client, pressed.gpu)

    def _first(self, ask: Ask, client: AsyncWebClient, error: AlreadyStopping) -> None:
        """Who was first is named, which an error beside a field could not."""
        by = error.values.get("by")
        if by is None:
            raise error

        async def told() -> None:
            lang = await self._answers.language(ask.actor)
            label = esc(str(error.values["label"]))
            message = gpu_told.stopping_told(label, UserId(str(by)), lang)
            shown = await self._answers.tell(ask, client, message)
            if _is_above(ask, shown):
                window = str(ask.modal["id"])
                await self._windows.redraw(ask, client, window, ask.gpu, message)

        self._answers.later("gpu.first", ask, client, told)

    async def _do(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient, did: Did) -> None:
        try:
            view = await did(_pressed(ask))
        except OldGeneration:
            self._anew(ask, client, ask.gpu.g)
            raise
        await ack()
        await self._after(ask, client, view)

    def _opens(self, modal: Drawn, *, ended: bool = False) -> OnAsk:
        async def pressed(ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
            try:
                view = await self._cases.steer_gpu.look(_pressed(ask), ended=ended)
            except OldGeneration:
                self._anew(ask, client, ask.gpu.g)
                raise
            lang = await self._answers.language(ask.actor)
            drawn = {**modal(view, lang), "private_metadata": remembered(ask).dump()}
            await self._answers.open_or_say(ask, client, drawn, lang)
            await ack()

        return pressed

    async def _after(self, ask: Ask, client: AsyncWebClient, view: RunView) -> None:
        """What was queued goes, and what only this person sees is drawn anew."""
        self._cases.soon.send()
        self._refresh(ask, client, view.run.id)

    def _refresh(self, ask: Ask, client: AsyncWebClient, gpu: GpuId) -> None:
        if ask.ephemeral or ask.on_home or ask.in_notice:
            self._anew(ask, client, gpu)

    def _anew(self, ask: Ask, client: AsyncWebClient, gpu: GpuId) -> None:
        if ask.on_home:
            self._cases.home_soon.acted(ask.actor)
            return

        async def anew() -> None:
            with suppress(NoSuchGpu):  # in other hands by now: there is nothing of it to draw
                await self._show(ask, client, gpu)

        self._answers.later("gpu.card", ask, client, anew)

    async def _show(self, ask: Ask, client: AsyncWebClient, gpu: GpuId) -> None:
        """In the place of a card that only this person sees; a list stays where it is."""
        line = await self._cases.gpus.one(ask.actor, gpu, ask.channel)
        lang = await self._answers.language(ask.actor)
        card = run_card(line.view, AlertKind.NOTE, 0, lang)
        on_list = ask.gpu.choice == ids.ON_LIST
        shown = await self._answers.tell(ask, client, card, again=not on_list)
        if on_list and _is_above(ask, shown):
            await self._lists.redraw(ask, client, str(ask.modal["id"]))

    async def _told(
        self, ask: Ask, ack: AsyncAck, client: AsyncWebClient, message: Message
    ) -> None:
        await self._windows.told(ask, ack, client, message, ask.modal_gpu)
        self._cases.soon.send()


def _is_above(ask: Ask, shown: Payload | None) -> bool:
    """Whether a window was laid on the one that was pressed, and not put in its place."""
    return ask.in_notice and shown is not None and shown["id"] != ask.modal["id"]


def _pressed(ask: Ask) -> Pressed:
    """A button on a card, on a list or on Home."""
    return Pressed(ask.actor, ask.gpu.g, ask.gpu.n, ask.delivery, ask.channel)


def _submitted(ask: Ask) -> Pressed:
    """A form; the same for every copy of a submission, and for a second press of its button."""
    ref = ask.modal_gpu
    return Pressed(ask.actor, ref.g, ref.n, f"view:{ask.modal['id']}")
