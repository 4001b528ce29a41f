"""The weekly digest, put together: a part of the composition root."""

from dataclasses import dataclass

from bot.clock import Clock
from bot.domain.digest_when import WeekTime
from bot.services.digest.again import SendDigestAgain
from bot.services.digest.arming import ArmDigests
from bot.services.digest.asking import ReadDigests
from bot.services.digest.drawing import DrawDigest
from bot.services.digest.posting import PostDigests
from bot.services.digest.switching import SwitchDigest
from bot.services.people import Rights
from storage.database import SqlStore


@dataclass(frozen=True, slots=True)
class WeeklyDigests:
    """What falls due for digests."""

    arm: ArmDigests
    post: PostDigests
    draw: DrawDigest


def weekly_digests(store: SqlStore, clock: Clock, at: WeekTime) -> WeeklyDigests:
    """Digests at the installation's day and hour, where a channel has none of its own."""
    return WeeklyDigests(
        arm=ArmDigests(store=store, clock=clock, at=at),
        post=PostDigests(store=store, clock=clock, at=at),
        draw=DrawDigest(store=store, clock=clock, at=at),
    )


@dataclass(frozen=True, slots=True)
class AskedDigests:
    """What people can ask of them."""

    read: ReadDigests
    switch: SwitchDigest
    again: SendDigestAgain


def asked_digests(store: SqlStore, clock: Clock, rights: Rights, at: WeekTime) -> AskedDigests:
    """The same digests, for whoever may see or change them."""
    return AskedDigests(
        read=ReadDigests(store=store, clock=clock, rights=rights, at=at),
        switch=SwitchDigest(store=store, clock=clock, rights=rights),
        again=SendDigestAgain(store=store, clock=clock, rights=rights),
    )
