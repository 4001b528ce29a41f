"""Every sentence of the page is in the catalogue, and the catalogue holds nothing else."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from sandbox import page

SCRIPTS = sorted((page.HERE / "static" / "js").glob("*.js"))
SHELL = page.HERE / "templates" / "shell.html"
CATALOGUES = sorted((page.HERE / "locale").glob("*/LC_MESSAGES/page.po"))
STRING = r'"((?:[^"\\]|\\.)*)"'
ONE = re.compile(rf"(?<![\w.])t\(\s*{STRING}")
COUNTED = re.compile(rf"(?<![\w.])tn\(\s*{STRING},\s*{STRING}")
ANY_CALL = re.compile(r"(?<![\w.])(?<!function )tn?\((?=\s*\S)")
GAP = re.compile(r"\{\w+\}")


def asked() -> set[str]:
    """Sentences in scripts and shell; a counted one by its singular and its plural."""
    found = {str(text) for _, text, _, _ in extract_from_file("jinja2", SHELL)}
    for script in SCRIPTS:
        source = script.read_text("utf-8")
        found |= set(ONE.findall(source))
        found |= {text for pair in COUNTED.findall(source) for text in pair}
    return found


def known(catalogue: Path) -> dict[str, str]:
    with catalogue.open("rb") as source:
        messages = [message for message in read_po(source, abort_invalid=True) if message.id]
    found: dict[str, str] = {}
    for message in messages:
        assert not message.fuzzy, message.id
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        form = message.string or ""
        found |= dict.fromkeys(ids, form if isinstance(form, str) else form[0])
    return found


def test_there_is_a_catalogue_for_each_language_but_english() -> None:
    tags = {catalogue.parents[1].name.replace("_", "-") for catalogue in CATALOGUES}
    assert tags | {page.DEFAULT} == set(page.LANGUAGES)


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.parents[1].name)
def test_no_sentence_is_untranslated_or_unused(catalogue: Path) -> None:
    sentences = known(catalogue)
    assert asked() == set(sentences)
    assert [text for text, translation in sentences.items() if not translation] == []


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.parents[1].name)
def test_translations_fill_the_same_gaps(catalogue: Path) -> None:
    for text, translation in known(catalogue).items():
        assert set(GAP.findall(text)) == set(GAP.findall(translation)), text


def test_scripts_ask_for_sentences_by_literal_only() -> None:
    for script in SCRIPTS:
        source = script.read_text("utf-8")
        calls = len(ANY_CALL.findall(source))
        assert calls == len(ONE.findall(source)) + len(COUNTED.findall(source)), script.name


def test_scripts_hold_no_bare_words_for_people() -> None:
    bare = re.compile(r'(?:"aria-label"|title|placeholder|alt): "[A-Z]')
    hits = [script.name for script in SCRIPTS if bare.search(script.read_text("utf-8"))]
    assert hits == []
