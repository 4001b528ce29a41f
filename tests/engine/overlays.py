"""Overlay folders for tests: files by name, each with a head unless the test writes its own."""

from pathlib import Path

from engine.load import EngineData, load_data
from tests.engine.cards import DATA

HEAD = 'schema_version: 1\nversion: "1"\nsource: our team\nreviewed: 2026-11-25\nextends: builtin\n'
"""Five lines: what a test writes begins in line 6."""

FIRST = 6

CATALOG = "models/catalog.yaml"
OURS = "models/ours.yaml"
HARDWARE = "hardware.yaml"
CONFLICTS = "rules/2026.11/conflicts.yaml"
BUDGET = "rules/2026.11/budget.yaml"
FAMILIES = "rules/2026.11/families.yaml"
ROUTES = "rules/2026.11/routes.yaml"
RUNTIMES = "rules/2026.11/runtimes.yaml"
ADAPTATION = "rules/2026.11/adaptation.yaml"
LICENSES = "rules/2026.11/licenses.yaml"
OFFERS = "offers/2026-11-25-runpod.csv"

COLUMNS = (
    "provider,sku,gpu,gpu_count,vram_gb_per_gpu,usd_per_hour,tier,region,as_of,source_url,note\n"
)

MODEL = """\
models:
  - repo: ours/small-7b
    family_id: qwen_llama
    license_id: apache-2.0
    architecture:
      attention: gqa
      layers: 28
      kv_heads: 4
      head_dim: 128
      d_model: 3584
      intermediate: 18944
      vocab: 152064
      tied: false
      native_context: 32768
      params_total: 7615616512
    weights:
      - {scheme: BF16, repo: ours/small-7b}
    source: our config.json
"""


def written(folder: Path, files: dict[str, str | bytes]) -> Path:
    """The files in a folder; a text for a YAML file gets the head before it."""
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            file.write_bytes(text)
        else:
            file.write_text((HEAD if name.endswith(".yaml") else "") + text, "utf-8")
    return folder


def with_overlay(folder: Path, files: dict[str, str | bytes]) -> EngineData:
    """The engine's data with these files over them."""
    return load_data(overlay=written(folder / "overlay", files))


def row(**changes: str) -> str:
    """A row of prices that serves unless the changes say otherwise."""
    cells = {
        "provider": "runpod",
        "sku": "ours",
        "gpu": "L4",
        "gpu_count": "1",
        "vram_gb_per_gpu": "24",
        "usd_per_hour": "0.41",
        "tier": "secure",
        "region": "any",
        "as_of": "2026-11-25",
        "source_url": "https://www.runpod.io/pricing",
        "note": "",
    } | changes
    return ",".join(cells.values()) + "\n"


def refused(data: EngineData) -> tuple[str, ...]:
    """The problems of an overlay that does not serve: everything else is the built-in data."""
    assert data.overlay is not None
    assert data.overlay.problems
    assert data.overlay.files == ()
    assert data.overlay.version is None
    assert data.rules == DATA.rules
    assert data.catalog == DATA.catalog
    assert data.ruleset_version == DATA.ruleset_version
    assert data.catalog_version == DATA.catalog_version
    return data.overlay.problems
