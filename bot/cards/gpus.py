"""The list of GPU runs, in a message, in short, and on Home."""

from collections.abc import Sequence

from bot.cards import ids, say
from bot.cards.blocks import MESSAGE, actions, button, context, option, plain, section, size
from bot.cards.gpu_confirm import stop_dialog
from bot.cards.gpu_money import cost_words, disk_words, spent_words, usd
from bot.cards.gpu_say import (
    PROVIDERS,
    lasted,
    machine_words,
    provider_words,
    run_name,
    when,
)
from bot.cards.gpus_view import GpuListing, Line
from bot.cards.i18n import words
from bot.cards.ids import GpuRef
from bot.cards.tables import NOTHING, Rung, Table, drawn, lines
from bot.cards.text import Mrkdwn, bold, code, esc, joined, one_line
from bot.domain.delivery import Block, Message
from bot.domain.fleet import Billing, Grade
from bot.domain.gpu import GpuRun, RunState
from bot.domain.ids import ChannelId

ROWS = {Rung.DATA_TABLE: 10, Rung.TABLE: 10, Rung.FIELDS: 8}
"""So many fit into a message with their buttons."""

WITH_BUTTONS = 3
CROWDED = 6
"""Longer tables leave room for the buttons of one run less."""

STOPPED = 5
CHOICES = 100
"""So many options a menu of Slack's may have."""

NAME = 32
ASKED = 60


def listing(found: GpuListing, place: ChannelId | None, rung: Rung, lang: str) -> Message:
    """The table, its sums, and the buttons of what its reader may stop."""
    shown = found.running[: ROWS[rung]]
    title, told = _title(found, place, lang), _around(found, shown, place, lang)
    if not shown:
        blocks = [section(title), *(context(line) for line in told), _bottom([], 0, lang)]
        return Message(joined("\n", title, *told), tuple(blocks))
    rows, together = table(found, shown, lang), sums(found, lang)
    mine = [x for x in (*_planless_first(shown), *found.stopped) if x.can_act]
    room = WITH_BUTTONS - (len(shown) > CROWDED)
    first = [x for x in mine if x.run.is_live][:room]
    blocks = [
        section(bold(title)),
        *drawn(rows, rung),
        section(together),
        *([context(joined("\n", *told))] if told else []),
        *(block for line in first for block in _row(line, lang)),
    ]
    blocks.append(_bottom([x for x in mine if x not in first], MESSAGE - size(blocks), lang))
    return Message(joined("\n", title, *lines(rows, lang), together, *told), tuple(blocks))


def _planless_first(shown: Sequence[Line]) -> list[Line]:
    return sorted(shown, key=lambda x: x.view.plan.grade is not Grade.NONE)


def brief(found: GpuListing, lang: str) -> Mrkdwn | None:
    """One line for the short status; None where nothing runs."""
    if not found.running:
        return None
    say_, sums = words(lang).gpus, found.totals
    parts = [say_.brief(len(found.running)), _burn(found, lang)]
    parts += [say_.planless(sums.planless)] if sums.planless else []
    return joined(" · ", *parts)


def line_on_home(line: Line, lang: str) -> Mrkdwn:
    """A run in one line: what, since when, at what price, for how much so far."""
    say_, run, view = words(lang).gpus, line.run, line.view
    price, hourly = run.price_per_hour, words(lang).gpu_money
    return say_.home_line(
        run_name(run),
        machine_words(run, lang),
        lasted(run.age(view.now), lang),
        hourly.price_unknown() if price is None else hourly.an_hour(usd(price, lang)),
        _so_far(line, lang),
    )


def _so_far(line: Line, lang: str) -> Mrkdwn:
    say_, cost = words(lang).gpu, line.view.spent
    known = cost.known or cost.is_whole
    return say_.so_far(cost_words(cost, lang)) if known else say_.cost_unknown()


