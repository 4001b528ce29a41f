"""`/owroute settings workspace` and `/owroute audit`: an admin's."""

import re
from collections.abc import Mapping, Sequence

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards import audit as audit_cards
from bot.cards import settings_defaults as defaults_cards
from bot.cards import workspace as cards
from bot.cards import workspace_prices as price_cards
from bot.cards.help import in_form, press_again
from bot.cards.settings_said import saved_note
from bot.cards.text import esc
from bot.domain.delivery import Message
from bot.services.cases import Cases
from handlers.answers import READ_SECONDS, Answers, notice
from handlers.inbound import Ask, Payload
from handlers.plan import in_time

_LINE = re.compile("[0-9]{1,18}")


class WorkspaceHandlers:
    """The forms of the workspace's settings, and who did what."""

    def __init__(self, *, cases: Cases, answers: Answers) -> None:
        self._cases = cases
        self._answers = answers

    async def open(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The command, or the button for it."""
        await ack()

        async def opened() -> None:
            found = await self._cases.workspace_settings.look(ask.actor)
            view = cards.workspace_modal(found.held, found.person.language)
            await self._answers.open_or_say(ask, client, view, found.person.language)

        self._answers.later("workspace", ask, client, opened)

    async def submit(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """The form was submitted."""
        found = await self._cases.workspace_settings.look(ask.actor)
        lang = found.person.language
        errors = cards.workspace_errors(ask.modal, lang)
        await self._saved(ask, ack, errors, cards.workspace_edit(ask.modal), lang)

    async def push_defaults(self, ask: Ask, client: AsyncWebClient) -> None:
        """What new plans begin with in the whole workspace."""
        found = await self._cases.workspace_settings.look(ask.actor)
        held, lang = found.held.watching.defaults, found.person.language
        known = await known_providers(self._cases)
        view = defaults_cards.defaults_modal(held, {}, lang, providers=known)
        await push_or_say(self._answers, ask, client, view, lang)

    async def submit_defaults(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """What new plans begin with was submitted."""
        lang = await self._language(ask)
        errors = await defaults_errors(self._cases, ask, lang)
        await self._saved(ask, ack, errors, defaults_cards.defaults_edit(ask.modal), lang)

    async def prices(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """*Prices of GPUs*, inside the form."""
        await ack()

        async def opened() -> None:
            prices = await self._cases.workspace_settings.prices(ask.actor)
            lang = await self._answers.language(ask.actor)
            view = price_cards.prices_modal(prices, lang)
            await push_or_say(self._answers, ask, client, view, lang)

        self._answers.later("prices", ask, client, opened)

    async def submit_price(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """A price was submitted: the list stays open and shows it."""
        lang = await self._language(ask)
        errors = price_cards.price_errors(ask.modal, lang)
        if errors:
            await ack(response_action="errors", errors=dict(errors))
            return
        price = price_cards.parse_price(ask.modal)
        delivery = f"price:{ask.modal['id']}:{ask.modal.get('hash')}"
        await self._cases.workspace_settings.price(ask.actor, price, delivery)
        prices = await self._cases.workspace_settings.prices(ask.actor)
        await ack(response_action="update", view=price_cards.prices_modal(prices, lang))
        self._cases.soon.work()

    async def audit(self, ask: Ask, rest: str, ack: AsyncAck, client: AsyncWebClient) -> None:
        """`/owroute audit`."""
        page = await self._page(ask, None)
        await ack(text=page.text, blocks=list(page.blocks), response_type="ephemeral")

    async def older(self, ask: Ask, ack: AsyncAck, client: AsyncWebClient) -> None:
        """*Older*: the next page takes the place of the one it stands on."""
        await ack()
        line = ask.value or ""
        below = int(line) if _LINE.fullmatch(line) else None

        async def told() -> None:
            await self._answers.tell(ask, client, await self._page(ask, below), again=True)

        self._answers.later("audit", ask, client, told)

    async def _page(self, ask: Ask, below: int | None) -> Message:
        entries, more = await self._cases.audit(ask.actor, audit_cards.PAGE, below)
        lang = await self._answers.language(ask.actor)
        return audit_cards.audit_page(entries, lang, self._cases.settings.rules, more=more)

    async def _language(self, ask: Ask) -> str:
        """An admin's language; else `AdminOnly`."""
        return (await self._cases.workspace_settings.look(ask.actor)).person.language

    async def _saved(
        self,
        ask: Ask,
        ack: AsyncAck,
        errors: Mapping[str, str],
        edit: Mapping[str, str],
        lang: str,
    ) -> None:
        """Beside their fields what is wrong; else the change.

        The ops channel is told of it; where there is none, whoever made it.
        """
        if errors:
            await ack(response_action="errors", errors=dict(errors))
            return
        delivery = f"settings:{ask.modal['id']}"
        before, after = await self._cases.workspace_settings(ask.actor, edit, delivery)
        self._cases.soon.work()
        if before.watching.ops or after.watching.ops:
            await ack()
            return
        lines = cards.change_lines(cards.changes(before, after, lang), lang)
        shown = saved_note(lines, lang, edited=bool(edit))
        await ack(response_action="update", view=dict(notice(shown, lang)))


async def known_providers(cases: Cases) -> Sequence[str]:
    """Those that the engine knows; none where it does not say at once."""
    return await in_time(cases.engine.providers(), READ_SECONDS) or ()


async def defaults_errors(cases: Cases, ask: Ask, lang: str) -> Mapping[str, str]:
    """What is wrong with a form of defaults; the engine is asked only of providers typed in it."""
    known = await known_providers(cases) if defaults_cards.names_providers(ask.modal) else ()
    return defaults_cards.defaults_errors(ask.modal, lang, providers=known)


async def push_or_say(
    answers: Answers, ask: Ask, client: AsyncWebClient, view: Payload, lang: str
) -> None:
    """Lay a form on the one in which it was asked for; where Slack does not, that one says so."""
    if await answers.push(ask, client, view) is None:
        said = in_form(ask.modal, esc(press_again(lang).text), lang)
        await answers.refresh(client, ask.modal, said)
