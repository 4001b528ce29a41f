"""Every action, block and callback id, and what a button's value holds.

A value is a small versioned model: one that cannot be read any more belongs to an old card and is
answered with a fresh one.
"""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.domain.ids import ChannelId, ExperimentId, GpuId

PLAN_MODAL = "plan_run"  # callback id of the constraint card; the global shortcut has the same
FIX_MODAL = "plan_fix"
OWNER_MODAL = "plan_owner"
CONSTRAINTS_MODAL = "plan_constraints"  # licence facts, providers, region, caps
LESSON_MODAL = "lesson"
ATTACH_MODAL = "attach_evidence"  # the message shortcut has the same callback id
REASON_MODAL = "evidence_reason"  # why an item is rejected or waived
ASSIGN_MODAL = "evidence_assign"
MODEL_CARD_MODAL = "evidence_model_card"
DECIDE_MODAL = "plan_decide"
SETTINGS_MODAL = "channel_settings"
WORKSPACE_MODAL = "workspace_settings"
DETAILS_MODAL = "digest_details"
DEFAULTS_MODAL = "channel_defaults"  # what new plans begin with
WORKSPACE_DEFAULTS_MODAL = "workspace_defaults"
PRICES_MODAL = "workspace_prices"
MINE_MODAL = "personal_settings"
NOTICE_MODAL = "notice"  # says something, with the buttons of what it says; nothing is typed there

OPEN_PLAN = "plan.open"
START = "plan.start"
DROP = "plan.drop"
FIX = "plan.fix"
REPLAN = "plan.replan"
MORE = "plan.more"  # the overflow menu of a card
ALTERNATIVE = "plan.alternative"  # one button per route, `plan.alternative:local_gpu`
OTHER_MODEL = "plan.other_model"  # the model a refusal offers instead; its name is the choice
OPEN_STATUS = "status.open"
OPEN_HELP = "help.open"
OPEN_LESSON = "lesson.open"
REJECT = "lesson.reject"

ATTACH = "evidence.attach"  # opens the form of an item, or the choice of one
ACCEPT = "evidence.accept"
EVIDENCE_MORE = "evidence.more"  # the menu of an item: reject, assign, waive
EVIDENCE_ITEM = "evidence.item"  # the choice of item and experiment inside the form
OPEN_EVIDENCE = "evidence.open"
CAPTURE = "evidence.capture"  # the capture command
HUB_CARD = "evidence.hub"  # reads the model card, inside the form of that item
SHARE_SCRIPT = "evidence.script"  # puts the capture script into the thread
REVOKE = "evidence.revoke"  # ends the experiment's capture tokens
REMIND_MORE = "remind.more"  # the menu of an experiment in a reminder: snooze, assign, waive, mute
DECIDE = "plan.decide"
OPEN_SETTINGS = "settings.open"
OPEN_MINE = "settings.mine"  # a person's own
OPEN_WORKSPACE = "settings.workspace"
OPEN_DEFAULTS = "settings.defaults"  # inside a form of settings; its value is the channel
OPEN_PRICES = "settings.prices"
MUTE_CHANNEL = "settings.mute"  # neither reminders nor digests, from the first message on
OPEN_AUDIT = "audit.open"  # its value is the line below which it goes on

STOP_GPU = "gpu.stop"
TERMINATE_GPU = "gpu.terminate"
SET_SHUTDOWN = "gpu.shutdown"
EXTEND = "gpu.extend"  # one hour more before an enforced stop
KEEP_UNTIL = "gpu.keep"  # another time before an enforced stop
SNOOZE_GPU = "gpu.snooze"  # a menu: an hour, four, until tomorrow
REASSIGN = "gpu.reassign"
ALREADY_STOPPED = "gpu.off"
MINE = "gpu.mine"
NOT_OURS = "gpu.not_ours"
KEEP_GPU = "gpu.no_default"  # *Keep*: no default stop for this run
SET_PRICE = "gpu.price"
GPU_BUDGET = "gpu.budget"  # what its experiment may spend in all
GPU_MORE = "gpu.more"  # the overflow menu of a run; a choice is the action's own id
GUARD = "gpu.guard"  # the line that starts a guard on its machine
REVOKE_GUARD = "gpu.guard_revoke"  # ends the tokens of its guards
PLAN_GUARD = "evidence.guard"  # the same line, for whatever machine an experiment runs on
SNOOZE_HOUR = "1h"  # values of the snooze menu
SNOOZE_HOURS = "4h"
SNOOZE_MORNING = "morning"
ON_LIST = "list"  # the choice of a button that stands on a list, which stays
OPEN_GPUS = "gpu.open"
OPEN_GPU = "gpu.card"  # the whole card of one run, for who asks; also a choice among several
ADD_GPU = "gpu.add"
HOLD = "gpu.hold"
RELEASE = "gpu.release"
SHUTDOWN_MODAL = "gpu_shutdown"
REASSIGN_MODAL = "gpu_reassign"
ADD_GPU_MODAL = "gpu_add"
STARTED_MODAL = "gpu_started"
PRICE_MODAL = "gpu_price"
BUDGET_MODAL = "gpu_budget"

