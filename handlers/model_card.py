"""**Read it from the Hub**: look a model card up, and keep what is confirmed."""

import secrets

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards.forms import model_card as forms
from bot.cards.forms.evidence_sheet import sheet_of
from bot.domain.model_card import ModelCard
from bot.services.cases import Cases
from handlers.answers import Answers
from handlers.evidence import EvidenceHandlers
from handlers.inbound import Ask


class ModelCardHandlers:
    """The form below keeps what is typed; the hub is asked after the acknowledgement."""

    def __init__(self, *, cases: Cases, answers: Answers, evidence: EvidenceHandlers) -> None:
        self._cases = cases
        self._answers = answers
        self._evidence = evidence

    async def open(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The button in the form of the item."""
        x = await self._cases.look_up.taking(ask.actor, ask.plan.e)
        lang = await self._answers.language(ask.actor)
        view = forms.asking_modal(x, lang, back=sheet_of(ask.modal).back)
        await self._answers.push(ask, client, view)
        await ack()

    async def submit(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """**Look up**, or **Use this** below what was shown."""
        sheet = forms.sheet_in(ask.modal)
        if sheet.shown is None:
            await self._look_up(ask, sheet, ack, client)
            return
        await self._keep(ask, sheet, sheet.shown.card, ack, client)

    async def _look_up(
        self, ask: Ask, sheet: forms.CardSheet, ack: AsyncAck, client: AsyncWebClient
    ) -> None:
        lang = await self._answers.language(ask.actor)
        asked = forms.repository_in(ask.modal)
        if asked is None:
            await ack(response_action="errors", errors=forms.wrong_repository(lang))
            return
        x = await self._cases.look_up.taking(ask.actor, sheet.e)
        name, back = f"card:{secrets.token_hex(16)}", sheet.back
        view = forms.reading_modal(x, asked.repo, lang, back=back, external_id=name)

        async def looked() -> None:
            found = await self._cases.look_up(ask.actor, x.id, asked.repo, asked.revision)
            asked_at = forms.Repository(found.repo, found.revision)
            shown = forms.answer_modal(x, asked_at, found.answer, lang, back=back)
            await self._answers.follow(client, name, str(ask.modal["id"]), shown)

        await ack(response_action="update", view=view)
        self._answers.later("model_card", ask, client, looked)

    async def _keep(
        self,
        ask: Ask,
        sheet: forms.CardSheet,
        card: ModelCard,
        ack: AsyncAck,
        client: AsyncWebClient,
    ) -> None:
        await self._cases.keep_card(ask.actor, sheet.e, card, f"hub:{ask.modal['id']}")
        await ack(response_action="clear")
        self._cases.soon.send()
        self._evidence.refresh(ask, client, sheet.e, sheet.back)
