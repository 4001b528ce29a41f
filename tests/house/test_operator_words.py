from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "owroute/locale/zh_CN/LC_MESSAGES/owroute.po"


def test_every_sentence_is_translated_and_no_translation_is_left_over() -> None:
    found = extract_from_dir(ROOT / "owroute", keywords={"_": None, "ngettext": (1, 2)})
    said = {message[2] if isinstance(message[2], str) else message[2][0] for message in found}
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="zh_CN")
    translated = {m.id if isinstance(m.id, str) else m.id[0]: m for m in catalogue if m.id}
    assert said == translated.keys()
    assert [i for i, m in translated.items() if not m.string or m.fuzzy] == []


def test_a_translation_keeps_the_placeholders() -> None:
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="zh_CN")
    for message in catalogue:
        assert list(message.check()) == []
        for word in ("{name}", "{names}"):
            assert (word in str(message.id)) == (word in str(message.string))
