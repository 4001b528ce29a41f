"""The constraint card: opened, reshaped while it is filled in, submitted."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from typing import TypeVar

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards import forms, ids
from bot.cards import help as help_card
from bot.clock import Clock
from bot.domain.delivery import Message
from bot.domain.ids import ChannelId, UserId
from bot.domain.plans import Draft
from bot.errors import EngineUnavailable
from bot.services.cases import Cases
from engine.contract import ConstraintCard
from handlers.answers import READ_SECONDS, Answers
from handlers.inbound import Ask, Payload

_Listed = TypeVar("_Listed")
SUGGEST_SECONDS = 2.0
"""Slack waits three seconds for the options of a typeahead."""


class PlanHandlers:
    """Everything that happens while somebody fills in a constraint card."""

    def __init__(self, *, cases: Cases, answers: Answers, clock: Clock) -> None:
        self._cases = cases
        self._answers = answers
        self._clock = clock

    async def open(self, ask: Ask, text: str, ack: AsyncAck, client: AsyncWebClient) -> None:
        """`/owroute plan [field=value ...]`."""
        failed = await self._opened(ask, text, client)
        await (ack(text=failed.text, blocks=list(failed.blocks)) if failed else ack())

    async def shortcut(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The global shortcut, or a Plan button on a message or on Home."""
        failed = await self._opened(ask, ask.value or "", client)
        await ack()
        if failed and (ask.response_url or ask.in_notice):
            told = failed
            self._answers.later(
                "not_opened", ask, client, lambda: self._answers.tell(ask, client, told)
            )

    async def reshape(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """A choice was made or *More constraints* pressed: redraw, keeping what is typed."""
        await ack()
        if ask.view is not None:
            self._cases.background("plan.reshape", lambda: self._reshaped(ask, client))

    async def submit(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """**Plan** was pressed: commit first, then acknowledge, then everything slow."""
        form = forms.read(ask.modal)
        card = forms.parse(form, today=self._clock.now().date())
        lang = await self._answers.language(ask.actor)
        if isinstance(card, forms.FieldErrors):
            await ack(response_action="errors", errors=card.by_block(lang))
            return
        x = await self._cases.submit(ask.actor, _draft(ask, form, card))
        await ack()
        self._cases.soon.publish(x)

    async def change(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """**change** beside the licence facts: a second view on top of the card."""
        await ack()
        lang = await self._answers.language(ask.actor)
        form = forms.read(ask.modal)
        view = forms.constraints_modal(form, ask.modal, lang)
        if not await self._answers.push(ask, client, view):
            said = await self._drawn(forms.not_opened(form), lang)
            await self._answers.refresh(client, ask.modal, said)

    async def changed(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The second view was submitted: its facts go back into the card below."""
        lang = await self._answers.language(ask.actor)
        facts = forms.parse_constraints(ask.modal)
        if isinstance(facts, forms.FieldErrors):
            await ack(response_action="errors", errors=facts.by_block(lang))
            return
        await ack()
        self._cases.background("plan.changed", lambda: self._with_facts(ask, client, facts, lang))

    async def models(self, ask: Ask, typed: str, ack: AsyncAck) -> None:
        """The typeahead over the catalogue."""
        found = await in_time(self._cases.engine.models(typed))
        await ack(options=forms.suggestions(found or (), typed))

    async def hardware(self, ask: Ask, typed: str, ack: AsyncAck) -> None:
        """The typeahead over known GPUs and counts."""
        found = await in_time(self._cases.engine.hardware(forms.hardware_query(typed)))
        await ack(options=forms.hardware_suggestions(found, typed))

    async def _opened(self, ask: Ask, text: str, client: AsyncWebClient) -> Message | None:
        """Open the card, prefilled; where Slack does not, what to say instead."""
        await self._cases.know.not_a_stranger(ask.actor, within=READ_SECONDS)
        today = self._clock.now().date()
        prefill = await self._cases.prefill(ask.actor, ask.channel)
        form = forms.new_form(
            text, prefill.last, prefill.defaults, owner=ask.actor.user, channel=ask.channel,
            today=today,
        )  # fmt: skip
        view = forms.constraint_modal(form, prefill.language, standing=None, today=today)
        opened = await self._answers.open(ask, client, view)
        if opened is None:
            return help_card.try_again(text, prefill.language)
        self._cases.background(
            "plan.language", lambda: self._in_their_words(ask, client, opened, prefill.language)
        )
        return None

    async def _reshaped(self, ask: Ask, client: AsyncWebClient) -> None:
        form = forms.read(ask.modal)
        if ask.action_id == ids.TOGGLE:
            form = replace(form, more=not form.more)
        lang = await self._answers.language(ask.actor)
        await self._answers.refresh(client, ask.modal, await self._drawn(form, lang))

    async def _drawn(self, form: forms.PlanForm, lang: str) -> Payload:
        """The constraint card as it is filled in, with how it stands if the engine says so."""
        today = self._clock.now().date()
        card = forms.parse(form, today=today)
        standing = None
        if not isinstance(card, forms.FieldErrors):
            standing = await self._cases.standing(card, lang)
        return forms.constraint_modal(form, lang, standing=standing, today=today)

    async def _with_facts(
        self, ask: Ask, client: AsyncWebClient, facts: forms.Facts, lang: str
    ) -> None:
        form, parent = forms.merged(ask.modal, facts)
        await self._answers.refresh(client, {"id": parent}, await self._drawn(form, lang))

    async def _in_their_words(
        self, ask: Ask, client: AsyncWebClient, opened: Payload, guessed: str
    ) -> None:
        """Learn who this is; a newcomer whose language we guessed wrong gets the card redrawn."""
        person = await self._cases.know(ask.actor.team, ask.actor.user)
        lang = person.language if person else guessed
        if lang != guessed:
            view = forms.constraint_modal(
                forms.read(opened), lang, standing=None, today=self._clock.now().date()
            )
            await self._answers.refresh(client, opened, view)


async def in_time(
    asked: Awaitable[Sequence[_Listed]], within: float = SUGGEST_SECONDS
) -> Sequence[_Listed] | None:
    """What the engine lists or suggests; None when it is down or slower than somebody types."""
    try:
        async with asyncio.timeout(within):
            return await asked
    except (TimeoutError, EngineUnavailable):
        return None


def _draft(ask: Ask, form: forms.PlanForm, card: ConstraintCard) -> Draft:
    return Draft(
        team=ask.actor.team,
        channel=form.channel or ChannelId(form.values.get("post_to") or ask.actor.user),
        owner=UserId(form.values.get("owner") or ask.actor.user),
        card=card,
        submitted_by=ask.actor.user,
        request_id=str(ask.modal["id"]),
        replans=form.experiment,
        seen=form.revision or 0,
    )
