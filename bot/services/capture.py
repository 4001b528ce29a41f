"""Capture: the command to run on the machine, the token it may send with, and what it sends."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.cards import capture as cards
from bot.cards.model_card import weights
from bot.clock import Clock
from bot.crash import crash_point
from bot.domain.capture_form import Capture
from bot.domain.captured import entries_of
from bot.domain.delivery import HandedOver, digest_of
from bot.domain.evidence import Evidence, EvidenceState
from bot.domain.ids import ExperimentId
from bot.domain.plans import TAKES_EVIDENCE, Experiment, State
from bot.domain.privacy import is_private
from bot.domain.tokens import LIFE, USES, Token, TokenKind
from bot.domain.workspace import Act, Actor
from bot.errors import AlreadyDecided, BadToken, OwnerGone, UsedUp, WrongState
from bot.ports import Store, UnitOfWork
from bot.services.evidence import Change, ChangeEvidence, Checklist, attached
from bot.services.handing import Parcel, hand_over
from bot.services.people import Rights
from bot.services.plans import FindPlan
from bot.services.shows import language_of_card, script_subject

log = structlog.get_logger(__name__)

BYTES = 32
"""Random bytes in a token."""


def digest(secret: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(secret.encode()).hexdigest()


class IssueToken:
    """Gives a machine a token for one experiment, and takes it back: owner, lead, admin."""

    def __init__(
        self, *, store: Store, clock: Clock, rights: Rights, random: Callable[[int], bytes]
    ) -> None:
        self._store = store
        self._clock = clock
        self._rights = rights
        self._random = random

    async def __call__(self, actor: Actor, x: Experiment, delivery: str) -> str | None:
        """A new token, the only one of its experiment; None when this click has had one already.

        It is shown once and kept as its hash. Raises `NotAllowed`.
        """
        await self._rights.require(actor, Act.STEER, x)
        now = self._clock.now()
        secret = urlsafe_b64encode(self._random(BYTES)).rstrip(b"=").decode()
        token = Token(
            sha256=digest(secret), team=x.team, experiment=x.id, kind=TokenKind.CAPTURE,
            by=actor.user, made_at=now, expires_at=now + LIFE,
        )  # fmt: skip
        async with self._store() as uow:
            if not await uow.inbound.first_time(delivery, now):
                return None
            await uow.tokens.revoke(x.id, now)
            await uow.tokens.add(token)
            await uow.audit.add(actor, x.team, "capture.token_issued", x.label, now)
            await uow.commit()
        log.info("capture.token_issued", plan=x.label)
        return secret

    async def revoke(self, actor: Actor, x: Experiment, delivery: str) -> None:
        """No capture of the experiment can be sent any more. Raises `NotAllowed`."""
        await self._rights.require(actor, Act.STEER, x)
        now = self._clock.now()
        async with self._store() as uow:
            if not await uow.inbound.first_time(delivery, now):
                return
            ended = await uow.tokens.revoke(x.id, now)
            await uow.audit.add(
                actor, x.team, "capture.token_revoked", x.label, now, before=str(ended), after="0"
            )
            await uow.commit()
        log.info("capture.token_revoked", plan=x.label)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a person gets to run: with a token where they may send, without it to paste."""

    x: Experiment
    public_url: str | None
    token: str | None = None


class OfferCapture:
    """The way to capture evidence: for any full member; to send it, for who steers."""

    def __init__(
        self, *, find: FindPlan, rights: Rights, issue: IssueToken, public_url: str | None
    ) -> None:
        self._find = find
        self._rights = rights
        self._issue = issue
        self._public_url = public_url

    async def __call__(self, actor: Actor, experiment: ExperimentId, delivery: str) -> Offer | None:
        """The offer; None when this click was answered already. Raises `NotFound`, `WrongState`."""
        x = await takes_evidence(self._find, actor, experiment)
        sends = self._public_url is not None and x.state is not State.DECIDED
        if not sends or not await self._rights.allows(actor, Act.STEER, x):
            return Offer(x, self._public_url)
        token = await self._issue(actor, x, delivery)
        return Offer(x, self._public_url, token) if token else None

    async def revoke(self, actor: Actor, experiment: ExperimentId, delivery: str) -> Experiment:
        """End the tokens of an experiment. Raises `NotFound`, `NotAllowed`."""
        x = await self._find(actor, experiment)
        await self._issue.revoke(actor, x, delivery)
        return x


@dataclass(frozen=True, slots=True)
class Shared:
    """An experiment, and what became of the script that was asked for in its thread."""

    x: Experiment
    handed: HandedOver


