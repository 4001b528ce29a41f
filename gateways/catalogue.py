"""What the typeaheads find in the engine's catalogue, and in which order. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.ports import Suggestion
from engine.contract import HardwareItem, ModelItem, OfferItem

SUGGESTIONS = 20
_FAR = 1000
"""Behind every place in a name."""
_SIZE = re.compile(r"[0-9]+(\.[0-9]+)?b")
_MAKERS = re.compile(r"\b(nvidia|geforce|tesla|quadro|amd|instinct)\b")


@dataclass(frozen=True, slots=True)
class Known:
    """An entry: what is offered, its own names, and what else it is found by; all folded.

    `sizes` are billions of parameters as people write them: `8.2b`, and `8b` in a name. `short` is
    a model's name without its owner.
    """

    offered: Suggestion
    names: tuple[str, ...]
    other: tuple[str, ...]
    sizes: tuple[str, ...] = ()
    short: str = ""


def model(item: ModelItem) -> Known:
    """`Qwen/Qwen3-8B · 8.2B · apache-2.0`."""
    size = f"{item.architecture.params_total / 10**9:.1f}B"
    offered = Suggestion(f"{item.repo} · {size} · {item.license_id}", item.repo)
    written = [w for w in re.split(r"[^a-z0-9.]+", item.repo.lower()) if _SIZE.fullmatch(w)]
    return Known(
        offered,
        _folded(item.repo),
        _folded(item.family_id, item.license_id),
        (*written, size.lower()),
        *_folded(item.repo.partition("/")[2]),
    )


def gpu(item: HardwareItem) -> Known:
    """`L4 · 24 GB`; a name that ends with its memory does not say it twice."""
    memory = f"{item.nominal_gb} GB"
    text = item.name if item.name.endswith(memory) else f"{item.name} · {memory}"
    names = _folded(item.name, item.gpu_id, *item.aliases)
    return Known(Suggestion(text, item.gpu_id), names, _folded(memory))


def offer(item: OfferItem) -> Known:
    """A machine by its provider."""
    return Known(Suggestion(item.provider, item.provider), _folded(item.provider), ())


def matching(known: Sequence[Known], query: str) -> Sequence[Suggestion]:
    """Entries that hold the whole query in a name, or all its words somewhere, best first.

    Best is a name that is the query; then one that holds more of the words, which a family, licence
    or size only explains; then one that begins with the first word, or has it earlier, or holds
    the query as it is.
    """
    text = query.strip().lower()
    words = [w for w in re.split(r"[\s_-]+", _MAKERS.sub("", text)) if _folded(w)[0]]
    found = [k for k in known if _holds(k, text) or all(_is_found(k, w) for w in words)]
    return tuple(k.offered for k in sorted(found, key=lambda k: _order(k, text, words)))[
        :SUGGESTIONS
    ]


def _order(known: Known, text: str, words: Sequence[str]) -> tuple[object, ...]:
    (whole,) = _folded(text)
    first = _folded(words[0])[0] if words else ""
    named = sum(_is_named(known, w) for w in words)
    return (
        whole not in (*known.names, known.short),
        -named,
        not known.short.startswith(first),
        known.names[0].find(first) % _FAR,  # -1, nowhere, comes last
        not _holds(known, text),
    )


def _holds(known: Known, text: str) -> bool:
    """Whether the whole query stands in a name; a size alone is none."""
    (whole,) = _folded(text)
    return not _SIZE.fullmatch(text) and any(whole in name for name in known.names)


def _is_found(known: Known, word: str) -> bool:
    if _is_named(known, word) or any(_begins(size, word) for size in known.sizes):
        return True
    (key,) = _folded(word)
    return not _SIZE.fullmatch(word) and any(key in name for name in known.other)


def _is_named(known: Known, word: str) -> bool:
    """Whether a name holds the word; a size has to be one of those that stand in it."""
    if _SIZE.fullmatch(word):
        return word in known.sizes
    (key,) = _folded(word)
    return any(key in name for name in known.names)


def _begins(size: str, word: str) -> bool:
    """`8b` and `8.2` begin 8.2b, `8b` does not begin 80b."""
    return size.startswith(word) or (word.endswith("b") and size.startswith(f"{word[:-1]}."))


def _folded(*names: str) -> tuple[str, ...]:
    """`NVIDIA GeForce RTX 4090`, `RTX 4090` and `rtx-4090` are one name."""
    return tuple(re.sub(r"[\W_]+", "", _MAKERS.sub("", n.lower())) for n in names)
