"""A line of the audit in people's words: the act, what it was done to, and from what to what.

The audit keeps values, not sentences: here they are read in the language of whoever looks. What
cannot be read, such as a line that an older owroute has written, is shown as it is kept.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial

from bot.cards import personal, settings, settings_said, workspace
from bot.cards.audit_what import PERSON, subject_words
from bot.cards.forms.budget import BUDGET, SPENT, budget_read, exact, parse_budget
from bot.cards.forms.problems import Wrong
from bot.cards.i18n import words
from bot.cards.say import spoken
from bot.cards.text import Mrkdwn, code, joined, mention, moment, one_line
from bot.domain.audit import Entry, fields_in
from bot.domain.ids import ChannelId, TeamId, UserId
from bot.domain.personal import AS_IT_COMES
from bot.domain.reminders import ReminderRules
from bot.domain.watch import NO_CAP, Watching
from bot.domain.workspace import Channel

DETAIL, LINES = 90, 15
"""Characters of a value; changes of one entry that are listed, the rest counted."""

NOT_OURS = "not ours"
_NOBODY = (TeamId(""), ChannelId(""))


def did(entry: Entry, lang: str) -> Mrkdwn:
    """The act and what it was done to: *changed the settings of #ml-lab*."""
    what = subject_words(entry, lang)
    if not is_spoken(entry.action, lang):
        return joined(" ", code(entry.action), what)
    return spoken(lang, "audit", _macro(entry.action), what)


def is_spoken(action: str, lang: str) -> bool:
    """Whether there are words for an act."""
    return hasattr(words(lang).audit, _macro(action))


def _macro(action: str) -> str:
    return f"act_{action.replace('.', '_')}"


def what_changed(entry: Entry, lang: str, rules: ReminderRules) -> list[Mrkdwn]:
    """From what to what, a line per change; nothing where the act says it all."""
    if entry.action in _FIELDS:
        lines = _of_form(entry, lang, rules)
        more = len(lines) - LINES
        return [*lines[:LINES], *([words(lang).decide.more(more)] if more > 0 else [])]
    if not is_spoken(entry.action, lang):
        return _kept(entry)
    read = _VALUES.get(entry.action)
    if read is None or entry.before == entry.after:
        return []
    old_, new_ = (read(text, lang) if text else None for text in (entry.before, entry.after))
    return _from_to(old_, new_)


def _of_form(entry: Entry, lang: str, rules: ReminderRules) -> list[Mrkdwn]:
    old, new = (fields_in(text) for text in (entry.before, entry.after))
    if old is None or new is None:
        return _kept(entry)
    try:
        return _FIELDS[entry.action](old, new, lang, rules)
    except (KeyError, ValueError, Wrong):
        return _kept(entry)


def _from_to(old: Mrkdwn | None, new: Mrkdwn | None) -> list[Mrkdwn]:
    if old is None:
        return [new] if new is not None else []
    return [joined(" → ", old, new if new is not None else "–")]


def _kept(entry: Entry) -> list[Mrkdwn]:
    """As it is kept."""
    told = [one_line(text, DETAIL) for text in (entry.before, entry.after)]
    return _from_to(*(code(text) if text else None for text in told))


def _spoken(template: str, prefix: str, text: str, lang: str) -> Mrkdwn:
    """A value whose words another card has."""
    try:
        return spoken(lang, template, f"{prefix}{text}")
    except AttributeError:
        return code(one_line(text, DETAIL))


def _time(text: str, lang: str) -> Mrkdwn:
    try:
        return moment(datetime.fromisoformat(text))
    except ValueError:
        return code(one_line(text, DETAIL))


def _person(text: str, lang: str) -> Mrkdwn:
    if text == NOT_OURS:
        return words(lang).audit.not_ours()
    return mention(UserId(text)) if PERSON.fullmatch(text) else code(one_line(text, DETAIL))


