"""What `owroute check` looks at: database, Slack, engine, hub, clock, names; it changes nothing."""

import asyncio
import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import packages_distributions
from pathlib import Path

import aiohttp
import typer
import yaml
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.clock import Clock, SystemClock
from bot.domain.hub import Refusal
from bot.errors import EngineUnavailable, StoreUnavailable
from bot.services.gpu.holding import HoldByOperator
from engine.contract import Lang
from engine.load import load_data
from gateways.engine import HttpRouteEngine
from owroute import logs
from owroute.commands.check_providers import provider_findings
from owroute.commands.exits import Code, stop
from owroute.commands.findings import Finding, Mark
from owroute.commands.operator import settings
from owroute.commands.speech import Speech, spoken
from owroute.engine_client import engine_client
from owroute.hub_client import model_hub
from owroute.manifest import EXTRAS, manifest_text, what_is_worse
from owroute.settings import Settings, Transport
from owroute.words import translator
from storage.database import SqlStore, make_engine

OURS = ("owroute", "bot", "handlers", "storage", "gateways", "engine", "sandbox", "capture")
"""The import names of this distribution: generic ones, which another could bring too."""

SKEW_SECONDS = 60
"""From here on a clock is called wrong; Slack's signatures are refused at 300."""

PATIENCE_SECONDS = 10
"""How long Slack may take for one answer."""


TOKEN_ERRORS = ("account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked")
"""Slack's words for a token that will not do."""


def report(say: Speech) -> None:
    """Print a line per finding. Exit code 1 if something must be mended."""
    logs.configure(logging.CRITICAL)
    known = settings(say)
    _print(Finding(Mark.OK, say.check_settings(known.transport.value)))
    findings = asyncio.run(examine(known, SystemClock(), say))
    for finding in findings:
        _print(finding)
    if any(finding.mark is Mark.BAD for finding in findings):
        stop(Code.PROBLEM, say.check_bad())
    typer.echo(say.check_good())


def _print(finding: Finding) -> None:
    typer.echo(f"{finding.mark.value:<4} {finding.text}")


async def examine(known: Settings, clock: Clock, say: Speech) -> list[Finding]:
    """Everything, in the order in which it is worth mending."""
    return [
        *await _database(known, say),
        *await _slack(known, clock, say),
        *await _engine(known, say),
        *_overlay(known, say),
        await _hub(known, say),
        *await provider_findings(known, clock, say),
        _machines(known, say),
        *_names(say),
    ]


async def _database(known: Settings, say: Speech) -> Iterable[Finding]:
    if missing := _missing_file(known):
        return [Finding(Mark.NOTE, say.check_no_database(missing))]
    store = SqlStore(make_engine(known.database_url))
    try:
        await store.ping()
        held = await HoldByOperator(store=store, clock=SystemClock()).look()
    except StoreUnavailable as error:
        return [Finding(Mark.BAD, say.check_database_bad(error))]
    finally:
        await store.close()
    on = [Finding(Mark.NOTE, say.check_held(h.team)) for h in held if h.watching.hold]
    return [Finding(Mark.OK, say.check_database()), *on]


def _missing_file(known: Settings) -> Path | None:
    """The SQLite file that does not exist yet; to connect would make it."""
    file = Path(known.database_url.partition(":///")[2])
    return file if known.is_sqlite and not file.exists() else None


async def _slack(known: Settings, clock: Clock, say: Speech) -> Iterable[Finding]:
    token = known.slack_bot_token.get_secret_value()
    client = AsyncWebClient(token, known.slack_api_url, timeout=PATIENCE_SECONDS)
    try:
        answer = await client.auth_test()
        findings = [Finding(Mark.OK, say.check_slack(answer["user"], answer["team"]))]
        findings += _scopes(answer, say)
        if stamp := _header(answer, "date"):
            findings.append(clock_finding(stamp, clock.now(), say))
        if known.transport is Transport.SOCKET and known.slack_app_token:
            findings.append(await _socket(client, known.slack_app_token.get_secret_value(), say))
    except SlackApiError as error:
        refused = say.check_slack_refuses if _word(error) in TOKEN_ERRORS else say.check_slack_error
        return [Finding(Mark.BAD, refused(_word(error)))]
    except (TimeoutError, aiohttp.ClientError) as error:
        return [Finding(Mark.BAD, say.check_slack_silent(known.slack_api_url, _kind(error)))]
    return findings


async def _socket(client: AsyncWebClient, token: str, say: Speech) -> Finding:
    """Whether the app-level token opens a socket. The address it gives is not used."""
    try:
        await client.apps_connections_open(app_token=token)
    except SlackApiError as error:
        return Finding(Mark.BAD, say.check_socket_refused(_word(error)))
    return Finding(Mark.OK, say.check_socket())


