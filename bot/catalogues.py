"""gettext catalogues, read as `.po`: nothing has to be compiled before a first run."""

import io
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

DOMAIN = "owroute"


@cache
def translations(folder: Path, language: str) -> NullTranslations:
    """The catalogue of a language in `folder`; English, the source language, needs none."""
    catalogue = folder / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    if not catalogue.exists():
        return NullTranslations()
    compiled = io.BytesIO()
    with catalogue.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language, domain=DOMAIN))
    compiled.seek(0)
    return GNUTranslations(compiled)
