"""The sentences of the templates, and their catalogues: `python -m bot.cards.catalogue`.

The command brings each `.po` up to date: new sentences come in untranslated, those that no template
says any more go, all other translations stay. What it writes depends on the templates alone.
"""

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from bot.cards.i18n import LOCALE, TEMPLATES
from bot.catalogues import DOMAIN
from bot.domain.workspace import LANGUAGES

FOREIGN = LANGUAGES[1:]
"""The languages that need a catalogue; English is what the templates are written in."""

_OPTIONS = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}


def extracted() -> Catalog:
    """Every sentence of every template, with the templates that say it. No translations."""
    found = Catalog(domain=DOMAIN)
    sentences = extract_from_dir(
        TEMPLATES,
        method_map=[("**.j2", "jinja2.ext:babel_extract")],
        options_map={"**.j2": _OPTIONS},
    )
    for template, _, sentence, _, context in sentences:
        found.add(sentence, locations=[(template, 0)], context=context)
    return found


def translated(language: str) -> Catalog:
    """The catalogue of a language as it is on disk; an empty one before the first update."""
    path = where(language)
    if not path.exists():
        return Catalog(locale=language, domain=DOMAIN)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


def updated(language: str) -> bytes:
    """The catalogue with today's sentences, as the text of a `.po` file."""
    catalogue = translated(language)
    catalogue.update(extracted(), no_fuzzy_matching=True)
    out = io.BytesIO()
    write_po(
        out,
        catalogue,
        omit_header=True,
        ignore_obsolete=True,
        include_lineno=False,
        sort_output=True,
        width=100,
    )
    return out.getvalue()


def where(language: str) -> Path:
    """The `.po` file of a language."""
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def main() -> None:
    """Update every catalogue."""
    for language in FOREIGN:
        text = updated(language)
        where(language).parent.mkdir(parents=True, exist_ok=True)
        where(language).write_bytes(text)


if __name__ == "__main__":
    main()
