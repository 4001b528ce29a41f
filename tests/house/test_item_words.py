"""The cards call each evidence item what the route engine calls it, in both languages."""

import pytest

from bot.cards import say
from bot.cards.text import unescaped
from bot.domain.evidence_fields import FIELDS
from engine.contract import Lang
from engine.load import load_data

RULES = load_data().rules
LANGUAGE = {"en": Lang.en, "zh_CN": Lang.zh}
ITEMS = [row.item for row in RULES[Lang.en].evidence.items]


def test_every_item_of_the_engine_is_known_here_and_no_other() -> None:
    assert {item.id for item in ITEMS} == set(FIELDS)


@pytest.mark.parametrize("lang", LANGUAGE)
@pytest.mark.parametrize("item", [item.id for item in ITEMS])
def test_an_item_has_the_words_of_the_engine(item: str, lang: str) -> None:
    theirs = next(r.item for r in RULES[LANGUAGE[lang]].evidence.items if r.item.id == item)
    said = {
        kind: unescaped(say.spoken(lang, "evidence_items", f"{kind}_{item}"))
        for kind in ("name", "what")
    }
    assert said == {"name": theirs.label, "what": theirs.template}
