"""`/owroute settings me`: what somebody has set for themselves."""

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards import personal as cards
from bot.cards.settings_said import saved_note
from bot.services.cases import Cases
from handlers.answers import Answers, notice
from handlers.inbound import Ask


class OwnHandlers:
    """The form of one's own settings."""

    def __init__(self, *, cases: Cases, answers: Answers) -> None:
        self._cases = cases
        self._answers = answers

    async def open(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The command, or the button for it."""
        await ack()

        async def opened() -> None:
            person = await self._cases.own_settings.look(ask.actor)
            quiet = self._cases.own_settings.quiet
            view = cards.personal_modal(person, quiet, person.language)
            await self._answers.open_or_say(ask, client, view, person.language)

        self._answers.later("settings.own", ask, client, opened)

    async def submit(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The form was submitted."""
        person = await self._cases.own_settings.look(ask.actor)
        errors = cards.personal_errors(ask.modal, person.language)
        if errors:
            await ack(response_action="errors", errors=dict(errors))
            return
        edit = cards.personal_edit(ask.modal)
        delivery = f"settings:{ask.modal['id']}"
        before, after = await self._cases.own_settings(ask.actor, edit, delivery)
        changes = cards.own_changes(before, after, person.language)
        shown = saved_note(changes, person.language, edited=bool(edit))
        await ack(response_action="update", view=dict(notice(shown, person.language)))
