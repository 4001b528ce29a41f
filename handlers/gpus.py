"""`/owroute gpus`, `/owroute gpu add` and *GPU started*: the list, and machines entered by hand."""

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards import forms, gpu_told, gpus
from bot.cards import help as help_card
from bot.cards.forms import gpu_enter
from bot.cards.forms.gpu_fields import Sentences
from bot.cards.ids import PlaceRef
from bot.cards.tables import Rung
from bot.cards.text import Mrkdwn, unescaped
from bot.clock import Clock
from bot.domain.gpu_list import Asked
from bot.domain.registering import Registration
from bot.services.cases import Cases
from bot.services.gpu.registering import Registered
from handlers.answers import READ_SECONDS, Answers, notice
from handlers.inbound import Ask, Payload
from handlers.plan import in_time

ADD = "add"
MOST = 100
"""Options that Slack takes."""


class GpusHandlers:
    """The list is a table, so it is told behind the acknowledgement, on the best rung there is."""

    def __init__(self, *, cases: Cases, answers: Answers, clock: Clock) -> None:
        self._cases = cases
        self._answers = answers
        self._clock = clock

    async def typed(self, ask: Ask, text: str, ack: AsyncAck, client: AsyncWebClient) -> None:
        """`/owroute gpus [all] [words]`, and `/owroute gpu add`."""
        if text.casefold().split()[:1] == [ADD]:
            view, lang = await self._form(ask)
            opened = await self._answers.open(ask, client, view)
            await (ack() if opened else ack(text=help_card.press_again(lang).text))
            return
        await ack()
        self._list(ask, client, Asked.read(unescaped(Mrkdwn(text))))  # Slack escapes commands

    async def open(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The GPUs button."""
        await ack()
        self._list(ask, client, Asked())

    async def add(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The Add button below the list."""
        view, lang = await self._form(ask)
        await self._answers.open_or_say(ask, client, view, lang)
        await ack()

    async def added(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """A machine was entered."""
        said = await self._read(ask, ack)
        if said is None:
            return
        opened = str(ask.modal.get("private_metadata") or "")
        place = PlaceRef.read(opened)
        request = f"gpu_add:{ask.modal['id']}"
        done = await self._cases.register_gpu(ask.actor, said, place.c if place else None, request)
        await self._told(ask, ack, done)
        below = ask.below(opened)
        if below:
            self._answers.later("gpus.below", ask, client, lambda: self.redraw(ask, client, below))

    async def redraw(self, ask: Ask, client: AsyncWebClient, window: str) -> None:
        """The list in a window, as it stands now: one's own, since a window knows no channel."""
        found = await self._cases.gpus(ask.actor, None, Asked())
        lang = await self._answers.language(ask.actor)
        shown = gpus.listing(found, None, Rung.FIELDS, lang)
        await self._answers.refresh(client, {"id": window}, notice(shown, lang))

    async def start(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """*GPU started* on a decision card: the machine, filled in from the plan."""
        ref = ask.plan
        found = await self._cases.register_gpu.starting(ask.actor, ref.e, ref.r)
        lang = await self._answers.language(ask.actor)
        view = gpu_enter.started_modal(found.x, found.name, found.now, lang, run=found.run)
        await self._answers.open_or_say(ask, client, view, lang)
        await ack()

    async def started(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The machine of an experiment was confirmed: both begin."""
        said = await self._read(ask, ack)
        if said is None:
            return
        ref, request = ask.modal_plan, f"gpu_started:{ask.modal['id']}"
        done = await self._cases.register_gpu.started(ask.actor, ref.e, ref.r, said, request)
        await self._told(ask, ack, done)

    async def hardware(self, ask: Ask, typed: str, ack: AsyncAck) -> None:
        """The typeahead over known GPUs; one that nobody knows stands as it was typed."""
        found = await in_time(self._cases.engine.hardware(forms.hardware_query(typed)))
        own = forms.hardware_suggestions(None, typed)
        known = forms.hardware_suggestions(found, typed) if found else []
        await ack(options=[*known, *(o for o in own if o not in known)][:MOST])

    async def _form(self, ask: Ask) -> tuple[Payload, str]:
        """The empty form of whoever may fill it in, and their language."""
        await self._cases.know.not_a_stranger(ask.actor, within=READ_SECONDS)
        lang = await self._answers.language(ask.actor)
        place = PlaceRef(c=ask.channel).dump() if ask.channel else ask.window
        return gpu_enter.add_modal(ask.actor.user, place, self._clock.now(), lang), lang

    async def _read(self, ask: Ask, ack: AsyncAck) -> Registration | None:
        """What was typed; None where the form stays open with what is wrong."""
        lang = await self._answers.language(ask.actor)
        said = gpu_enter.read_entered(ask.modal, self._clock.now(), lang)
        if isinstance(said, Sentences):
            await ack(response_action="errors", errors=dict(said.by_block))
            return None
        return said

    async def _told(self, ask: Ask, ack: AsyncAck, done: Registered) -> None:
        lang = await self._answers.language(ask.actor)
        message = gpu_told.registered_told(
            done.view, done.unlisted, done.missing, lang, done.instead
        )
        await ack(response_action="update", view=dict(notice(message, lang)))
        self._cases.soon.send()

    def _list(self, ask: Ask, client: AsyncWebClient, asked: Asked) -> None:
        async def told() -> None:
            found = await self._cases.gpus(ask.actor, ask.channel, asked)
            lang = await self._answers.language(ask.actor)
            await self._answers.tell_table(
                ask, client, lambda rung: gpus.listing(found, ask.channel, rung, lang)
            )

        self._answers.later("gpus", ask, client, told)
