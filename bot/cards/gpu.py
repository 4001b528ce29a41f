"""The card of a GPU run: what it is, what it costs, what will end it, and the buttons."""

from bot.cards.gpu_view import RunView
from bot.domain.alerts import AlertKind
from bot.domain.delivery import Message


def run_card(view: RunView, kind: AlertKind, number: int, lang: str) -> Message:
    """A run as one alert about it shows it."""
    return Message(f"{view.run.label} {kind.value} {number} {view.run.state.value}")


def ended_note(view: RunView, lang: str) -> Message:
    """The line in the experiment's thread: how a run ended and what it cost."""
    return Message(f"{view.run.label} ended")
