"""One's own: open experiments with the next step of each, and GPUs with what they cost today."""

from bot.cards import ids, say
from bot.cards.blocks import actions, button, header, headline, section
from bot.cards.gpu_buttons import terminate_button
from bot.cards.gpu_money import cost_words, disk_words, spent_words, usd
from bot.cards.gpu_say import machine_words, run_name
from bot.cards.gpus import line_buttons, line_on_home, plan_words
from bot.cards.gpus_view import Line
from bot.cards.home_pages import turning
from bot.cards.home_view import Burn, GpuNeed, HomeSeen, OwnGpu, OwnPlan
from bot.cards.i18n import words
from bot.cards.steps import first_step
from bot.cards.text import Mrkdwn, joined, one_line
from bot.domain.delivery import Block
from bot.domain.fleet import Ending

TASK = 80


def my_experiments(seen: HomeSeen, lang: str) -> list[Block]:
    """Every open one: how it stands, and its primary button."""
    say_, page = words(lang).home, seen.plans
    if not page.total:
        return [header(say_.mine_none()), section(say_.nothing())]
    blocks = [header(say_.mine(page.total))]
    for own in page.shown:
        x = own.x
        title = one_line(x.shown.card.task, TASK)
        blocks.append(headline(say.SIGNS[say.standing(x)], x.label, title))
        blocks.append(section(_standing(own, lang), accessory=first_step(x, lang)))
    return [*blocks, *turning("plans", page, seen.pages, lang)]


def _standing(own: OwnPlan, lang: str) -> Mrkdwn:
    """State, route, evidence, and what it has cost."""
    x, say_ = own.x, words(lang).status
    route = x.decision.route.route if x.decision else x.shown.card.available_route
    parts = [say.standing_words(x, lang), say.route_words(route.value, lang)]
    if own.progress is not None and own.progress.total:
        parts.append(say_.evidence(own.progress.given, own.progress.total))
        if own.progress.claimed:
            parts.append(say_.claimed(own.progress.claimed))
    if own.has_run:
        parts.append(words(lang).gpu.so_far(cost_words(own.spent, lang)))
    if own.per_hour:
        parts.append(words(lang).gpu_money.an_hour(usd(own.per_hour, lang)))
    return joined(" · ", *parts)


def my_gpus(seen: HomeSeen, lang: str) -> list[Block]:
    """Every run of theirs with its price, its cost today and what ends it."""
    say_, page = words(lang).home, seen.gpus
    add = actions([button(words(lang).gpus.add(), ids.ADD_GPU)])
    if not page.total:
        return [header(say_.gpus()), section(burning(seen.burn, lang)), add]
    above = {need.line.run.id for need in seen.needs.shown if isinstance(need, GpuNeed)}
    blocks = [header(say_.gpus()), section(burning(seen.burn, lang))]
    for own in page.shown:
        blocks.append(section(_run(own, lang)))
        if own.line.run.id not in above:
            blocks.append(actions(_row(own.line, lang)))
    return [*blocks, *turning("gpus", page, seen.pages, lang), add]


def burning(burn: Burn, lang: str) -> Mrkdwn:
    """How many run, at what rate, for how much today, and how many nobody is going to stop."""
    say_, list_ = words(lang).home, words(lang).gpus
    today = say_.today(spent_words(burn.today, lang))
    if not burn.running:
        spent = burn.today.known or not burn.today.is_whole
        return joined(" ", say_.none_running(), *([today] if spent else []))
    parts = [say_.running(burn.running)]
    if burn.unpriced and not burn.per_hour:
        parts.append(list_.unpriced(burn.unpriced))
    elif burn.unpriced:
        parts.append(list_.burn_unpriced(usd(burn.per_hour, lang), burn.unpriced))
    else:
        parts.append(list_.burn(usd(burn.per_hour, lang)))
    parts.append(today)
    parts += [list_.planless(burn.planless)] if burn.planless else []
    return joined(" · ", *parts)


def _row(line: Line, lang: str) -> list[Block]:
    """What can be done to a run; to one that is stopped, to delete it."""
    if line.run.is_live:
        return line_buttons(line, lang)
    *_, more = line_buttons(line, lang)
    deletes = line.powers.stops and Ending.TERMINATE in line.run.endings
    return [*([terminate_button(line.view, lang)] if deletes else []), more]


def _run(own: OwnGpu, lang: str) -> Mrkdwn:
    say_, line, run = words(lang).home, own.line, own.line.run
    today = say_.today(cost_words(own.today, lang))
    if not run.is_live:
        disk = say_.disk(disk_words(run, lang))
        name = joined(" · ", run_name(run), machine_words(run, lang))
        return joined("\n", name, joined(" · ", disk, today))
    plan = say_.plan(plan_words(line, lang))
    return joined("\n", line_on_home(line, lang), joined(" · ", today, plan))
