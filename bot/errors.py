"""Errors that are for someone: each says what happened in a way a person can act on.

An error carries a code and the values its sentence needs; `bot.cards` turns both into words in the
reader's language (`cards/templates/errors.j2`, one macro per code). Anything that is not a
`UserError` is a defect or an outage and ends in the one Bolt error handler.
"""

from collections.abc import Mapping

from bot.domain.evidence import Evidence, EvidenceState


class UserError(Exception):
    """Something a person can mend, or at least understand.

    `code` names the macro in `errors.j2`; `values` are its arguments. In a modal the sentence
    stands beside `field` if that is on screen, else beside the first input.
    """

    field: str | None = None

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values: Mapping[str, object] = values


class NotFound(UserError):
    """The experiment does not exist, or not for this reader (never told apart)."""

    def __init__(self, label: str) -> None:
        super().__init__("not_found", label=label)


class NotAllowed(UserError):
    """The act belongs to somebody else: owner, lead or admin."""

    def __init__(self, label: str, owner: str) -> None:
        super().__init__("not_allowed", label=label, owner=owner)


class LeadOnly(UserError):
    """The act belongs to the channel's lead or an admin, and not to the owner."""

    def __init__(self, label: str) -> None:
        super().__init__("lead_only", label=label)


class NotMember(UserError):
    """Guests, people of other workspaces, bots and deactivated accounts may not act."""

    def __init__(self) -> None:
        super().__init__("not_member")


class CannotCheck(UserError):
    """Slack does not say who somebody is just now, and what is known of them is too old."""

    def __init__(self) -> None:
        super().__init__("cannot_check")


class WrongState(UserError):
    """The act does not fit the experiment's present state, for example an old button."""

    def __init__(self, label: str, state: str) -> None:
        super().__init__("wrong_state", label=label, state=state)


class ChangedMeanwhile(UserError):
    """Somebody else changed the experiment between the reader's look and act."""

    def __init__(self, label: str) -> None:
        super().__init__("changed_meanwhile", label=label)


class NothingToFix(UserError):
    """A Fix of an old card: what it would have mended is settled already."""

    def __init__(self, label: str) -> None:
        super().__init__("nothing_to_fix", label=label)


class NoSuchItem(UserError):
    """The experiment does not ask for any of these evidence items, or not any more."""

    def __init__(self, label: str) -> None:
        super().__init__("no_such_item", label=label)


class NothingClaimed(UserError):
    """Accept where nothing waits for it: accepted, rejected or replaced meanwhile."""

    def __init__(self, label: str) -> None:
        super().__init__("nothing_claimed", label=label)


class NothingAsked(UserError):
    """The experiment has no checklist, because its card is not decided yet."""

    def __init__(self, label: str) -> None:
        super().__init__("nothing_asked", label=label)


class NothingOpen(UserError):
    """No experiment is there to attach a message to."""

    def __init__(self) -> None:
        super().__init__("nothing_open")


class NowPrivate(UserError):
    """Words were typed for an experiment that has become private: they must not be kept."""

    def __init__(self, label: str) -> None:
        super().__init__("now_private", label=label)


class NotDecidable(UserError):
    """*Keep* or *LoRA* while evidence is missing, or LoRA with no failed case on record."""

    field = "conclusion"

    def __init__(
        self, label: str, owed: tuple[Evidence, ...], no_failures: bool, *, led: bool
    ) -> None:
        claimed = tuple(e for e in owed if e.state is EvidenceState.CLAIMED)
        super().__init__(
            "barred",
            label=label,
            missing=tuple(e for e in owed if e not in claimed),
            absent=len(owed) - len(claimed),
            led=led,
            claimed=claimed,
            waiting=len(claimed),
            no_failures=no_failures,
        )


class NotRun(UserError):
    """*Keep* or *LoRA* of a plan that was never run, refused ones among them."""

    field = "conclusion"

    def __init__(self, label: str) -> None:
        super().__init__("not_run", label=label)


