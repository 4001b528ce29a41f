"""The buttons of a decision card: Fix, Re-plan, alternatives, the start, the menu."""

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards import compare as compare_cards
from bot.cards import decide as decide_cards
from bot.cards import forms, ids
from bot.cards import plan as cards
from bot.cards.ids import PlanRef
from bot.clock import Clock
from bot.domain.plans import Experiment
from bot.errors import NothingToFix, OldButton
from bot.services.cases import Cases
from engine.contract import Route
from handlers.answers import Answers
from handlers.compare import CompareHandlers
from handlers.inbound import Ask
from handlers.record import RecordHandlers
from handlers.router import OnAsk


class CardHandlers:
    """A button carries the experiment and revision it was drawn for; the service decides."""

    def __init__(
        self,
        *,
        cases: Cases,
        answers: Answers,
        clock: Clock,
        compare: CompareHandlers,
        record: RecordHandlers,
        rented: OnAsk,
    ) -> None:
        self._cases = cases
        self._rented = rented
        self._answers = answers
        self._clock = clock
        self._compare = compare
        self._record = record

    async def start(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """*GPU started*, which asks for the machine, or *I'm running it*."""
        x = await self._steered(ask, ask.plan)
        if x.route is Route.rented_gpu:
            await self._rented(ask, ack, client)
            return
        await self._cases.steer.start(ask.actor, ask.plan.e, ask.delivery)
        await ack()
        self._cases.soon.send()

    async def drop(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """*Drop*, below the question whether the plan will be run."""
        await self._steered(ask, ask.plan)
        await self._cases.steer.drop(ask.actor, ask.plan.e, ask.delivery)
        await ack()
        self._cases.soon.send()

    async def fix(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """*Fix* opens the one or two inputs that its conflict needs."""
        ref = ask.plan
        x = await self._steered(ask, ref)
        lang = await self._answers.language(ask.actor)
        conflict = cards.fixable(x, ref.code, lang)
        if conflict is None:
            raise NothingToFix(x.label)
        view = forms.fix_modal(x, conflict, lang, today=self._clock.now().date())
        await self._answers.open_or_say(ask, client, view, lang)
        await ack()

    async def fixed(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The inputs of *Fix* were submitted: the same card again, with them in place."""
        ref = ask.modal_plan
        x = await self._cases.find(ask.actor, ref.e)
        today = self._clock.now().date()
        card = forms.answer_fix(ask.modal, x, today=today)
        if isinstance(card, forms.FieldErrors):
            lang = await self._answers.language(ask.actor)
            await ack(response_action="errors", errors=card.by_block(lang))
            return
        x = await self._cases.replan(ask.actor, ref.e, ref.r, card, str(ask.modal["id"]))
        await ack()
        self._cases.soon.publish(x)

    async def alternative(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """One of the routes a refusal offers instead, or that a comparison does."""
        ref, route = ask.plan, Route(ask.action_id.partition(":")[2])
        x = await self._steered(ask, ref)
        card = forms.apply_alternative(x.latest.card, route)
        x = await self._cases.replan(ask.actor, ref.e, ref.r, card, ask.delivery)
        await ack()
        self._cases.soon.publish(x)
        if ref.choice == ids.COMPARE:
            self._moved(ask, client, x, route)

    async def other_model(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The model that a refusal offers instead."""
        ref = ask.plan
        x = await self._steered(ask, ref)
        repo = cards.other_model(x)
        if repo is None or repo != ref.choice:
            raise NothingToFix(x.label)
        card = forms.apply_model(x.latest.card, repo)
        x = await self._cases.replan(ask.actor, ref.e, ref.r, card, ask.delivery)
        await ack()
        self._cases.soon.publish(x)

    async def replan(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """*Re-plan* and *Change the card*: the constraint card, filled in as it was."""
        x = await self._steered(ask, ask.plan)
        today = self._clock.now().date()
        lang = await self._answers.language(ask.actor)
        form = forms.form_of(x)
        view = forms.constraint_modal(form, lang, standing=x.decision, today=today)
        await self._answers.open_or_say(ask, client, view, lang)
        await ack()

    async def more(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The menu: compare the routes, the record, change the owner, decide, archive."""
        ref = ask.plan
        if ref.choice == ids.COMPARE:
            await self._compare.chosen(ask, ack, client)
            return
        if ref.choice == ids.RECORD:
            await self._record.chosen(ask, ack, client)
            return
        if ref.choice == ids.DECIDE_CHOICE:
            await self.decide(ask, ack, client)
            return
        if ref.choice == ids.CHANGE_OWNER:
            x = await self._steered(ask, ref)
            lang = await self._answers.language(ask.actor)
            await self._answers.open_or_say(ask, client, forms.owner_modal(x, lang), lang)
        elif ref.choice == ids.ARCHIVE:
            await self._steered(ask, ref)
            await self._cases.steer.archive(ask.actor, ref.e, ask.delivery)
            self._cases.soon.send()
        await ack()

    async def owner(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """A new owner was chosen."""
        owner = forms.parse_owner(ask.modal)
        delivery = f"owner:{ask.modal['id']}"
        x = await self._steered(ask, ask.modal_plan)
        await self._cases.steer.hand_over(ask.actor, x.id, owner, delivery)
        await ack()
        self._cases.soon.send()

    async def decide(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """*Decide* opens the five conclusions."""
        found = await self._cases.decide.look(ask.actor, ask.plan.e)
        lang = await self._answers.language(ask.actor)
        view = decide_cards.decide_modal(found.x, found.items, lang)
        await self._answers.open_or_say(ask, client, view, lang)
        await ack()

    async def decided(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """A conclusion was chosen."""
        ref, conclusion = ask.modal_plan, decide_cards.parse_decision(ask.modal)
        if conclusion is None:
            raise OldButton
        seen = decide_cards.seen_conclusion(ref)
        delivery = f"decide:{ask.modal['id']}"
        await self._cases.decide(ask.actor, ref.e, conclusion, delivery, seen=seen)
        await ack()
        self._cases.soon.send()

    def _moved(self, ask: Ask, client: AsyncWebClient, x: Experiment, route: Route) -> None:
        """Say where the decision will be: who compares may not see the card just now."""

        async def told() -> None:
            lang = await self._answers.language(ask.actor)
            await self._answers.tell(ask, client, compare_cards.moved(x, route, lang))

        self._answers.later("moved", ask, client, told)

    async def _steered(self, ask: Ask, ref: PlanRef) -> Experiment:
        """The experiment a button speaks of, for somebody who may press it."""
        return await self._cases.find.to_steer(ask.actor, ref.e, ref.r)
