"""Lines in the thread of an experiment about the GPU run that belongs to it."""

from bot.cards.gpu_view import RunView
from bot.domain.delivery import Message
from bot.domain.ids import UserId


def registered_note(view: RunView, by: UserId, lang: str) -> Message:
    """Somebody started or entered it: what it is, what it costs, and what will end it."""
    return Message(f"{by} registered {view.run.label}")


def shutdown_note(view: RunView, by: UserId, lang: str) -> Message:
    """Somebody set, moved or removed its stop time; who will see to it."""
    return Message(f"{by} set the shutdown of {view.run.label}")


def reassigned_note(view: RunView, by: UserId, lang: str) -> Message:
    """It is in other hands: `view.run.owner`, who may be `by` (*It's mine*)."""
    return Message(f"{by} handed over {view.run.label}")
