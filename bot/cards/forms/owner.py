"""**Change owner**: one person to choose."""

from collections.abc import Mapping
from typing import Any

from bot.cards import ids
from bot.cards.blocks import modal
from bot.cards.forms.elements import entry
from bot.cards.forms.form import inputs
from bot.cards.i18n import words
from bot.domain.delivery import Block
from bot.domain.ids import UserId
from bot.domain.plans import Experiment


def owner_modal(x: Experiment, lang: str) -> Block:
    """The present owner, to be replaced."""
    say = words(lang).form
    return modal(
        ids.OWNER_MODAL,
        say.owner_title(x.label),
        [entry("owner", {"owner": x.owner}, lang, required=True)],
        submit=say.owner_submit(),
        close=say.close(),
        metadata=ids.PlanRef(e=x.id, r=x.latest.number).dump(),
    )


def parse_owner(view: Mapping[str, Any]) -> UserId:
    """The person chosen; "" when nobody was, whom no workspace knows."""
    return UserId(inputs(view).get("owner", ""))
