"""What the command line says: the sentences of `cli.j2` as plain text, in one language.

The templates escape for Slack; a terminal has no markup, so the escape is undone at the end. What
it took out stays out: a task with control characters cannot move the reader's cursor.
"""

from collections.abc import Callable, Sequence

from bot.cards.i18n import words
from bot.cards.text import Mrkdwn
from owroute.words import CHINESE

NAMES = {"en": "en", "zh": CHINESE}
"""What people type after `--lang`, and the catalogue it means."""

_OPTION = "--lang"


class Speech:
    """The macros of `cli.j2` in one language (`en` or `zh_CN`), each a function to plain text."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self._template = words(lang).cli

    def __getattr__(self, macro: str) -> Callable[..., str]:
        """The sentence `macro`."""
        say = getattr(self._template, macro)
        return lambda *values: plain(say(*values))


def plain(text: Mrkdwn) -> str:
    """Escaped text as it is read."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def spoken(lang: str, template: str, macro: str, *values: object) -> str:
    """A sentence of any template, whose macro is chosen by a field or code."""
    say: Callable[..., Mrkdwn] = getattr(getattr(words(lang), template), macro)
    return plain(say(*values))


def language_asked(arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """What `--lang` says, wherever it stands before `--`, and the arguments without it.

    It is read before anything else because the help itself is in that language.
    """
    asked: str | None = None
    rest: list[str] = []
    words_left = iter(arguments)
    for word in words_left:
        if word == "--":
            return asked, [*rest, word, *words_left]
        name, given, value = word.partition("=")
        if name == _OPTION:
            asked = value if given else next(words_left, "")
        else:
            rest.append(word)
    return asked, rest
