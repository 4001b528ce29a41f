"""GET /v1/families, /models, /hardware, /runtimes, /rules: filtered lists, page by page."""

from typing import Annotated, TypeVar

from fastapi import APIRouter, Query, Response

from engine.answers import answer
from engine.contract import (
    FamilyItem,
    HardwareItem,
    Lang,
    LicenseItem,
    ModelItem,
    OfferItem,
    Page,
    ProblemCode,
    Route,
    RuleEffect,
    RuleItem,
    RuntimeItem,
    Wire,
)
from engine.load import EngineData
from engine.pages import Listing, UnknownCursor, listings
from engine.problems import Unanswerable

_Row = TypeVar("_Row", bound=Wire)
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(max_length=200)]


def catalog_routes(data: EngineData) -> APIRouter:
    """The lists in both languages, made once; a filter left out matches all."""
    router = APIRouter()
    lists = {lang: listings(data, lang) for lang in Lang}

    @router.get("/families", response_model=Page[FamilyItem])
    async def families(
        routes: Route | None = None,
        serves: bool | None = None,
        lang: Lang = Lang.en,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Response:
        return _page(lists[lang].families, limit, cursor, routes=routes, serves=serves)

    @router.get("/models", response_model=Page[ModelItem])
    async def models(
        family_id: str | None = None,
        license_id: str | None = None,
        lang: Lang = Lang.en,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Response:
        return _page(lists[lang].models, limit, cursor, family_id=family_id, license_id=license_id)

    @router.get("/hardware", response_model=Page[HardwareItem])
    async def hardware(
        nominal_gb: int | None = None,
        capability: str | None = None,
        lang: Lang = Lang.en,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Response:
        return _page(
            lists[lang].hardware, limit, cursor, nominal_gb=nominal_gb, capability=capability
        )

    @router.get("/offers", response_model=Page[OfferItem])
    async def offers(
        provider: str | None = None,
        gpu_id: str | None = None,
        gpu_count: int | None = None,
        tier: str | None = None,
        region: str | None = None,
        lang: Lang = Lang.en,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Response:
        return _page(
            lists[lang].offers, limit, cursor, provider=provider, gpu_id=gpu_id,
            gpu_count=gpu_count, tier=tier, region=region,
        )  # fmt: skip

    @router.get("/licenses", response_model=Page[LicenseItem])
    async def licenses(
        license_id: str | None = None,
        commercial_use: str | None = None,
        lang: Lang = Lang.en,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Response:
        return _page(
            lists[lang].licenses, limit, cursor, license_id=license_id,
            commercial_use=commercial_use,
        )  # fmt: skip

    @router.get("/runtimes", response_model=Page[RuntimeItem])
    async def runtimes(
        runtime: str | None = None,
        lang: Lang = Lang.en,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Response:
        return _page(lists[lang].runtimes, limit, cursor, runtime=runtime)

    @router.get("/rules", response_model=Page[RuleItem])
    async def rules(
        effect: RuleEffect | None = None,
        code: str | None = None,
        lang: Lang = Lang.en,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Response:
        return _page(lists[lang].rules, limit, cursor, effect=effect, code=code)

    return router


def _page(listing: Listing[_Row], limit: int, cursor: str | None, **filters: object) -> Response:
    given = {name: value for name, value in filters.items() if value is not None}
    try:
        return answer(listing.page(given, limit, cursor))
    except UnknownCursor as error:
        raise Unanswerable(ProblemCode.REQUEST_INVALID, ("/cursor", "cursor_unknown")) from error
