"""Puts an experiment's card, its detail and its history into the outbox.

Always called inside the transaction that changed the experiment, so that what Slack shows and what
the database holds cannot part. Slack's copy is never edited, it is rendered again from here.
"""

from datetime import datetime

from bot.cards import plan as cards
from bot.cards.detail import detail
from bot.cards.steps import CLOSED
from bot.domain.delivery import Message, Op, Outgoing
from bot.domain.evidence import Evidence, progress
from bot.domain.ids import ChannelId
from bot.domain.plans import Experiment
from bot.ports import UnitOfWork


def card_subject(x: Experiment) -> str:
    """The name under which the outbox knows an experiment's card."""
    return f"card:{x.id}"


def record_subject(x: Experiment) -> str:
    """What the subjects of an experiment's records begin with."""
    return f"record:{x.id}:"


def script_subject(x: Experiment) -> str:
    """What the subjects of the capture script in an experiment's thread begin with."""
    return f"script:{x.id}:"


async def language_of_card(uow: UnitOfWork, x: Experiment) -> str:
    """The channel's language, else that of whoever planned last, else English."""
    settings = await uow.channels.get(x.team, x.channel)
    if settings.language:
        return settings.language
    planner = await uow.people.get(x.team, x.latest.submitted_by)
    return planner.language if planner else "en"


async def show_plan(uow: UnitOfWork, x: Experiment, now: datetime) -> None:
    """Post or refresh the card, and its one detail reply once there is a decision.

    The Homes of who is concerned follow.
    """
    lang = await language_of_card(uow, x)
    evidence = await uow.evidence.of(x.id)
    concerned = {x.owner, *(e.assignee for e in evidence)}
    uow.homes.changed(x.team, now, users=concerned, place=x.channel)
    await _show(uow, x, card_subject(x), _card(x, lang, evidence), now)
    if x.decision is not None:
        below = detail(x, evidence, lang)
        await _show(uow, x, f"detail:{x.id}", below, now, thread=card_subject(x))


async def note(uow: UnitOfWork, x: Experiment, message: Message, now: datetime) -> None:
    """Add a line to the card's thread: its history. One per version of the experiment."""
    subject = f"note:{x.id}:{x.version}"
    await uow.outbox.add(
        Outgoing(
            key=f"post:{subject}",
            team=x.team,
            channel=x.channel,
            op=Op.POST,
            subject=subject,
            message=message,
            version=x.version,
            thread=card_subject(x),
        ),
        now,
    )


def _card(x: Experiment, lang: str, evidence: tuple[Evidence, ...]) -> Message:
    if x.latest.problem is not None and x.state not in CLOSED:
        return cards.problem_card(x, lang)
    if x.decision is None:
        return cards.waiting_card(x, lang)
    return cards.decision_card(x, progress(evidence), lang)


async def _show(
    uow: UnitOfWork,
    x: Experiment,
    subject: str,
    message: Message,
    now: datetime,
    thread: str | None = None,
) -> None:
    # open first: a post that settles between the two questions is then seen by the second
    known = await uow.outbox.is_open(x.team, subject) or await uow.outbox.where(x.team, subject)
    op = Op.UPDATE if known else Op.POST
    if known:
        await uow.outbox.supersede_updates(x.team, subject, x.version)
    await uow.outbox.add(
        Outgoing(
            key=f"{op.value}:{subject}:{x.version}",
            team=x.team,
            channel=ChannelId(x.channel),
            op=op,
            subject=subject,
            message=message,
            version=x.version,
            thread=thread,
            fallback=None if thread else x.owner,
        ),
        now,
    )
