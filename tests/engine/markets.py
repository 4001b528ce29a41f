"""Small worlds made by hand: a few machines to rent, a few models, everything else as shipped."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from engine.catalog import Catalog, ModelsFile
from engine.contract import Architecture, Lang, ModelItem
from engine.load import EngineData
from engine.offers import COLUMNS, read_offers
from engine.rules import Ruleset
from engine.shelf import Shelf
from tests.engine.cards import DATA

SEEN = date(2026, 11, 20)
"""The day of every price here: four days before the cards' day."""

PRICES = "https://example.com/prices"
BY_REPO = DATA.catalog.models.models


def row(offer: str, gpu: str, hourly: str, count: int = 1, seen: date = SEEN) -> str:
    """A row of the price table; `offer` is provider:sku:region:tier, `gpu` an id of the list."""
    provider, sku, region, tier = offer.split(":")
    item = DATA.catalog.hardware.hardware[gpu]
    cells = (provider, sku, gpu, count, item.nominal_gb, hourly, tier, region, seen, PRICES, "")
    return ",".join(map(str, cells))


def market(
    *rows: str,
    models: Sequence[ModelItem] | None = None,
    disks: Mapping[str, str] = MappingProxyType({}),
) -> EngineData:
    """The shipped data with only these machines to rent and, if given, only these models.

    `disks` are USD per GiB-month of providers, in place of what is known of them.
    """
    every = {lang: _with_disks(rules, disks) for lang, rules in DATA.rules.items()}
    shipped, rules = DATA.catalog, every[Lang.en]
    offers = read_offers("\n".join((",".join(COLUMNS), *rows)), shipped.hardware)
    listed = shipped.models if models is None else _only(models)
    catalog = Catalog(models=listed, hardware=shipped.hardware, offers=offers)
    shelf = Shelf(catalog, rules.runtimes, rules.licenses, rules.budget.prices)
    return replace(DATA, catalog=catalog, shelf=shelf, rules=every)


def _with_disks(rules: Ruleset, disks: Mapping[str, str]) -> Ruleset:
    known = {
        name: p.model_copy(update={"disk_usd_per_gib_month": Decimal(disks[name])})
        for name, p in rules.runtimes.providers.items()
        if name in disks
    }
    providers = {**rules.runtimes.providers, **known}
    return replace(rules, runtimes=rules.runtimes.model_copy(update={"providers": providers}))


def _only(models: Sequence[ModelItem]) -> ModelsFile:
    shipped = DATA.catalog.models
    head = {name: getattr(shipped, name) for name in ModelsFile.model_fields}
    return ModelsFile.model_construct(**{**head, "models": {m.repo: m for m in models}})


def model(repo: str, billions: int, schemes: Sequence[str] = ("BF16",), **more: Any) -> ModelItem:
    """A dense model of so many 10^9 parameters with almost no KV cache: memory is its weights."""
    shape = Architecture.model_validate(
        {
            "attention": "gqa", "layers": 1, "kv_heads": 1, "head_dim": 64, "d_model": 1024,
            "intermediate": 1024, "vocab": 1000, "tied": False, "native_context": 32768,
            "params_total": billions * 10**9,
        }
    )  # fmt: skip
    plain: dict[str, Any] = {
        "repo": repo, "family_id": "qwen_llama", "license_id": "apache-2.0", "gated": False,
        "revision": "0" * 40, "architecture": shape, "source": "by hand",
        "weights": [{"scheme": s, "repo": repo, "revision": "0" * 40} for s in schemes],
    }  # fmt: skip
    return ModelItem.model_validate(plain | more)
