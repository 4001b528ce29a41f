"""Which experiments keep the words of prompts and outputs out of Slack and out of the database."""

from bot.domain.plans import Experiment
from engine.contract import ConstraintCard, Privacy

WITHHELD = frozenset({Privacy.private_docs, Privacy.regulated})


def is_private(x: Experiment) -> bool:
    """Whether any card of the experiment in force or in waiting speaks of guarded data."""
    return any(guards(revision.card) for revision in (x.latest, x.shown))


def guards(card: ConstraintCard) -> bool:
    """Whether a card's data are private documents or regulated."""
    return card.privacy in WITHHELD