def _price(text: str, lang: str) -> Mrkdwn:
    """What a GPU costs an hour; behind it may stand whose word that is."""
    try:
        amount = exact(Decimal(text.split(maxsplit=1)[0]))
    except (ArithmeticError, IndexError):
        return code(one_line(text, DETAIL))
    return words(lang).audit.an_hour(words(lang).gpu_money.usd(amount))


_STATE = partial(_spoken, "plan", "state_")
_EVIDENCE = partial(_spoken, "evidence", "state_")
_VALUES: Mapping[str, Callable[[str, str], Mrkdwn]] = {
    "plan.decided": partial(_spoken, "plan", "status_"),
    "plan.concluded": partial(_spoken, "decide", ""),
    "plan.started": _STATE,
    "plan.dropped": _STATE,
    "plan.archived": _STATE,
    "plan.owner_changed": _person,
    "evidence.attached": _EVIDENCE,
    "evidence.accepted": _EVIDENCE,
    "evidence.rejected": _EVIDENCE,
    "evidence.waived": _EVIDENCE,
    "evidence.assigned": _person,
    "evidence.proven": _EVIDENCE,
    "reminder.snoozed": _time,
    "guard.stop_time": _time,
    "gpu.shutdown_set": _time,
    "gpu.extended": _time,
    "gpu.kept": _time,
    "gpu.snoozed": _time,
    "gpu.taken": _person,
    "gpu.disowned": _person,
    "gpu.reassigned": _person,
    "gpu.priced": _price,
    "gpu.end_finished": partial(_spoken, "audit", "ended_"),
    "digest.paused": partial(_spoken, "settings", "digest_"),
    "digest.resumed": partial(_spoken, "settings", "digest_"),
    "channel.joined": lambda text, lang: words(lang).audit.leads(_person(text, lang)),
    "workspace.price": _price,
}
"""How before and after of an act read; of others the act says it all."""

Fields = Mapping[str, str]


def _of_channel(old: Fields, new: Fields, lang: str, rules: ReminderRules) -> list[Mrkdwn]:
    blank = (Channel(*_NOBODY), NO_CAP)
    before, after = (settings.applied(blank, edit) for edit in (old, new))
    return settings_said.change_lines(settings_said.changes(before, after, rules, lang), lang)


def _of_experiment(old: Fields, new: Fields, lang: str, rules: ReminderRules) -> list[Mrkdwn]:
    before, after = (_cap(fields, lang) for fields in (old, new))
    say = words(lang).settings
    told = settings_said.differences(before, after)
    labels = {BUDGET: words(lang).budget.amount_in_all(), SPENT: words(lang).budget.spent()}
    return [say.change(labels[name], was, now) for name, was, now in told]


def _cap(fields: Fields, lang: str) -> dict[str, Mrkdwn]:
    """What an experiment may spend in all."""
    cap, say = parse_budget(fields), words(lang).budget
    amount = words(lang).gpu_money.usd(exact(cap.cap)) if cap.cap else say.nothing()
    return {**budget_read(cap, lang), BUDGET: amount}


def _of_workspace(old: Fields, new: Fields, lang: str, rules: ReminderRules) -> list[Mrkdwn]:
    blank = workspace.Settled(Watching(_NOBODY[0]))
    before, after = (workspace.applied(blank, edit) for edit in (old, new))
    return workspace.change_lines(workspace.changes(before, after, lang), lang)


def _of_person(old: Fields, new: Fields, lang: str, rules: ReminderRules) -> list[Mrkdwn]:
    before, after = (personal.applied(AS_IT_COMES, edit) for edit in (old, new))
    return personal.own_changes(before, after, lang)


_FIELDS: Mapping[str, Callable[[Fields, Fields, str, ReminderRules], list[Mrkdwn]]] = {
    "channel.settings": _of_channel,
    "experiment.budget": _of_experiment,
    "workspace.settings": _of_workspace,
    "person.settings": _of_person,
}
"""Acts on whole forms: what is kept is what was in their fields."""
