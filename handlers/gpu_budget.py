"""*Budget...* in the menu of a GPU card: parse, one call, acknowledge."""

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards import gpu_told
from bot.cards.forms import gpu_budget as forms
from bot.cards.forms.gpu_fields import Sentences
from bot.cards.ids import GpuRef
from bot.services.cases import Cases
from handlers.answers import Answers
from handlers.gpu_windows import GpuWindows, remembered
from handlers.inbound import Ask


class BudgetHandlers:
    """The budget belongs to the run's experiment, whichever start of the machine is shown."""

    def __init__(self, *, cases: Cases, answers: Answers, windows: GpuWindows) -> None:
        self._windows = windows
        self._cases = cases
        self._answers = answers

    async def open(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The form with what holds now."""
        found = await self._cases.cap_experiment.of_run(ask.actor, ask.gpu.g, ask.channel)
        lang = await self._answers.language(ask.actor)
        x, of = found.experiment, remembered(ask)
        view = forms.budget_modal(x, found.cap, found.spent, lang, of=of)
        await self._answers.open_or_say(ask, client, view, lang)
        await ack()

    async def submitted(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """An amount was typed, or taken away."""
        lang = await self._answers.language(ask.actor)
        cap = forms.read_budget(ask.modal, lang)
        if isinstance(cap, Sentences):
            await ack(response_action="errors", errors=dict(cap.by_block))
            return
        delivery = f"budget:{ask.modal['id']}"
        found = await self._cases.cap_experiment(ask.actor, ask.modal_plan.e, cap, delivery)
        told = gpu_told.budget_told(found.experiment.label, found.cap, found.spent, lang)
        await self._windows.told(ask, ack, client, told, GpuRef.read(ask.modal_plan.choice))
        self._cases.soon.work()
