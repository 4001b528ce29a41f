"""Every field and choice has its words, in every language."""

import re

import pytest

from bot.cards.forms.elements import choice_words, entry
from bot.cards.forms.fields import ALL, FIELDS
from bot.cards.forms.problems import Problem, expected, sentence
from bot.cards.i18n import TEMPLATES
from bot.domain.workspace import LANGUAGES

ASKED = [n for n in ALL if n != "licensed_model"]
CODES = [
    "empty", "long", "number", "branch", "past", "either", "unknown", "words", "needs_model",
    "config_json", "config_key",
]  # fmt: skip
CODE_SOURCES = (TEMPLATES.parent / "forms").glob("*.py")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ASKED)
def test_every_field_has_a_label_and_says_what_to_type(name: str, lang: str) -> None:
    assert entry(name, {}, lang)["label"]["text"]
    assert expected(name, lang).endswith((".", "。"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_choice_has_words_that_fit_an_option(lang: str) -> None:
    for field in FIELDS.values():
        said = [choice_words(field.name, choice, lang) for choice in field.choices]
        assert len(set(said)) == len(said)
        assert all(0 < len(words) <= 75 for words in said)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", CODES)
def test_every_problem_has_a_sentence(code: str, lang: str) -> None:
    assert sentence(Problem("context_tokens", code, "7"), lang)


def test_every_macro_is_said_by_somebody() -> None:
    code = "\n".join(path.read_text("utf-8") for path in CODE_SOURCES)
    chosen = re.compile(r"(label|expect|hint|example)_(\w+)")
    for template in ("form.j2", "form_wrong.j2"):
        macros = re.findall(r"{% macro (\w+)", (TEMPLATES / template).read_text("utf-8"))
        for macro in macros:
            by_field = chosen.fullmatch(macro)
            by_choice = any(macro == f"{f.name}_{c}" for f in FIELDS.values() for c in f.choices)
            known = by_field[2] in ALL if by_field else by_choice
            fact = macro.removeprefix("fact_") in FIELDS
            assert known or fact or re.search(rf"\b{macro}\b", code), macro
