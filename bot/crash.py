"""Named places where a test may end the process, to prove that nothing is lost or done twice there.

`OWROUTE_CRASH_AT=outbox.after_post:2` ends it at the second visit. Without the variable a visit
costs one dictionary look-up.
"""

import os
from collections import Counter

POINTS = (
    "submit.before_commit",
    "submit.after_commit",
    "publish.after_claim",
    "publish.after_decide",
    "publish.before_commit",
    "publish.after_commit",
    "outbox.after_claim",
    "outbox.before_post",
    "outbox.after_post",
    "outbox.after_settle",
)
"""Every place there is: one on each side of each commit and each outside call."""

END_POINTS = ("end.after_read", "end.before_call", "end.after_call")
"""The same around what is asked of a provider when a GPU is to be stopped."""

UPLOAD_POINTS = ("upload.before_complete", "upload.after_complete")
"""The same around the one call that posts files."""

HANDED_POINTS = ("handed.before_commit", "handed.after_commit", "handed.after_ack")
"""Where somebody has asked for files: around their commit, and behind the acknowledgement."""

_visits: Counter[str] = Counter()


def crash_point(name: str) -> None:
    """End the process here, as kill -9 would, if the environment says so."""
    wanted, _, count = os.environ.get("OWROUTE_CRASH_AT", "").partition(":")
    if wanted != name:
        return
    _visits[name] += 1
    if _visits[name] == int(count or 1):
        os._exit(137)
