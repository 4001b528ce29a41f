"""Who works in the demo's workspace, where they talk, and the app that is installed there."""

from datetime import timedelta
from functools import cache
from pathlib import Path

from owroute.manifest import manifest_text
from sandbox.clock import SharedClock
from sandbox.manifest import Manifest
from sandbox.model import Channel, Seat
from sandbox.workspace import Workspace

BOT_USER = "U0OWROUTE1"
BOT_TOKEN = "xoxb-demo-local-only"  # noqa: S105  # opens nothing but the sandbox on loopback
APP_TOKEN = "xapp-demo-local-only"  # noqa: S105  # the same
SIGNING_SECRET = "demo-signing-secret-on-loopback"  # noqa: S105  # the same

ADA = Seat("U0ADA00001", "ada", "Ada", tz="Europe/London", color="0f766e")
LIN = Seat("U0LIN00001", "lin", "林", tz="Asia/Shanghai", locale="zh-CN", color="b45309")
GRACE = Seat(
    "U0GRACE001", "grace", "Grace", tz="America/New_York", is_admin=True, color="6d28d9"
)  # fmt: skip
PEOPLE = (ADA, LIN, GRACE)
"""An engineer, a lead whose Slack speaks Chinese, and a workspace admin."""

EVERYBODY = frozenset(seat.id for seat in PEOPLE)

CHANNELS = (
    Channel(
        "C0MLLAB0001", "ml-lab", EVERYBODY | {BOT_USER},
        topic="Where open-weight models are planned",
    ),
    Channel("C0COURSE001", "course-team", EVERYBODY | {BOT_USER}, topic="课程助教"),
    Channel("C0GENERAL01", "general", EVERYBODY, topic="Add owroute to use it here"),
)  # fmt: skip


def create_workspace(
    clock_file: Path, *, optional: tuple[str, ...] = (), behind: timedelta = timedelta(0)
) -> Workspace:
    """The workspace with everybody in it; `optional` are the manifest's parts that were granted.

    A clock that is new begins `behind` the real one.
    """
    return Workspace.create(
        SharedClock(clock_file, behind=behind),
        _manifest(),
        team_name="Small AI Team",
        people=PEOPLE,
        channels=CHANNELS,
        bot_token=BOT_TOKEN,
        app_token=APP_TOKEN,
        bot_user_id=BOT_USER,
        granted_optional=optional,
    )


@cache
def _manifest() -> Manifest:
    """The app as shipped; the tests' many workspaces understand it once."""
    return Manifest.parse(manifest_text(frozenset({"reconcile", "intro"}), None))
