"""Evidence of an experiment: its checklist, and accept, reject, waive, assign."""

from dataclasses import replace

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards import checklist as cards
from bot.cards import ids
from bot.cards.evidence_which import which
from bot.cards.forms.evidence_judge import assign_modal, read_judgement, reason_modal
from bot.domain.delivery import Message
from bot.domain.evidence import EvidenceState
from bot.domain.ids import ExperimentId, UserId
from bot.domain.plans import number_of
from bot.domain.workspace import Act
from bot.errors import NothingClaimed, NotWhatWasSeen, OldButton
from bot.services.cases import Cases
from bot.services.checklists import Checked
from bot.services.reading import Listing
from handlers.answers import Answers, notice
from handlers.inbound import WINDOW, Ask

ACTS = {ids.REJECT_CHOICE: Act.STEER, ids.WAIVE_CHOICE: Act.LEAD, ids.ASSIGN_CHOICE: Act.STEER}


class EvidenceHandlers:
    """The checklist is drawn for one reader; after each act it is drawn anew in its place."""

    def __init__(self, *, cases: Cases, answers: Answers) -> None:
        self._cases = cases
        self._answers = answers

    async def typed(self, ask: Ask, text: str, ack: AsyncAck, client: AsyncWebClient) -> None:
        """`/owroute evidence [OW-n]`."""
        lang = await self._answers.language(ask.actor)
        read = self._cases.evidence
        if text:
            found = await read.numbered(ask.actor, number_of(text), ask.channel)
        else:
            found = await read.running(ask.actor, ask.channel)
        message = _drawn(found, text, lang)
        await ack(text=message.text, blocks=list(message.blocks), response_type="ephemeral")

    async def open(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """A button that shows a checklist, or the next part of one."""
        await ack()
        if not ask.value:
            self._answers.later("evidence", ask, client, lambda: self._running(ask, client))
            return
        ref = ask.plan
        start = int(ref.choice) if ref.choice and ref.choice.isdecimal() else 0
        self._show(ask, client, ref.e, start=start)

    async def accept(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """**Accept**, or **Accept all**."""
        ref = ask.plan
        if ref.seen is None:
            raise OldButton
        checked = await self._cases.evidence(ask.actor, ref.e)
        claimed = [e.item for e in checked.items if e.state is EvidenceState.CLAIMED]
        items = claimed if ref.choice == ids.ALL else [ref.item or ""]
        try:
            await self._cases.judge.accept(ask.actor, ref.e, items, ask.delivery, seen=ref.seen)
        except (NotWhatWasSeen, NothingClaimed):
            self._anew(ask, client, ref.e)
            raise
        await ack()
        self._cases.soon.send()
        self._anew(ask, client, ref.e)

    async def more(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The menu of an item: a reason or a person is asked for, of who may do it."""
        ref = ask.plan
        act = ref.choice or ""
        if act not in ACTS:
            raise OldButton
        checked = await self._cases.evidence(ask.actor, ref.e)
        await self._cases.judge.may(ask.actor, ACTS[act], checked.experiment)
        lang = await self._answers.language(ask.actor)
        x, items, back = checked.experiment, checked.items, back_to(ask)
        if act == ids.ASSIGN_CHOICE:
            view = assign_modal(x, items, ref.item or "", lang, back=back)
        else:
            seen = {ref.item: ref.seen} if ref.item and ref.seen else None
            view = reason_modal(x, items, ref.item, act, lang, back=back, seen=seen)
        await self._answers.open_or_say(ask, client, view, lang)
        await ack()

    async def reasoned(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The reason of a rejection or a waiver was submitted."""
        said = read_judgement(ask.modal)
        judge, e, delivery = self._cases.judge, said.sheet.e, _submission(ask)
        try:
            if said.act == ids.WAIVE_CHOICE:
                await judge.waive(ask.actor, e, said.item, said.text, delivery)
            else:
                await judge.reject(ask.actor, e, said.item, said.text, delivery, seen=said.seen)
        except NotWhatWasSeen:
            self.refresh(ask, client, e, said.sheet.back)
            raise
        await self.done(ask, ack, client, e, said.sheet.back)

    async def assigned(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """Somebody was chosen to be asked."""
        said = read_judgement(ask.modal)
        await self._cases.judge.assign(
            ask.actor, said.sheet.e, said.item, UserId(said.text), _submission(ask)
        )
        await self.done(ask, ack, client, said.sheet.e, said.sheet.back)

    def refresh(
        self, ask: Ask, client: AsyncWebClient, experiment: ExperimentId, back: str
    ) -> None:
        """Draw the checklist anew that a modal was opened from; nothing where there is none."""
        if back:
            self._show(_there(ask, back), client, experiment)

    async def done(
        self,
        ask: Ask,
        ack: AsyncAck,
        client: AsyncWebClient,
        experiment: ExperimentId,
        back: str,
    ) -> None:
        """The form closes over the checklist, or gives way to it where it took its place."""
        if ask.replaced(back):
            lang = await self._answers.language(ask.actor)
            checked = await self._cases.evidence(ask.actor, experiment)
            message = _drawn(checked, "", lang)
            await ack(response_action="update", view=dict(notice(message, lang)))
        else:
            await ack()
            self.refresh(ask, client, experiment, back)
        self._cases.soon.send()

    def _anew(self, ask: Ask, client: AsyncWebClient, experiment: ExperimentId) -> None:
        """In the place of what was pressed; Home shows by itself what became of it."""
        if not ask.on_home:
            self._show(ask, client, experiment)

    def _show(
        self, ask: Ask, client: AsyncWebClient, experiment: ExperimentId, *, start: int = 0
    ) -> None:
        async def shown() -> None:
            checked = await self._cases.evidence(ask.actor, experiment)
            lang = await self._answers.language(ask.actor)
            x, items = checked.experiment, checked.items
            message = cards.checklist(x, items, lang, start=start, powers=checked.powers)
            await self._answers.tell(ask, client, message, again=True)

        self._answers.later("evidence", ask, client, shown)

    async def _running(self, ask: Ask, client: AsyncWebClient) -> None:
        found = await self._cases.evidence.running(ask.actor, ask.channel)
        lang = await self._answers.language(ask.actor)
        await self._answers.tell(ask, client, _drawn(found, "", lang))


def back_to(ask: Ask) -> str:
    """Where the checklist that was pressed can be drawn anew; "" for what all people see."""
    return ask.window or (ask.response_url if ask.ephemeral else "")


def _there(ask: Ask, back: str) -> Ask:
    """As if it had been pressed where the checklist stands."""
    if not back.startswith(WINDOW):
        return replace(ask, response_url=back, ephemeral=True)
    window = {"id": back.removeprefix(WINDOW), "type": "modal", "callback_id": ids.NOTICE_MODAL}
    return replace(ask, view=window, submits=False)


def _drawn(found: Checked | Listing, typed: str, lang: str) -> Message:
    if isinstance(found, Checked):
        return cards.checklist(found.experiment, found.items, lang, powers=found.powers)
    return which(typed, found.experiments, found.progress, lang)


def _submission(ask: Ask) -> str:
    """The same for every copy of a submission, and for a second press of its button."""
    return f"view:{ask.modal['id']}"
