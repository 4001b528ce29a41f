"""The repositories of the sandbox's model hub: a few made up, and those that the demo plans with.

Shapes and texts are made up throughout; names and commits of real models are theirs, so that a plan
finds what it pins.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_APACHE = {"license": "apache-2.0", "language": ["en", "zh"]}
_DENSE: Mapping[str, Any] = {
    "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "hidden_size": 3584,
    "intermediate_size": 18944, "num_hidden_layers": 28, "num_attention_heads": 28,
    "num_key_value_heads": 4, "max_position_embeddings": 32768, "max_window_layers": 28,
    "sliding_window": 131072, "use_sliding_window": False, "tie_word_embeddings": False,
    "torch_dtype": "bfloat16", "vocab_size": 152064,
}  # fmt: skip
_SMALL = {**_DENSE, "hidden_size": 2048, "intermediate_size": 11008, "num_hidden_layers": 36,
          "num_attention_heads": 16, "num_key_value_heads": 2}  # fmt: skip
_LINEAR = {**_SMALL, "layer_types": ["linear_attention", "full_attention"] * 18,
           "linear_num_key_heads": 16}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Repository:
    """One model repository; `total` is None where the Hub has counted no safetensors."""

    name: str
    total: int | None = None
    config: Mapping[str, Any] = field(default_factory=lambda: _DENSE)
    card: Mapping[str, Any] = field(default_factory=lambda: _APACHE)
    gated: str | bool = False
    tags: tuple[str, ...] = ()
    commit: str = ""
    gguf: Mapping[str, Any] | None = None

    @property
    def sha(self) -> str:
        """The one commit it has."""
        return self.commit or hashlib.sha256(self.name.encode()).hexdigest()[:40]

    def files(self) -> Mapping[str, str]:
        """Its small files by path."""
        readme = f"---\nlicense: {self.card['license']}\n---\n# {self.name}\nMade up; safe.\n"
        return {"config.json": json.dumps(self.config, indent=2) + "\n", "README.md": readme}

    def info(self) -> dict[str, Any]:
        """What `/api/models` says of it."""
        counted = {"parameters": {"BF16": self.total}, "total": self.total} if self.total else None
        return {
            "id": self.name,
            "modelId": self.name,
            "author": self.name.partition("/")[0],
            "sha": self.sha,
            "private": False,
            "disabled": False,
            "gated": self.gated,
            "pipeline_tag": "text-generation",
            "library_name": "transformers",
            "lastModified": "2026-10-20T08:30:00.000Z",
            "createdAt": "2026-01-15T10:00:00.000Z",
            "tags": ["transformers", "en", *self.tags, f"license:{self.card['license']}"],
            "cardData": dict(self.card),
            "config": {k: self.config[k] for k in ("architectures", "model_type")},
            "siblings": [{"rfilename": path} for path in self.files()],
            **({"safetensors": counted} if counted else {}),
            **({"gguf": dict(self.gguf)} if self.gguf else {}),
        }


ALL = (
    Repository("acme-labs/quiet-owl-7b", 7_615_616_512),
    Repository("acme-labs/swift-3b", 3_085_938_688, _SMALL),
    Repository("acme-labs/shy-heron-7b", 7_615_616_512, card={"license": "gemma"}, gated="manual"),
    Repository(
        "acme-labs/odd-magpie-7b", 7_615_616_512,
        card={"license": "other", "license_name": "magpie-community", "license_link": "LICENSE"},
        tags=("custom_code", "not-for-all-audiences"),
    ),
    Repository("acme-labs/river-otter-3b", 3_085_938_688, _LINEAR),
    Repository("acme-labs/small-wren-3b", config=_SMALL),
    Repository(
        "Qwen/Qwen3-4B", 4_022_468_096, {**_SMALL, "max_position_embeddings": 40960},
        commit="1cfa9a7208912126459214e8b04321603b3df60c",
    ),
    Repository(
        "Qwen/Qwen3-4B-GGUF", config=_SMALL, commit="bc640142c66e1fdd12af0bd68f40445458f3869b",
        gguf={"total": 4_022_468_096, "architecture": "qwen3", "context_length": 40960},
    ),
    Repository(
        "Qwen/Qwen3-1.7B-GGUF", config=_SMALL,
        gguf={"total": 1_720_574_976, "architecture": "qwen3", "context_length": 40960},
    ),
    Repository(
        "Qwen/Qwen2.5-14B-Instruct", 14_770_033_664,
        commit="cf98f3b3bbb457ad9e2bb7baf9a0125b6b88caa8",
    ),
    Repository("Qwen/Qwen2.5-14B-Instruct-AWQ"),
)  # fmt: skip
REPOSITORIES: Mapping[str, Repository] = {found.name: found for found in ALL}
RENAMED: Mapping[str, str] = {"acme-labs/old-swift-3b": "acme-labs/swift-3b"}

LOCKED = "acme-labs/locked-raven-7b"
"""Not even its information is open: GatedRepo, as for what one has asked access to."""

BROKEN = "acme-labs/fallen-sparrow-7b"
"""500."""

SLEEPY = "acme-labs/sleepy-dormouse-7b"
"""Never answers."""

ASTRAY: Mapping[str, str] = {
    "acme-labs/lost-pigeon-7b": "http://169.254.169.254/latest/meta-data/",
    "acme-labs/strange-cuckoo-7b": "https://hub.example/api/models/acme-labs/quiet-owl-7b",
}
"""Redirects away from the hub."""
