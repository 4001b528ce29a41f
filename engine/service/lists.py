"""GET /v1/families, /models, /hardware, /offers, /licenses, /runtimes, /rules: page by page."""

from typing import Annotated, TypeVar

from fastapi import APIRouter, Query, Response

from engine.contract import (
    FamilyItem,
    HardwareItem,
    Lang,
    LicenseItem,
    ModelItem,
    OfferItem,
    Page,
    ProblemCode,
    RuleItem,
    RuntimeItem,
    Wire,
)
from engine.load import EngineData
from engine.service import queries
from engine.service.answers import answer
from engine.service.pages import Listing, UnknownCursor, listings
from engine.service.problems import Defect, Unanswerable

_Row = TypeVar("_Row", bound=Wire)


def catalog_routes(data: EngineData) -> APIRouter:
    """The lists in both languages, made once; a filter left out matches all."""
    router = APIRouter(tags=["Catalogue"])
    lists = {lang: listings(data, lang) for lang in Lang}

    @router.get("/families", response_model=Page[FamilyItem], summary="List model families")
    async def families(asked: Annotated[queries.FamilyQuery, Query()]) -> Response:
        """The planning table: families in the order they are tried, with their routes."""
        return _page(lists[asked.lang].families, asked)

    @router.get("/models", response_model=Page[ModelItem], summary="List models")
    async def models(asked: Annotated[queries.ModelQuery, Query()]) -> Response:
        """Reviewed models: shape, licence, published files of each weight format, source."""
        return _page(lists[asked.lang].models, asked)

    @router.get("/hardware", response_model=Page[HardwareItem], summary="List GPUs")
    async def hardware(asked: Annotated[queries.HardwareQuery, Query()]) -> Response:
        """Known GPUs: nominal and measured memory, CUDA capability, the names they go by."""
        return _page(lists[asked.lang].hardware, asked)

    @router.get("/offers", response_model=Page[OfferItem], summary="List machines to rent")
    async def offers(asked: Annotated[queries.OfferQuery, Query()]) -> Response:
        """On-demand prices of whole machines, each with the day and address it was read at."""
        return _page(lists[asked.lang].offers, asked)

    @router.get("/licenses", response_model=Page[LicenseItem], summary="List licences")
    async def licenses(asked: Annotated[queries.LicenseQuery, Query()]) -> Response:
        """Licences and what they ask for. A reading aid, not legal advice."""
        return _page(lists[asked.lang].licenses, asked)

    @router.get("/runtimes", response_model=Page[RuntimeItem], summary="List runtimes")
    async def runtimes(asked: Annotated[queries.RuntimeQuery, Query()]) -> Response:
        """Runtimes: weight formats with the CUDA capability each needs, how they start and stop."""
        return _page(lists[asked.lang].runtimes, asked)

    @router.get("/rules", response_model=Page[RuleItem], summary="List rules")
    async def rules(asked: Annotated[queries.RuleQuery, Query()]) -> Response:
        """Every rule: when it speaks, what it says and does, and where it comes from."""
        return _page(lists[asked.lang].rules, asked)

    return router


def _page(listing: Listing[_Row], asked: queries.Query) -> Response:
    try:
        return answer(listing.page(asked.filters, asked.limit, asked.cursor))
    except UnknownCursor as error:
        defect = Defect("/cursor", "cursor_unknown")
        raise Unanswerable(ProblemCode.REQUEST_INVALID, defect) from error
