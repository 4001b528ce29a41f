"""The line that starts a guard, to show."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.cards import guard
from bot.domain.delivery import Message
from bot.domain.fleet import Machine, Provider
from bot.domain.gpu import GpuRun
from tests.cards.gpuing import BY_ADA, MANUAL, NOW, POD

URL = "https://owroute.example.org"
SECRET = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"


def line(
    run: GpuRun | None, label: str = "OW-12", url: str | None = URL, token: str | None = SECRET
) -> Callable[[str], Message]:
    place: dict[str, Any] = {"zone": "Europe/Berlin", "now": NOW, "public_url": url}
    return lambda lang: guard.guard_message(label, run, lang, token=token, **place)


def at(provider: Provider) -> GpuRun:
    return replace(POD, machine=Machine(provider, "default", "m-1"), name=None)


GUARDING: dict[str, Callable[[str], Message]] = {
    "gpu_guard": line(replace(POD, deadline=BY_ADA)),
    "gpu_guard_no_time": line(POD),
    "gpu_guard_alone": line(POD, url=None, token=None),
    "gpu_guard_unseen": line(None, token=None),
    "gpu_guard_aws": line(at(Provider.AWS), "GPU-7"),
    "gpu_guard_vast": line(at(Provider.VAST)),
    "gpu_guard_dstack": line(at(Provider.DSTACK)),
    "gpu_guard_unfilled": line(
        replace(
            MANUAL,
            machine=replace(MANUAL.machine, account="RunPod"),
            stop_command="runpodctl stop pod '{id}'",
        )
    ),
    "gpu_guard_own_command": line(replace(MANUAL, stop_command="sudo stop 'it all' <now> `x`")),
    "gpu_guard_revoked": lambda lang: guard.revoked_message(POD, lang),
}