class StillDeciding(UserError):
    """*Keep* or *LoRA* while a re-plan waits for the engine: its checklist is not known yet."""

    field = "conclusion"

    def __init__(self, label: str) -> None:
        super().__init__("still_deciding", label=label)


class AlreadyDecided(UserError):
    """A capture by token for an experiment that is decided: a machine does not open it again."""

    def __init__(self, label: str) -> None:
        super().__init__("already_decided", label=label)


class NotWhatWasSeen(UserError):
    """What is judged is not what was shown: something was put down or judged meanwhile."""

    field = "reason"

    def __init__(self, label: str) -> None:
        super().__init__("not_what_was_seen", label=label)


class NotRejectable(UserError):
    """Reject where nothing was put down, or what was settled otherwise."""

    field = "reason"

    def __init__(self, label: str) -> None:
        super().__init__("not_rejectable", label=label)


class AlreadySettled(UserError):
    """Waive where nobody needs to do anything."""

    field = "reason"

    def __init__(self, label: str) -> None:
        super().__init__("already_settled", label=label)


class DecidedMeanwhile(UserError):
    """Somebody else decided the experiment between the reader's look and act."""

    field = "conclusion"

    def __init__(self, label: str, conclusion: str) -> None:
        super().__init__("decided_meanwhile", label=label, conclusion=conclusion)


class BadToken(UserError):
    """A capture was sent with a token that is unknown, expired, revoked or another experiment's."""

    def __init__(self) -> None:
        super().__init__("bad_token")


class UsedUp(UserError):
    """A capture token was used as often as it may be."""

    def __init__(self, label: str, most: int) -> None:
        super().__init__("used_up", label=label, most=most)


class OldButton(UserError):
    """The button was drawn by another version of owroute and cannot be read any more."""

    def __init__(self) -> None:
        super().__init__("old_button")


class OwnerGone(UserError):
    """The chosen owner has left, is a guest or a bot: somebody else must own the experiment."""

    field = "owner"

    def __init__(self, owner: str) -> None:
        super().__init__("owner_gone", owner=owner)


class NotLead(UserError):
    """A channel's settings belong to its lead and to admins."""

    def __init__(self, *, led: bool) -> None:
        super().__init__("not_lead", led=led)


class LeadGone(UserError):
    """The chosen lead has left, is a guest or a bot: somebody else must lead the channel."""

    field = "lead"

    def __init__(self) -> None:
        super().__init__("lead_gone")


class EngineUnavailable(UserError):
    """The route engine is down, slow or answered rubbish; what was typed is kept.

    `reason` is for the log and never holds a payload.
    """

    def __init__(self, reason: str) -> None:
        super().__init__("engine_unavailable")
        self.reason = reason


class EngineRefusedCard(UserError):
    """The engine understood the request and found the card invalid (HTTP 422).

    `fields` are the JSON pointers it named, without the leading slash.
    """

    def __init__(self, problem: str, fields: tuple[str, ...]) -> None:
        super().__init__("engine_refused_card", problem=problem, fields=fields)
        self.problem = problem
        self.fields = fields


class StoreUnavailable(Exception):
    """The database cannot be reached, is locked, full or read-only: nothing was saved."""


class NoSuchGpu(UserError):
    """The GPU run does not exist, or not for this reader (never told apart)."""

    def __init__(self) -> None:
        super().__init__("no_such_gpu")


class OldGeneration(UserError):
    """The card is from before the machine was started again."""

    def __init__(self, label: str) -> None:
        super().__init__("old_generation", label=label)


class AlreadyStopping(UserError):
    """Somebody was first."""

    def __init__(self, label: str, by: str | None) -> None:
        super().__init__("already_stopping", label=label, by=by)


class NotRunning(UserError):
    """There is nothing to be stopped any more."""

    def __init__(self, label: str) -> None:
        super().__init__("not_running", label=label)
