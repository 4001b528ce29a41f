"""`/owroute hold on|off` and the buttons for it, also in the form of the workspace: an admin's."""

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards import gpu_admin as cards
from bot.cards.ids import WORKSPACE_MODAL
from bot.cards.workspace import workspace_modal
from bot.services.cases import Cases
from handlers.answers import Answers
from handlers.inbound import Ask

WANTED = {"on": True, "off": False}
STATUS = ("", "status")


class HoldHandlers:
    """Whoever asks is shown how it stands; all others hear of a change once."""

    def __init__(self, *, cases: Cases, answers: Answers) -> None:
        self._cases = cases
        self._answers = answers

    async def typed(self, ask: Ask, rest: str, ack: AsyncAck, client: AsyncWebClient) -> None:
        """`/owroute hold`, `on` or `off`."""
        word = rest.strip().lower()
        if word in WANTED:
            await self._change(ask, ack, client, on=WANTED[word])
            return
        watching = await self._cases.hold.look(ask.actor)
        lang = await self._answers.language(ask.actor)
        shown = cards.hold_card(watching, lang)
        if word not in STATUS:
            shown = cards.hold_unknown(word, lang)
        await ack(text=shown.text, blocks=list(shown.blocks), response_type="ephemeral")

    async def hold(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The *Hold* button."""
        await self._change(ask, ack, client, on=True)

    async def release(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The *End hold* button."""
        await self._change(ask, ack, client, on=False)

    async def _change(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient, *, on: bool) -> None:
        watching = await self._cases.hold(ask.actor, ask.delivery, on=on)
        await ack()
        self._cases.soon.work()
        if ask.on_home:
            return

        async def told() -> None:
            if ask.view and ask.view.get("callback_id") == WORKSPACE_MODAL:  # typed things stay
                found = await self._cases.workspace_settings.look(ask.actor)
                form = workspace_modal(found.held, found.person.language)
                await self._answers.refresh(client, ask.view, form)
                return
            lang = await self._answers.language(ask.actor)
            await self._answers.tell(ask, client, cards.hold_card(watching, lang), again=True)

        self._answers.later("hold", ask, client, told)
