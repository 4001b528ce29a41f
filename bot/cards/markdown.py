"""Markdown for files: an environment of its own, whose escape is Markdown's and not Slack's.

A person's text stands in a line, where no sign of it starts anything, or in a fence that it cannot
close. So the headings, tables and lists of a document are those of its template.
"""

import re
from gettext import NullTranslations

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.cards.i18n import LOCALE, TEMPLATES
from bot.cards.text import STRIP
from bot.catalogues import translations

_SIGNS = re.compile(r"[\\`*\[\]<|~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|&(?=#?[A-Za-z0-9]+;)")
_STARTS = re.compile(r"^(?:[-+=:#>]|\d{1,9}(?=[.)](?:\s|$)))")
_TICKS = re.compile(r"`+")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9._~:/?#@!$&()*+,;=%-]*", re.ASCII)


class Md(str):
    """Text that owroute itself wrote as Markdown, or that is escaped already."""

    __slots__ = ()


def md(value: object) -> Md:
    """A text on one line that a reader of the rendered page sees as it was typed."""
    if isinstance(value, Md):
        return value
    line = " ".join(STRIP.sub("", _spaced(str(value))).split())
    escaped = _SIGNS.sub(r"\\\g<0>", line)
    return Md(_STARTS.sub(_harmless_start, escaped))


def fenced(value: object, kind: str = "text") -> Md:
    """A text as it is, in a fence longer than any row of backticks in it."""
    body = STRIP.sub("", str(value).replace("\u2028", "\n").replace("\u2029", "\n"))
    longest = max((len(ticks) for ticks in _TICKS.findall(body)), default=0)
    fence = "`" * max(3, longest + 1)
    return Md(f"{fence}{kind}\n{body.strip(chr(10))}\n{fence}")


def linked(value: str) -> Md:
    """An address that can be followed; one with odd signs is plain text."""
    return Md(f"<{value}>") if _ADDRESS.fullmatch(value) else md(value)


def environment(language: str) -> ImmutableSandboxedEnvironment:
    """Templates that write Markdown in a language."""
    made = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=False,  # Markdown, not HTML: finalize escapes what Markdown reads
        finalize=md,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    spoken = translations(LOCALE, language)
    made.globals.update(fenced=fenced, linked=linked, _=_sentence(spoken))
    return made


def _sentence(spoken: NullTranslations) -> object:
    def sentence(message: str, **values: object) -> Md:
        text = spoken.gettext(message)
        return Md(text % {name: md(v) for name, v in values.items()} if values else text)

    return sentence


def _harmless_start(found: re.Match[str]) -> str:
    """A sign that would begin a list or a line under a heading; a number's own sign follows it."""
    start = found.group()
    return f"{start}\\" if start[0].isdigit() else f"\\{start}"


def _spaced(text: str) -> str:
    """Line ends as spaces, before control characters are taken out."""
    return re.sub(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]", " ", text)
