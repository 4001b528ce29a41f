"""The catalogues: complete, nothing left over, and short enough for where they stand."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message as Entry

from bot.cards import catalogue
from bot.cards.catalogue import FOREIGN, extracted, translated, updated, where
from bot.cards.i18n import TEMPLATES, words
from bot.domain.workspace import LANGUAGES

NAMES = re.compile(r"%\((\w+)\)s")
MARKED = re.compile(r"(?<![\w*])(\*[^*\n]+\*|`[^`\n]+`)")
BEFORE, AFTER = set(' \n(“"'), set(' \n.,:;?!)”"')


def forms(entry: Entry) -> list[str]:
    return [entry.string] if isinstance(entry.string, str) else list(entry.string or ())


def sources(entry: Entry) -> list[str]:
    return [entry.id] if isinstance(entry.id, str) else list(entry.id)


def entries(language: str) -> list[Entry]:
    return [e for e in translated(language) if e.id]


@pytest.mark.parametrize("language", FOREIGN)
def test_every_sentence_is_translated_and_no_other_is(language: str) -> None:
    said = {str(e.id) for e in extracted() if e.id}
    assert {str(e.id) for e in entries(language)} == said
    assert [e.id for e in entries(language) if not all(forms(e)) or e.fuzzy] == []


@pytest.mark.parametrize("language", FOREIGN)
def test_the_catalogue_is_as_its_tool_writes_it(language: str) -> None:
    assert where(language).read_bytes() == updated(language), "run python -m bot.cards.catalogue"


@pytest.mark.parametrize("language", FOREIGN)
def test_translations_have_the_same_values(language: str) -> None:
    for entry in entries(language):
        names = {n for source in sources(entry) for n in NAMES.findall(source)}
        for form in forms(entry):
            assert set(NAMES.findall(form)) == names, entry.id
            assert form.count("%") == len(NAMES.findall(form)) + 2 * form.count("%%"), form


@pytest.mark.parametrize("language", FOREIGN)
def test_emphasis_stands_apart_from_letters(language: str) -> None:
    """Slack leaves `*` and backticks as they are where no space or punctuation is beside them."""
    for form in (f for e in entries(language) for f in forms(e)):
        for found in MARKED.finditer(form):
            assert form[: found.start()][-1:] in BEFORE | {""}, form
            assert form[found.end() :][:1] in AFTER | {""}, form


@pytest.mark.parametrize("language", FOREIGN)
def test_markup_of_slack_is_the_same_in_both(language: str) -> None:
    for entry in entries(language):
        for form in forms(entry):
            assert not re.search(r"<(?!@|#|!)|&(?!amp;|lt;|gt;)", form), form


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("macro", ["title", "submit", "close", "facts_title", "facts_submit"])
def test_titles_of_modals_fit(macro: str, language: str) -> None:
    assert 0 < len(getattr(words(language).form, macro)()) <= 24


def test_the_tool_starts_a_catalogue_and_keeps_what_is_translated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "LOCALE", tmp_path)
    catalogue.main()
    fresh = {str(e.id): e for e in entries("zh_CN")}
    assert fresh
    assert not any(forms(fresh["Fix"]))
    text = where("zh_CN").read_text("utf-8")
    kept = text.replace('msgid "Fix"\nmsgstr ""', 'msgid "Fix"\nmsgstr "修正"')
    where("zh_CN").write_text(f'{kept}\nmsgid "gone"\nmsgstr "没有了"\n', "utf-8")
    catalogue.main()
    assert {str(e.id): e for e in entries("zh_CN")}["Fix"].string == "修正"
    assert where("zh_CN").read_text("utf-8") == kept


def test_every_template_is_read() -> None:
    said = {template for e in extracted() for template, _ in e.locations}
    assert said == {path.name for path in TEMPLATES.glob("*.j2")}
