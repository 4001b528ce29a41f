"""What is wrong with a field, as a value; its sentence is a macro of `templates/form_wrong.j2`."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.cards.i18n import words
from bot.cards.say import spoken
from bot.cards.text import Mrkdwn, joined


class Wrong(Exception):
    """A text that cannot be what its field needs. `hint` fills the sentence, e.g. a suggestion."""

    def __init__(self, code: str, hint: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong. `name` is the field, or what was typed where a field was expected."""

    name: str
    code: str
    hint: str = ""


def expected(name: str, lang: str) -> Mrkdwn:
    """What to type into a field, with an example."""
    return spoken(lang, "form_wrong", f"expect_{name}")


def label(name: str, lang: str) -> Mrkdwn:
    """A field's label."""
    return spoken(lang, "form", f"label_{name}")


def sentence(problem: Problem, lang: str) -> Mrkdwn:
    """What to do about it, for the line below its field."""
    say = words(lang).form_wrong
    match problem.code:
        case "expected":
            return expected(problem.name, lang)
        case "number":
            return joined(" ", say.number(problem.hint), expected(problem.name, lang))
        case "unchanged":
            return joined(" ", say.unchanged(problem.hint), expected(problem.name, lang))
        case "unknown" | "words" | "again":
            return spoken(lang, "form_wrong", problem.code, problem.name, problem.hint)
        case _:
            return spoken(lang, "form_wrong", problem.code, problem.hint)


def notice(problem: Problem, lang: str) -> Mrkdwn:
    """The same on top of a card, where the field must be named."""
    if problem.code in ("unknown", "words", "again"):
        return sentence(problem, lang)
    return words(lang).form_wrong.of_field(problem.name, sentence(problem, lang))


@dataclass(frozen=True, slots=True)
class FieldErrors:
    """Why a form is not a card yet. `order` are all fields, `visible` those a person can see."""

    problems: tuple[Problem, ...]
    visible: tuple[str, ...]
    order: tuple[str, ...]

    def by_block(self, lang: str) -> dict[str, str]:
        """Sentences by block id; one about a hidden field stands below the nearest visible one."""
        found: dict[str, list[Mrkdwn]] = {}
        for problem in self.problems:
            if problem.name in self.visible:
                found.setdefault(problem.name, []).append(sentence(problem, lang))
            else:
                say = words(lang).form_wrong.of_hidden(
                    label(problem.name, lang), sentence(problem, lang)
                )
                found.setdefault(self._nearest(problem.name), []).append(say)
        return {block: str(joined(" ", *lines)) for block, lines in found.items()}

    def _nearest(self, name: str) -> str:
        before = self.order[: self.order.index(name)]
        return next((n for n in reversed(before) if n in self.visible), self.visible[0])


def by_name(problems: Mapping[str, Problem], order: tuple[str, ...]) -> tuple[Problem, ...]:
    """Problems in the order people meet their fields."""
    return tuple(problems[name] for name in order if name in problems)
