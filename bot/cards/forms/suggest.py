"""What the typeaheads answer: at most 100 options, what was typed first where it can stand."""

from collections.abc import Iterable, Sequence
from datetime import date

from bot.cards.blocks import option
from bot.cards.forms.convert import COUNTED, model
from bot.cards.forms.fields import ALL
from bot.cards.forms.parse import problem_with
from bot.domain.delivery import Block
from bot.ports import Suggestion

MOST = 100
LONGEST = ALL["hardware"].limit
_COUNTS = (1, 2, 4, 8)
_FEW = 5
"""Matches up to which several of the same GPU are offered too."""


def suggestions(found: Sequence[Suggestion], typed: str) -> list[Block]:
    """Models of the catalogue; a complete `owner/name[@commit]` comes first as it was typed."""
    own = _own_model(typed)
    known = (s for s in found if s.value == own)
    first = [next(known, Suggestion(own, own))] if own else []
    return _options((*first, *found), ALL["model"].limit)


def hardware_query(typed: str) -> str:
    """The GPU's part of `2 x L4`: what to look for."""
    counted = COUNTED.fullmatch(typed.strip())
    return counted[2] if counted else typed.strip()


def hardware_suggestions(found: Sequence[Suggestion] | None, typed: str) -> list[Block]:
    """Known GPUs as many times as was typed; a short list also in the usual counts.

    None is an engine that does not say: then it is what was typed, and the decision names it.
    """
    if found is None:
        own = typed.strip()
        return _options([Suggestion(own, own)] if _is_good("hardware", own) else [], LONGEST)
    counted = COUNTED.fullmatch(typed.strip())
    usual = _COUNTS if len(found) <= _FEW else (1,)
    counts = (int(counted[1]),) if counted else usual
    several = (_times(gpu, n) for n in counts for gpu in found)
    return _options((s for s in several if _is_good("hardware", s.value)), LONGEST)


def _times(gpu: Suggestion, count: int) -> Suggestion:
    many = f"{count} x " if count != 1 else ""
    return Suggestion(many + gpu.text, many + gpu.value)


def _own_model(typed: str) -> str:
    if not _is_good("model", typed):
        return ""
    values = model(typed)
    return "@".join(v for v in (values["model_repo"], values["revision"]) if v)


def _is_good(name: str, text: str) -> bool:
    return problem_with(name, text, date.min) is None  # neither field is a date


def _options(found: Iterable[Suggestion], limit: int) -> list[Block]:
    distinct = {s.value: s.text for s in found if s.text and 0 < len(s.value) <= limit}
    return [option(text, value) for value, text in distinct.items()][:MOST]
