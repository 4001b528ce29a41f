"""Memory for training: rules of thumb by parameter count, always outside the measured range.

Upper figures of what Hugging Face publishes for Llama 3.1 (huggingface.co/blog/llama31: 8B with
LoRA 16 GB, with QLoRA 6 GB; 405B in full 3.25 TB, with LoRA 950 GB, with QLoRA 250 GB).
"""

from typing import NamedTuple

FULL, LORA, QLORA = 800, 235, 75
"""Hundredths of a byte per parameter."""


class Training(NamedTuple):
    """Bytes on each GPU to train all weights, an adapter, an adapter over 4-bit weights."""

    full: int
    lora: int
    qlora: int


def training_memory(params: int, gpus: int = 1) -> Training:
    """The rules of thumb, spread evenly over the GPUs."""
    return Training(*(-(-params * part // (100 * gpus)) for part in (FULL, LORA, QLORA)))
