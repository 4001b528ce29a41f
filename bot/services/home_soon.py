"""Homes drawn at once behind an acknowledgement; after a crash the tick draws them."""

from bot.cards.text import Mrkdwn
from bot.domain.ids import TeamId, UserId
from bot.domain.workspace import Actor
from bot.services.background import Background
from bot.services.home import DrawHome


class HomeSoon:
    """One drawing at a time per person: whatever is asked for meanwhile is one more after it."""

    def __init__(self, *, background: Background, draw: DrawHome) -> None:
        self._background = background
        self._draw = draw
        self._drawing: set[tuple[TeamId, UserId]] = set()
        self._again: dict[tuple[TeamId, UserId], Mrkdwn | None] = {}

    def kept(self, key: str) -> None:
        """Draw what a row was kept for."""
        self._background("home", lambda: self._draw.by_key(key))

    def acted(self, actor: Actor, said: Mrkdwn | None = None) -> None:
        """Somebody did something, perhaps with Home before them; `said` is told there."""
        who = (actor.team, actor.user)
        self._again[who] = said or self._again.get(who)
        if who not in self._drawing:
            self._drawing.add(who)
            self._background("home", lambda: self._until_still(actor))

    async def _until_still(self, actor: Actor) -> None:
        who = (actor.team, actor.user)
        try:
            while who in self._again:
                await self._draw.at_work(actor, self._again.pop(who))
        finally:
            self._drawing.discard(who)
            self._again.pop(who, None)
