"""Where and how a person ends a machine without owroute: the provider's console and the command."""

import re
import shlex
from urllib.parse import quote

from bot.cards.gpu_say import provider_words
from bot.cards.i18n import words
from bot.cards.text import Mrkdwn, code, joined, link
from bot.domain.fleet import Ending, Provider
from bot.domain.gpu import GpuRun

_WEB = re.compile(r"https?://[^\s<>|\"'`\\]{1,500}")


def by_hand(run: GpuRun, ending: Ending, lang: str) -> Mrkdwn | None:
    """The console as a link and the exact command, as far as they are known."""
    say_, url, command = words(lang).gpu, console_of(run), command_of(run, ending)
    ways = []
    if url:
        ways.append(link(url, say_.console(provider_words(run))))
    if command:
        ways.append(code(command))
    return joined(" · ", *ways) if ways else None


def console_of(run: GpuRun) -> str | None:
    """The page of a provider's console; for a manual entry what was given, if it is an address."""
    if run.console_url:
        return run.console_url if _WEB.fullmatch(run.console_url) else None
    match run.machine.provider:
        case Provider.RUNPOD:
            return "https://console.runpod.io/pods"
        case Provider.AWS:
            region, machine = quote(run.machine.region), quote(run.machine.instance_id)
            at = f"https://console.aws.amazon.com/ec2/home?region={region}"
            return f"{at}#InstanceDetails:instanceId={machine}"
        case Provider.VAST:
            return "https://cloud.vast.ai/instances/"
        case Provider.DSTACK | Provider.MANUAL:
            return None


def command_of(run: GpuRun, ending: Ending) -> str | None:
    """What ends it from a terminal; quoted, as a provider's text is not to be trusted."""
    if run.stop_command:
        return run.stop_command
    argv = _argv(run, deletes=ending is Ending.TERMINATE)
    return shlex.join(argv) if argv else None


def _argv(run: GpuRun, *, deletes: bool) -> tuple[str, ...]:
    machine, name = run.machine, run.machine.instance_id
    match machine.provider:
        case Provider.RUNPOD if run.cluster:
            return ()
        case Provider.RUNPOD:
            return ("runpodctl", "remove" if deletes else "stop", "pod", name)
        case Provider.AWS:
            act = "terminate-instances" if deletes else "stop-instances"
            return ("aws", "ec2", act, "--region", machine.region, "--instance-ids", name)
        case Provider.DSTACK:
            project = ("--project", machine.project) if machine.project else ()
            return ("dstack", "stop", *project, run.label)
        case Provider.VAST:
            return ("vastai", "destroy" if deletes else "stop", "instance", name)
        case Provider.MANUAL:
            return ()
