"""The proof of a stop, as evidence: what the provider's listing showed, in words."""

from datetime import UTC

from bot.cards.gpu_say import provider_words
from bot.cards.i18n import words
from bot.cards.items import item_name
from bot.cards.text import code, unescaped
from bot.domain.delivery import Message
from bot.domain.evidence import Evidence
from bot.domain.gpu import GpuRun, RunState


def listing(run: GpuRun, lang: str) -> str:
    """What was seen of a run that is over, and when; kept as data, and escaped where it is shown.

    Raises ValueError for one that is not over.
    """
    if run.ended_at is None:
        raise ValueError(run.state)
    say, at = words(lang).gpu_proof, f"{run.ended_at.astimezone(UTC):%Y-%m-%d %H:%M}"
    who, name, machine = provider_words(run), run.label, run.machine.instance_id
    if run.state is RunState.STOPPED:
        return unescaped(say.stopped(who, name, machine, run.raw_status or "stopped", at))
    return unescaped(say.gone(who, name, machine, at))


def proven_note(item: Evidence, shown: str, lang: str) -> Message:
    """The line in the experiment's thread."""
    return Message(words(lang).gpu_proof.proven(item_name(item, lang), code(shown)))
