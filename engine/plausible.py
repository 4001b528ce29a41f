"""Whether a parameter count can be what a model's shapes make.

Part of the contract: whoever asks for a shape can say what the engine would say, beside its field.
"""

from engine.contract_request import Architecture, Attention

TOLERANCE = 4
"""A parameter count may differ from its estimate by one part in so many."""

ABSURD = 3
"""How many times off a count is that cannot be right, whatever the estimate leaves out."""

SHAPED = frozenset({Attention.gqa, Attention.hybrid})
"""Kinds of attention whose shapes tell the parameters."""


def plausible_params(shape: Architecture, experts_every: int = 1) -> int:
    """About how many parameters these shapes make: embeddings, attention and the MLPs.

    Heads of the query are not among the shapes; as in most models they are taken to make d x d. In
    a mixture of experts, one layer in `experts_every` holds experts, the others a plain MLP.
    """
    d, embedding = shape.d_model, shape.vocab * shape.d_model
    attention = 2 * d * d + 2 * d * shape.kv_heads * shape.head_dim
    mlps = shape.layers * 3 * d * shape.intermediate
    if shape.moe is not None:
        mixed = shape.layers // experts_every
        expert = 3 * d * shape.moe.expert_intermediate
        mlps = mlps * (shape.layers - mixed) // shape.layers + mixed * shape.moe.experts * expert
    return embedding * (1 if shape.tied else 2) + shape.layers * attention + mlps


def is_plausible(shape: Architecture) -> bool:
    """Within the tolerance, or of a kind whose shapes tell too little."""
    if shape.attention not in SHAPED:
        return True
    away = (abs(made - shape.params_total) for made in _estimates(shape))
    return min(away) * TOLERANCE <= shape.params_total


def is_absurd(shape: Architecture) -> bool:
    """Many times off: a slip of the keyboard, or the shapes of another model."""
    if shape.attention not in SHAPED:
        return False
    made, given = _estimates(shape), shape.params_total
    return given > ABSURD * max(made) or given * ABSURD < min(made)


def _estimates(shape: Architecture) -> tuple[int, int]:
    """With experts in every layer, and in every second as in Llama 4 Maverick."""
    return plausible_params(shape), plausible_params(shape, experts_every=2)
