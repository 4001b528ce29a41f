"""A decision for the command line: a model that the engine does not know is asked of the hub."""

import typer

from bot.cards.hub import can_be_given, hub_sentences
from bot.cards.i18n import words
from bot.ports import RouteEngine
from bot.services.facts import DecideCard, Decided
from engine.contract import ConstraintCard, DecisionCard
from owroute.commands.alone import settings_alone
from owroute.commands.speech import Speech, plain
from owroute.hub_client import model_hub


async def informed(engine: RouteEngine, card: ConstraintCard, say: Speech) -> DecisionCard:
    """The decision; why the hub was no help goes to standard error, so that scripts stay whole."""
    return (await _decided(engine, card, say)).decision


async def with_facts(engine: RouteEngine, card: ConstraintCard, say: Speech) -> ConstraintCard:
    """The card with what the hub knows of a model that the engine does not; said as above."""
    return (await _decided(engine, card, say)).facts.on(card)


async def _decided(engine: RouteEngine, card: ConstraintCard, say: Speech) -> Decided:
    settings = settings_alone(say)
    async with model_hub(settings.hub_url, settings.hub_bearer) as hub:
        decided = await DecideCard(engine=engine, hub=hub)(card, say.lang)
    if decided.said is not None:
        next_step = [words(say.lang).hub.use_file()] if can_be_given(decided.said) else []
        said = [*hub_sentences(card, decided.said, say.lang), *next_step]
        typer.echo(" ".join(map(plain, said)), err=True)
    return decided