OPEN_DIGEST = "digest.open"  # a preview, for who asks
DIGEST_DETAILS = "digest.details"
DIGEST_CSV = "digest.csv"
DIGEST_PAUSE = "digest.pause"
DIGEST_RESUME = "digest.resume"
DIGEST_AGAIN = "digest.again"
HOME_PAGE = "home.page"  # `home.page:plans:later`: turns one section of Home
HOME_GOT_IT = "home.got_it"  # what owroute is was read, and is not told again

TOGGLE = "form.toggle"  # More constraints / Fewer constraints
CHANGE = "form.change"  # licence facts and caps
FIELD = "v"  # the action id of every input; its block id is the field's name
MODEL_SEARCH = "model_search"
HARDWARE_SEARCH = "hardware_search"
GPU_SEARCH = "gpu_search"  # the same where a GPU that nobody knows is taken as it was typed

COMPARE = "compare"  # values of the overflow menu; on a route's button: where it stands
CHANGE_OWNER = "owner"
ARCHIVE = "archive"
RECORD = "record"
DECIDE_CHOICE = "decide"
SNOOZE_DAY = "day"  # the menu of an experiment in a reminder
SNOOZE_WEEK = "week"
MUTE = "mute"
WAKE = "wake"  # ends a snooze or a mute
CHECKLIST = "checklist"
REJECT_CHOICE = "reject"  # values of an evidence item's menu
ASSIGN_CHOICE = "assign"
WAIVE_CHOICE = "waive"
ALL = "all"  # Accept all


class PlanRef(BaseModel):
    """The experiment and revision a button was drawn for; `code` on a Fix, `choice` in a menu.

    `item` is the evidence item it is about, `seen` what was shown of it (`seen_as`). `at` is the
    stop time that the form *GPU started* began with.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    v: Literal[1] = 1
    e: ExperimentId
    r: int
    code: str | None = None
    choice: str | None = None
    item: str | None = None
    seen: str | None = None
    at: datetime | None = None

    def dump(self) -> str:
        """The text a button or option carries (Slack: 2,000 and 150 characters)."""
        return self.model_dump_json(exclude_none=True)

    @classmethod
    def read(cls, value: str | None) -> "PlanRef | None":
        """The reference in a button's value; None when another version of owroute wrote it."""
        try:
            return cls.model_validate_json(value or "")
        except ValidationError:
            return None


class GpuRef(BaseModel):
    """The GPU run and generation a button was drawn for; `choice` in a menu.

    `at` is the stop time that was shown, on *Extend 1 h*; `w` the window that a form was opened in.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    v: Literal[1] = 1
    g: GpuId
    n: int
    choice: str | None = None
    at: datetime | None = None
    w: str | None = None

    def dump(self) -> str:
        """The text a button or option carries."""
        return self.model_dump_json(exclude_none=True)

    @classmethod
    def read(cls, value: str | None) -> "GpuRef | None":
        """The reference in a button's value; None when another version of owroute wrote it."""
        try:
            return cls.model_validate_json(value or "")
        except ValidationError:
            return None


class PlaceRef(BaseModel):
    """The channel a form was opened for; `z`: its time zone was suggested, not set."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    v: Literal[1] = 1
    c: ChannelId
    z: bool = False

    def dump(self) -> str:
        """The text a view or a button carries."""
        return self.model_dump_json(exclude=set() if self.z else {"z"})

    @classmethod
    def read(cls, value: str | None) -> "PlaceRef | None":
        """The channel; None when another version of owroute wrote it."""
        try:
            return cls.model_validate_json(value or "")
        except ValidationError:
            return None


class DigestRef(BaseModel):
    """The digest a button was drawn for: whose, and of which ISO week (`2026-W48`).

    No channel: the workspace's.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    v: Literal[1] = 1
    w: str
    c: ChannelId | None = None

    def dump(self) -> str:
        """The text a button carries."""
        return self.model_dump_json(exclude_none=True)

    @classmethod
    def read(cls, value: str | None) -> "DigestRef | None":
        """The digest; None when another version of owroute wrote it."""
        try:
            return cls.model_validate_json(value or "")
        except ValidationError:
            return None


class PagesRef(BaseModel):
    """The pages that the long sections of a Home are turned to, from 0."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    v: Literal[1] = 1
    needs: int = 0
    plans: int = 0
    gpus: int = 0

    def dump(self) -> str:
        """The text that a button and the view carry."""
        return self.model_dump_json()

    @classmethod
    def read(cls, value: str | None) -> "PagesRef | None":
        """The pages; None when another version of owroute wrote it."""
        try:
            return cls.model_validate_json(value or "")
        except ValidationError:
            return None
