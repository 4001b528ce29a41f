"""The flags of `owroute fit`, in the words of the constraint card where it has the same field."""

from collections.abc import Mapping

from owroute.commands.plan_flags import Flag, Kind

FLAGS: Mapping[str, Flag] = {
    flag.name: flag
    for flag in (
        Flag("gpu"),
        Flag("gpus", Kind.WHOLE),
        Flag("ram", Kind.DECIMAL, form="ram_gib"),
        Flag("scheme"),
        Flag("runtime"),
        Flag("context", Kind.WHOLE, form="context_tokens"),
        Flag("concurrency", Kind.WHOLE, form="concurrency"),
        Flag("kv_dtype", Kind.CHOICE),
    )
}

FIELDS: Mapping[str, str] = {
    "gpu_id": "gpu",
    "gpu_count": "gpus",
    "ram_gib": "ram",
    "context_tokens": "context",
    "concurrency": "concurrency",
    "kv_dtype": "kv_dtype",
}
"""Fields of the request that a flag sets as it is, and the flag."""