def _title(found: GpuListing, place: ChannelId | None, lang: str) -> Mrkdwn:
    """How many of which, or that there are none."""
    say_, asked, count = words(lang).gpus, found.asked, len(found.running)
    typed = code(one_line(" ".join(asked.words), ASKED)) if asked.words else None
    kind = "all" if asked.everything else "" if _is_channel(place) else "mine"
    if not count and typed:
        return say_.nothing_matches(typed)
    tail = f"_{kind}" if kind else ""
    if not count:
        return say.spoken(lang, "gpus", f"nothing{tail}")
    title = say.spoken(lang, "gpus", f"running{tail}", count)
    return say_.matching(title, typed) if typed else title


def _around(
    found: GpuListing, shown: Sequence[Line], place: ChannelId | None, lang: str
) -> list[Mrkdwn]:
    """What stands below the table: what it leaves out, disks, hold, and what cannot be read."""
    say_, hidden = words(lang).gpus, len(found.running) - len(shown)
    told = [say_.more(hidden)] if hidden > 0 else []
    told += _disks(found, lang)
    told += [say_.hold()] if found.hold else []
    told += _unseen(found, lang)
    if not shown:
        names = say.listed([PROVIDERS[p] for p in found.watched], lang)
        told.append(say_.watches(names) if found.watched else say_.watches_none())
        told += [] if found.asked.everything else [say_.widen()]
    return told


def _unseen(found: GpuListing, lang: str) -> list[Mrkdwn]:
    """Accounts of which something is not listed, a line each."""
    say_, told = words(lang).gpus, []
    for trouble in found.troubles:
        name = PROVIDERS[trouble.scope.provider]
        since = when(trouble.since or found.now, found.zone, found.now, lang)
        regions = say.listed(trouble.regions, lang)
        told.append(
            say_.trouble_in(name, regions, since) if trouble.regions else say_.trouble(name, since)
        )
    for account in found.closed:
        regions = say.listed(account.regions, lang)
        told.append(say_.closed(PROVIDERS[account.scope.provider], regions))
    return told


def _disks(found: GpuListing, lang: str) -> list[Mrkdwn]:
    """Stopped machines that still cost, a line each."""
    say_ = words(lang).gpus
    told = [say_.stopped(run_name(x.run), _disk(x.run, lang)) for x in found.stopped[:STOPPED]]
    rest = len(found.stopped) - STOPPED
    return [*told, say_.stopped_more(rest)] if rest > 0 else told


def _disk(run: GpuRun, lang: str) -> Mrkdwn:
    """What its disk costs, as far as its provider says."""
    say_, disk = words(lang).gpu, disk_words(run, lang)
    if run.billing is not Billing.STORAGE:
        return say_.disk_unknown(provider_words(run))
    return say_.disk_unpriced(disk) if run.storage_per_hour is None else say_.disk_left(disk)


def table(found: GpuListing, shown: Sequence[Line], lang: str) -> Table:
    """A row per run."""
    say_ = words(lang).gpus
    head = (
        say_.col_name(), say_.col_provider(), say_.col_gpu(), say_.col_age(), say_.col_price(),
        say_.col_cost(), say_.col_plan(), say_.col_owner(),
    )  # fmt: skip
    return Table(say_.caption(), head, tuple(_cells(found, line, lang) for line in shown))


def _cells(found: GpuListing, line: Line, lang: str) -> tuple[Mrkdwn, ...]:
    say_, run, view = words(lang).gpus, line.run, line.view
    price = run.price_per_hour
    owner = found.names.get(run.owner, run.owner) if run.owner else None
    nobody = say_.not_ours() if run.disowned else say_.nobody()
    return (
        _short(run.label),
        _short(PROVIDERS.get(run.machine.provider, run.machine.account)),
        _short(say.machine(run.gpu, run.gpu_count)) if run.gpu else NOTHING,
        lasted(run.age(view.now), lang),
        say_.unknown() if price is None else Mrkdwn(say.money(price)),
        cost_words(view.spent, lang),
        plan_words(line, lang),
        _short(owner) if owner else nobody,
    )


def _short(text: str) -> Mrkdwn:
    return esc(one_line(text, NAME))


