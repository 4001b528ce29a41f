"""What commands need that run without Slack: a few settings, and the way to the engine."""

from typing import Any

import httpx
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from owroute.commands.exits import Code, stop
from owroute.commands.speech import Speech
from owroute.settings import Secret, Url
from owroute.settings_words import sentence
from owroute.words import translator

CONNECT_SECONDS = 3
REQUEST_SECONDS = 10


class Alone(BaseSettings):
    """Those of `Settings` that mean something without Slack, from the environment or `.env`."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        case_sensitive=True,
        env_ignore_empty=True,
        env_file=".env",
        env_file_encoding="utf-8",
        hide_input_in_errors=True,
        str_strip_whitespace=True,
    )

    engine_url: Url | None = Field(default=None, alias="OWROUTE_ENGINE_URL")
    engine_token: Secret | None = Field(default=None, alias="OWROUTE_ENGINE_TOKEN")
    public_url: Url | None = Field(default=None, alias="OWROUTE_PUBLIC_URL")

    @property
    def token(self) -> str | None:
        """The engine's bearer token in the clear, for its header only."""
        return self.engine_token.get_secret_value() if self.engine_token else None


def settings_alone(say: Speech) -> Alone:
    """The settings; their problems end the command, one sentence a line."""
    translate = translator(say.lang)
    try:
        return Alone()
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        stop(Code.BAD_INPUT, *(sentence(str(p["loc"][0]), p["type"], translate) for p in problems))
    except (OSError, UnicodeDecodeError):
        stop(Code.BAD_INPUT, sentence(".env", "unreadable", translate))


def engine_client(settings: Alone) -> httpx.AsyncClient:
    """The way to the engine: at its URL if one is set, else in this process."""
    if settings.engine_url is None:
        return httpx.AsyncClient(transport=_embedded(), base_url="http://engine", trust_env=False)
    token = settings.token
    return httpx.AsyncClient(
        base_url=settings.engine_url,
        headers={"authorization": f"Bearer {token}"} if token else {},
        trust_env=False,
        timeout=httpx.Timeout(REQUEST_SECONDS, connect=CONNECT_SECONDS),
    )


def _embedded() -> Any:
    from engine.app import create_app, load_data  # noqa: PLC0415  # FastAPI only where it serves

    return httpx.ASGITransport(app=create_app(load_data()), raise_app_exceptions=False)
