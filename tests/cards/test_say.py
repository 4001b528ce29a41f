"""How numbers and machines read."""

import pytest

from bot.cards import say
from bot.cards.text import Mrkdwn
from tests.forms.filling import DATA


@pytest.mark.parametrize(
    ("gpu_id", "count", "read"),
    [
        ("l4", 1, "1 x L4"),
        ("rtx4090", 2, "2 x RTX 4090"),
        ("rtx4060ti-16gb", 1, "1 x RTX 4060 Ti 16 GB"),
        ("rtx4090-laptop", 1, "1 x RTX 4090 Laptop"),
        ("h100-80gb", 8, "8 x H100 80 GB"),
        ("rtx-pro6000-96gb", 1, "1 x RTX PRO 6000 96 GB"),
        ("mi300x-192gb", 1, "1 x MI300X 192 GB"),
        ("NVIDIA GeForce RTX 4090", 1, "1 x NVIDIA GeForce RTX 4090"),
        ("rtx 4090", 1, "1 x RTX 4090"),
    ],
)
def test_a_machine_reads_as_its_maker_writes_it(gpu_id: str, count: int, read: str) -> None:
    assert say.machine(gpu_id, count) == read


def test_every_known_gpu_has_a_readable_name() -> None:
    for gpu_id in DATA.catalog.hardware.hardware:
        assert "-" not in say.machine(gpu_id, 1)


@pytest.mark.parametrize(
    ("items", "lang", "read"),
    [
        (["aws 1 x T4", "azure"], "zh_CN", "aws 1 x T4 和 azure"),
        (["模型", "许可证", "L4"], "zh_CN", "模型、许可证和 L4"),
        (["a&b", "许可证"], "zh_CN", "a&amp;b 和许可证"),
        (["模型", "许可证"], "zh_CN", "模型和许可证"),
        (["aws"], "zh_CN", "aws"),
        ([], "zh_CN", ""),
        (["a", "b", "<c>"], "en", "a, b, and &lt;c&gt;"),
        ([Mrkdwn("a &amp; b")], "en", "a &amp; b"),
    ],
)
def test_a_list_reads_as_the_language_writes_it(items: list[str], lang: str, read: str) -> None:
    assert say.listed(items, lang) == read


def test_tokens_are_grouped() -> None:
    assert say.count(131072) == "131,072"
