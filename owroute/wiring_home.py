"""App Home, put together: a part of the composition root."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.domain.delivery import ClaimedDue, DueKind
from bot.services.background import Background
from bot.services.gpu.reading import ReadGpus
from bot.services.home import DrawHome, UseHome
from bot.services.home_reading import ReadHome
from bot.services.home_soon import HomeSoon
from bot.services.people import KnowPerson
from gateways.slack_home import SlackHomeTabs
from storage.database import SqlStore


@dataclass(frozen=True, slots=True)
class Home:
    """What people do to their Home, what draws it, and what falls due for it."""

    use: UseHome
    soon: HomeSoon
    work: Mapping[DueKind, Callable[[ClaimedDue], Awaitable[None]]]


def home(
    store: SqlStore,
    clock: Clock,
    know: KnowPerson,
    gpus: ReadGpus,
    client: AsyncWebClient,
    background: Background,
) -> Home:
    """Home tabs of every workspace that the client may speak to."""
    draw = DrawHome(
        store=store,
        clock=clock,
        know=know,
        read=ReadHome(store=store, gpus=gpus),
        tabs=SlackHomeTabs(client),
    )
    return Home(
        use=UseHome(store=store, clock=clock),
        soon=HomeSoon(background=background, draw=draw),
        work={DueKind.DRAW_HOME: draw},
    )
