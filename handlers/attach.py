"""**Attach evidence**: the form of an item, from a button or from a message."""

from collections.abc import Sequence

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards.forms.evidence import attach_modal
from bot.cards.forms.evidence_read import AttachErrors, read_attached
from bot.cards.forms.evidence_said import read_message, thread_of
from bot.cards.forms.evidence_sheet import AttachForm, experiment_in, form_in, sheet_of
from bot.clock import Clock
from bot.domain.ids import ChannelId
from bot.domain.plans import TAKES_EVIDENCE, Experiment
from bot.errors import WrongState
from bot.services.cases import Cases
from bot.services.checklists import Checked
from handlers.answers import Answers
from handlers.evidence import EvidenceHandlers, back_to
from handlers.inbound import Ask


class AttachHandlers:
    """Any full member may put something down; what is wrong stands beside its field."""

    def __init__(
        self, *, cases: Cases, answers: Answers, clock: Clock, evidence: EvidenceHandlers
    ) -> None:
        self._cases = cases
        self._answers = answers
        self._clock = clock
        self._evidence = evidence

    async def open(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """**Attach** beside an item, or **Attach evidence**."""
        ref = ask.plan
        checked = _taking(await self._cases.evidence(ask.actor, ref.e))
        lang = await self._answers.language(ask.actor)
        form = AttachForm(item=ref.item, back=back_to(ask))
        view = attach_modal(form, checked.experiment, checked.items, lang)
        await self._answers.open_or_say(ask, client, view, lang)
        await ack()

    async def message(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The message shortcut **Attach as evidence**, on any message, in threads too."""
        if ask.said is None:
            return
        thread = thread_of(ask.said)
        checked, others = await self._cases.evidence.meant(ask.actor, ask.channel, thread)
        lang = await self._answers.language(ask.actor)
        form = AttachForm(said=read_message(ask.said))
        view = attach_modal(form, checked.experiment, checked.items, lang, others=others)
        await self._answers.open(ask, client, view)
        await ack()

    async def chosen(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """Another item or experiment was chosen: redraw, keeping what is typed."""
        await ack()
        if ask.view is not None:
            self._answers.later("attach.chosen", ask, client, lambda: self._redrawn(ask, client))

    async def submit(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """**Attach** was pressed: commit first, then acknowledge, then everything slow."""
        checked = _taking(await self._cases.evidence(ask.actor, experiment_in(ask.modal)))
        x, lang = checked.experiment, await self._answers.language(ask.actor)
        now = self._clock.now()
        entries = read_attached(ask.modal, x, checked.items, by=ask.actor.user, at=now)
        if isinstance(entries, AttachErrors):
            await ack(response_action="errors", errors=entries.by_block(lang))
            return
        await self._cases.attach(ask.actor, x.id, entries, f"attach:{ask.modal['id']}")
        await self._evidence.done(ask, ack, client, x.id, sheet_of(ask.modal).back)

    async def _redrawn(self, ask: Ask, client: AsyncWebClient) -> None:
        form = form_in(ask.modal)
        checked = _taking(await self._cases.evidence(ask.actor, experiment_in(ask.modal)))
        others: Sequence[Experiment] = ()
        if form.said is not None:
            place = ChannelId(form.said.channel)
            others = await self._cases.evidence.candidates(ask.actor, place)
        lang = await self._answers.language(ask.actor)
        view = attach_modal(form, checked.experiment, checked.items, lang, others=others)
        await self._answers.refresh(client, ask.modal, view)


def _taking(checked: Checked) -> Checked:
    """Raise `WrongState` for an experiment that takes nothing any more."""
    x = checked.experiment
    if x.state not in TAKES_EVIDENCE:
        raise WrongState(x.label, x.state.value)
    return checked
