"""The dialog before a machine is ended: what stops, what is lost, and what goes on billing."""

from bot.cards import blocks, say
from bot.cards.gpu_money import disk_words, usd
from bot.cards.gpu_say import machine_words, provider_words
from bot.cards.gpu_view import RunView
from bot.cards.i18n import words
from bot.cards.text import Mrkdwn, joined, one_line
from bot.domain.delivery import Block
from bot.domain.fleet import Ending
from bot.domain.gpu import GpuRun

NAME = 40
"""Characters of a name in the title, which has a hundred."""

KEEPS_DISK = ("runpod_stop", "vast_stop", "aws_stop")
"""Acts after which a disk is billed; words `then_*`, which also stand on the card."""

BARE = ("runpod_stop", "runpod_terminate")
"""Acts that read otherwise where there is no volume; words `*_bare`."""

_KNOWN = (*KEEPS_DISK, "runpod_terminate", "vast_terminate", "aws_terminate", "dstack_end_run")


def stop_dialog(view: RunView, lang: str) -> Block:
    """Before *Stop now*, whatever that does here."""
    say_ = words(lang).gpu_stop
    title = say_.title_stop(one_line(view.run.label, NAME))
    answers = (say_.yes_stop(), say_.no_stop())
    return _dialog(title, view, view.run.ending, answers, lang)


def terminate_dialog(view: RunView, lang: str) -> Block:
    """Before *Terminate*."""
    say_ = words(lang).gpu_stop
    title = say_.title_terminate(one_line(view.run.label, NAME))
    answers = (say_.yes_terminate(), say_.no_terminate())
    return _dialog(title, view, Ending.TERMINATE, answers, lang)


def disown_dialog(view: RunView, lang: str) -> Block:
    """Before *Not ours*, which nobody can see at the provider."""
    say_ = words(lang).gpu_stop
    title = say_.title_disown(one_line(view.run.label, NAME))
    return blocks.confirm(title, say_.disown(), say_.yes_disown(), say_.no_disown())


def after_stop(run: GpuRun, lang: str) -> Mrkdwn | None:
    """What *Stop now* really does, for the card, where it does not simply end the bill."""
    act = _act(run, run.ending)
    if act in KEEPS_DISK and run.storage_per_hour is None and not run.volume_gb:
        return None
    if act in (*KEEPS_DISK, "dstack_end_run"):
        return say.spoken(lang, "gpu_stop", f"then_{act}", disk_words(run, lang))
    only_deletes = run.ending is Ending.TERMINATE and run.is_live
    return words(lang).gpu_stop.only_terminate() if only_deletes else None


def _dialog(
    title: Mrkdwn, view: RunView, ending: Ending, answers: tuple[Mrkdwn, Mrkdwn], lang: str
) -> Block:
    told = [_what(view, lang), _does(view.run, ending, lang)]
    if view.hold:
        told.append(words(lang).gpu_stop.on_hold())
    return {**blocks.confirm(title, joined("\n", *told), *answers), "style": "danger"}


def _what(view: RunView, lang: str) -> Mrkdwn:
    """The machine and its price."""
    run, say_ = view.run, words(lang).gpu
    machine = say_.at_provider(machine_words(run, lang), provider_words(run))
    if not run.is_live:
        return joined(" · ", machine, disk_words(run, lang))
    if run.price_per_hour is None:
        return joined(" · ", machine, words(lang).gpu_money.price_unknown())
    return joined(" · ", machine, words(lang).gpu_money.an_hour(usd(run.price_per_hour, lang)))


def _does(run: GpuRun, ending: Ending, lang: str) -> Mrkdwn:
    act = _act(run, ending)
    disk = disk_words(run, lang)
    if act in BARE and not run.volume_gb:
        return say.spoken(lang, "gpu_stop", f"{act}_bare")
    return say.spoken(lang, "gpu_stop", act, disk)


def _act(run: GpuRun, ending: Ending) -> str:
    act = f"{run.machine.provider.value}_{ending.value}"
    return act if act in _KNOWN else f"other_{ending.value}"