class ShareScript:
    """Put the capture script into an experiment's thread, for any full member who may see it."""

    def __init__(self, *, find: FindPlan, store: Store, clock: Clock, script: str) -> None:
        self._find = find
        self._store = store
        self._clock = clock
        self._script = script

    async def __call__(self, actor: Actor, experiment: ExperimentId, delivery: str) -> Shared:
        """The script, on its way; raises `NotMember`, `NotFound`, `WrongState`."""
        x = await takes_evidence(self._find, actor, experiment)
        now = self._clock.now()
        async with self._store() as uow:
            message = cards.script_message(await language_of_card(uow, x), self._script)
            content = digest_of(self._script)
            parcel = Parcel(script_subject(x), content, message, "capture.script_shared")
            handed = await hand_over(uow, actor, x, parcel, delivery, now)
            crash_point("handed.before_commit")
            await uow.commit()
        crash_point("handed.after_commit")
        log.info("capture.script_shared", plan=x.label, handed=handed.how.value)
        return Shared(x, handed)


async def takes_evidence(find: FindPlan, actor: Actor, experiment: ExperimentId) -> Experiment:
    """An experiment that evidence can be captured for; else `NotFound`, `WrongState`."""
    x = await find(actor, experiment)
    if x.state not in TAKES_EVIDENCE:
        raise WrongState(x.label, x.state.value)
    return x


@dataclass(frozen=True, slots=True)
class Door:
    """What a good token opens: one experiment, and whether words must stay outside."""

    token: Token
    x: Experiment
    private: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a capture: so many items wait for Accept, and these are not whole yet."""

    x: Experiment
    claimed: int
    partly: tuple[Evidence, ...]


class ClaimCapture:
    """Claims what a machine sends, and does nothing else. `door` first, then the claim."""

    def __init__(
        self, *, store: Store, clock: Clock, rights: Rights, change: ChangeEvidence
    ) -> None:
        self._store = store
        self._clock = clock
        self._rights = rights
        self._change = change

    async def door(self, secret: str) -> Door:
        """What the token opens just now, once more used; `BadToken` whatever is wrong with it.

        Whatever comes behind the door counts, also what is then refused; `UsedUp` after so many.
        """
        async with self._store(read_only=True) as uow:
            token = await self._good(uow, digest(secret), self._clock.now())
            x = await uow.plans.by_id(token.team, token.experiment)
        if x is None:
            raise BadToken
        try:
            await self._rights.require_owner(token.team, token.by)
        except OwnerGone:
            raise BadToken from None  # whoever asked for it has left
        async with self._store() as uow:
            if not await uow.tokens.use(token.sha256, USES):
                raise UsedUp(x.label, USES)
            await uow.commit()
        return Door(token, x, is_private(x))

    async def __call__(self, door: Door, capture: Capture, body: str) -> Kept:
        """Keep the capture; `body` is its SHA-256, and the same body again is one effect.

        Raises `BadToken`, also for another experiment's capture, and what attaching does.
        """
        if capture.experiment.upper() != door.x.label:
            raise BadToken
        token, key = door.token, f"capture:{door.x.id}:{body}"

        def change(x: Experiment, have: Checklist, now: datetime) -> Change:
            if x.state is State.DECIDED:
                raise AlreadyDecided(x.label)
            entries = entries_of(
                capture, key=key, by=token.by, at=now, private=is_private(x), runs=weights(x)
            )
            return attached(x, have, entries, by=token.by)

        async def still_good(uow: UnitOfWork, now: datetime) -> None:
            await self._good(uow, token.sha256, now)

        x = await self._change(None, token.team, token.experiment, key, change, also=still_good)
        return await self._kept(x, key)

    async def _kept(self, x: Experiment, key: str) -> Kept:
        """How the items stand that this capture has something for."""
        async with self._store(read_only=True) as uow:
            named = {e.item for e in await uow.evidence.entries(x.id) if e.key == key}
            items = [e for e in await uow.evidence.of(x.id) if e.item in named]
        return Kept(
            x,
            claimed=sum(e.waits for e in items),
            partly=tuple(
                e for e in items if e.state in (EvidenceState.MISSING, EvidenceState.REJECTED)
            ),
        )

    async def _good(self, uow: UnitOfWork, sha256: str, now: datetime) -> Token:
        token = await uow.tokens.by_hash(sha256)
        same = token is not None and hmac.compare_digest(token.sha256, sha256)
        if token is None or not same or not token.is_good(now):
            raise BadToken
        if token.kind is not TokenKind.CAPTURE or not await uow.workspaces.is_active(token.team):
            raise BadToken
        return token
