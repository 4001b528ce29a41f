"""What a GPU is called: providers' names without their makers, and the memory that a name tells."""

import re

from bot.domain.fleet import plain

GIB = 2**30
MIB = 2**20
_MAKERS = re.compile(r"\b(?:NVIDIA|GeForce|AMD|Instinct)\b\s*", re.IGNORECASE)
_MEMORY = re.compile(r"\b([1-9][0-9]{0,3}) ?GB\b", re.IGNORECASE)
_TOGETHER = re.compile(r"\b(RTX|GTX)(?=[0-9A])")
_SAME = {"H100 80GB HBM3": "H100 SXM", "A100-SXM4-80GB": "A100 SXM 80GB"}


def gpu_name(text: str | None) -> str | None:
    """`NVIDIA GeForce RTX 4090` and `RTX4090` are `RTX 4090`; None for nothing."""
    name = plain(_TOGETHER.sub(r"\1 ", _MAKERS.sub("", (plain(text) or "").replace("_", " "))))
    return _SAME.get(name, name) if name else None


def named_vram(text: str | None) -> int | None:
    """Bytes of one GPU's memory, where its name tells (`A100 80GB PCIe`)."""
    found = _MEMORY.search(plain(text) or "")
    return int(found[1]) * GIB if found else None