def _scopes(answer: AsyncSlackResponse, say: Speech) -> Iterable[Finding]:
    """The scopes that Slack names in its answer, against the manifest's."""
    named = _header(answer, "x-oauth-scopes")
    if named is None:
        yield Finding(Mark.NOTE, say.check_scopes_unknown())
        return
    granted = {scope.strip() for scope in named.split(",")}
    shipped = yaml.safe_load(manifest_text(frozenset(), None))["oauth_config"]["scopes"]["bot"]
    if missing := [scope for scope in shipped if scope not in granted]:
        yield Finding(Mark.BAD, say.check_scopes_missing(", ".join(missing)))
    else:
        yield Finding(Mark.OK, say.check_scopes())
    extras = frozenset(name for name, extra in EXTRAS.items() if granted.issuperset(extra.scopes))
    for sentence in what_is_worse(extras, translator(say.lang)):
        yield Finding(Mark.NOTE, sentence)


def clock_finding(stamp: str, now: datetime, say: Speech) -> Finding:
    """Our clock beside the `Date` of an answer (RFC 9110, always UTC)."""
    try:
        theirs = parsedate_to_datetime(stamp).replace(tzinfo=UTC)
    except ValueError:
        return Finding(Mark.NOTE, say.check_clock_unknown())
    skew = abs(round((now - theirs).total_seconds()))
    if skew > SKEW_SECONDS:
        return Finding(Mark.BAD, say.check_clock_bad(skew))
    return Finding(Mark.OK, say.check_clock())


async def _engine(known: Settings, say: Speech) -> Iterable[Finding]:
    where = known.engine_url or say.check_engine_here()
    async with engine_client(known.engine_url, known.engine_bearer, known.overlay) as client:
        engine = HttpRouteEngine(client)
        state = await engine.ready()
        if state != "ok":
            return [Finding(Mark.BAD, say.check_engine_bad(where, state))]
        try:
            await engine.hardware("")
        except EngineUnavailable:
            return [Finding(Mark.BAD, say.check_engine_closed(where))]
    return [Finding(Mark.OK, say.check_engine(where))]


def _overlay(known: Settings, say: Speech) -> Iterable[Finding]:
    """What became of the team's own data; an engine elsewhere has an overlay of its own."""
    if known.engine_url is not None:
        return
    use = load_data(overlay=known.overlay).overlay
    if use is None:
        yield Finding(Mark.OK, spoken(say.lang, "rules", "check_none"))
    elif use.findings:
        first = use.findings[0].said(Lang.en if say.lang == "en" else Lang.zh)
        yield Finding(Mark.BAD, spoken(say.lang, "rules", "check_broken", first))
    else:
        yield Finding(Mark.OK, spoken(say.lang, "rules", "check_applied", len(use.files)))


async def _hub(known: Settings, say: Speech) -> Finding:
    """The bot works without it: only what can never work has to be mended."""
    async with model_hub(known.hub_url, known.hub_bearer) as hub:
        state = await hub.ready()
    match state:
        case "ok":
            return Finding(Mark.OK, say.check_hub(known.hub_url))
        case Refusal.OFF:
            return Finding(Mark.NOTE, say.check_hub_off())
        case Refusal.TOKEN:
            return Finding(Mark.BAD, say.check_hub_token(known.hub_url))
        case Refusal.PRIVATE:
            return Finding(Mark.BAD, say.check_hub_private(known.hub_url))
        case _:
            return Finding(Mark.NOTE, say.check_hub_silent(known.hub_url, state))


def _machines(known: Settings, say: Speech) -> Finding:
    """Where captures are sent and guards ask; without a public address both do without."""
    if known.public_url is None:
        return Finding(Mark.NOTE, say.check_machines_alone())
    return Finding(Mark.OK, say.check_machines(known.public_url))


def _names(say: Speech) -> Iterable[Finding]:
    """Another distribution that brings one of our import names would be imported in our place."""
    owners = packages_distributions()
    taken = {name: sorted(set(owners.get(name, ())) - {"owroute"}) for name in OURS}
    if not any(taken.values()):
        return [Finding(Mark.OK, say.check_names())]
    return [
        Finding(Mark.BAD, say.check_name_taken(name, ", ".join(others)))
        for name, others in taken.items()
        if others
    ]


def _header(answer: AsyncSlackResponse, name: str) -> str | None:
    headers = {key.lower(): str(value) for key, value in answer.headers.items()}
    return headers.get(name)


def _word(error: SlackApiError) -> str:
    data = getattr(error.response, "data", None)
    return str(data.get("error", "")) if isinstance(data, dict) else _kind(error)


def _kind(error: BaseException) -> str:
    return type(error).__name__
