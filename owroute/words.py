"""The sentences an operator reads in the terminal, in English and Simplified Chinese.

What Slack shows has its words in `bot.cards`; here is only what `owroute` itself says beside it.
English is the source; `locale/zh_CN/LC_MESSAGES/owroute.po` is read as it is, so
nothing has to be compiled before a first run.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from bot.catalogues import translations

CATALOGUES = Path(__file__).parent / "locale"
CHINESE = "zh_CN"

Translate = Callable[[str], str]
"""From an English sentence to the reader's language; without a translation it stays English."""


def language_of(environ: Mapping[str, str]) -> str:
    """The terminal's language: `zh_CN` for any Chinese locale, else `en`.

    The first of gettext's own variables that is set decides, as it does for other programs.
    """
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if locale := environ.get(name):
            return CHINESE if locale.lower().startswith("zh") else "en"
    return "en"


def translator(language: str) -> Translate:
    """The function usually called `_`, for `en` or `zh_CN`."""
    return translations(CATALOGUES, language).gettext