def plan_words(line: Line, lang: str) -> Mrkdwn:
    """What will end it, in a few words."""
    say_, run, plan, view = words(lang).gpus, line.run, line.view.plan, line.view
    if run.state is RunState.STOPPING:
        failed = run.stopping is not None and run.stopping.failed_at is not None
        return say_.plan_not_stopped() if failed else say_.plan_stopping()
    if plan.grade is Grade.NONE and run.is_snoozed(view.now) and run.snoozed_until:
        return say_.plan_snoozed(when(run.snoozed_until, view.zone, view.now, lang))
    at = when(plan.stops_at, view.zone, view.now, lang) if plan.stops_at else Mrkdwn()
    kind = "proposed" if plan.proposed else plan.grade.value
    return say.spoken(lang, "gpus", f"plan_{kind}", at)


def sums(found: GpuListing, lang: str) -> Mrkdwn:
    """So far, per hour, and until people are at work again."""
    say_, sums = words(lang).gpus, found.totals
    until = when(sums.until, found.zone, found.now, lang)
    parts = [say_.together(spent_words(sums.spent, lang)), _burn(found, lang)]
    parts += [say_.until(usd(sums.projected, lang), until)] if sums.projected else []
    parts += [say_.planless(sums.planless)] if sums.planless else []
    return joined(" · ", *parts)


def _burn(found: GpuListing, lang: str) -> Mrkdwn:
    say_, sums = words(lang).gpus, found.totals
    if sums.unpriced and not sums.per_hour:
        return say_.unpriced(sums.unpriced)
    cost = usd(sums.per_hour, lang)
    return say_.burn_unpriced(cost, sums.unpriced) if sums.unpriced else say_.burn(cost)


def _row(line: Line, lang: str) -> list[Block]:
    """The buttons of one run, below its name."""
    return [context(run_name(line.run)), actions(line_buttons(line, lang))]


def line_buttons(line: Line, lang: str) -> list[Block]:
    """*It's mine* where it has no owner, *Stop now* or what stands in its place, and more."""
    say_, run = words(lang).gpu_buttons, line.run
    row = [_button(say_.mine(), ids.MINE, run, lang)] if line.powers.takes else []
    if line.powers.stops and run.can_stop and run.state is not RunState.STOPPING:
        dialog = stop_dialog(line.view, lang)
        row.append(_button(say_.stop_now(), ids.STOP_GPU, run, lang, confirm=dialog))
    if line.powers.steers and run.state is not RunState.STOPPING:
        if not run.can_stop:
            row.append(_button(say_.already_stopped(), ids.ALREADY_STOPPED, run, lang))
        row.append(_button(say_.set_shutdown(), ids.SET_SHUTDOWN, run, lang))
    return [*row, _button(words(lang).gpus.open(), ids.OPEN_GPU, run, lang)]


def _button(
    text: Mrkdwn, action_id: str, run: GpuRun, lang: str, *, confirm: Block | None = None
) -> Block:
    says = words(lang).plan.says(text, run.label)
    style = "danger" if confirm else None
    return button(text, action_id, value=_ref(run), style=style, says=says, confirm=confirm)


def _bottom(others: Sequence[Line], room: int, lang: str) -> Block:
    """The other runs to choose from, as far as the message has room, and one to be added."""
    say_ = words(lang).gpus
    row = [button(say_.add(), ids.ADD_GPU)]
    choice: Block = {
        "type": "static_select",
        "action_id": ids.OPEN_GPU,
        "placeholder": plain(say_.choose()),
        "options": [],
    }
    room -= size([actions([choice, *row])])
    for x in others[:CHOICES]:
        line = option(one_line(x.run.label, NAME), _ref(x.run))
        room -= size([line])
        if room < 0:
            break
        choice["options"].append(line)
    return actions([choice, *row] if choice["options"] else row)


def _ref(run: GpuRun) -> str:
    return GpuRef(g=run.id, n=run.generation, choice=ids.ON_LIST).dump()


def _is_channel(place: ChannelId | None) -> bool:
    return place is not None and not place.startswith("D")
