"""A model that the catalogue does not have, for `owroute fit`: its shape as the hub tells it."""

from typing import NoReturn

import typer
from pydantic import TypeAdapter, ValidationError

from bot.cards.hub import told
from bot.domain.hub import Found, HubAnswer, Lack
from engine.contract import ModelItem, Weights
from engine.contract_scalars import Repo
from owroute.commands.alone import settings_alone
from owroute.commands.exits import Code, stop
from owroute.commands.fit_choice import Unknown
from owroute.commands.speech import Speech, plain
from owroute.hub_client import model_hub

STORED = "BF16"
"""The format in which the files of a model are taken to be published, as the engine takes them."""

_OF_THE_SHAPE = (Lack.GATED, Lack.CONFIG, Lack.COUNT, Lack.ATTENTION)


async def described(unknown: Unknown, say: Speech) -> ModelItem:
    """The model as the hub describes it; where it does not, the command ends and says why."""
    repo = unknown.typed.strip()
    if not _is_repo(repo):
        raise unknown
    settings = settings_alone(say)
    async with model_hub(settings.hub_url, settings.hub_bearer) as hub:
        answer = await hub.facts(repo, None)
    if not isinstance(answer, Found) or answer.facts.architecture is None:
        _ended(unknown, answer, say)
    for sentence in _sentences(repo, answer, say):
        typer.echo(sentence, err=True)
    facts = answer.facts
    return ModelItem(
        repo=repo, family_id="", license_id=facts.license_id or "", revision=facts.revision,
        architecture=answer.facts.architecture, weights=(Weights(scheme=STORED, repo=repo),),
        source=say.fit_from_hub(facts.revision or "-", STORED),
    )  # fmt: skip


def _ended(unknown: Unknown, answer: HubAnswer, say: Speech) -> NoReturn:
    catalogue = say.fit_unknown_model(unknown.typed, ", ".join(unknown.near))
    stop(Code.BAD_INPUT, catalogue, *_sentences(unknown.typed.strip(), answer, say))


def _sentences(repo: str, answer: HubAnswer, say: Speech) -> list[str]:
    """What the hub lacks of the shape; a licence does not change whether a model fits."""
    if isinstance(answer, Found):
        answer = Found(answer.facts, tuple(k for k in answer.lacks if k in _OF_THE_SHAPE))
    return [plain(sentence) for sentence in told(repo, None, answer, say.lang)]


def _is_repo(text: str) -> bool:
    try:
        TypeAdapter(Repo).validate_python(text)
    except ValidationError:
        return False
    return True
