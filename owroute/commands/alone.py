"""What commands need that run without Slack: a few settings."""

from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import SettingsConfigDict

from owroute import settings_checks as check
from owroute.commands.exits import Code, stop
from owroute.commands.speech import Speech
from owroute.settings import HUB, HubUrl, Settings
from owroute.settings_providers import ProviderSettings, Secret, Url
from owroute.settings_words import sentence
from owroute.words import translator


def _usual(name: str) -> Any:
    return Settings.model_fields[name].default


class Alone(ProviderSettings):
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
        validate_default=False,
    )

    engine_url: Url | None = Field(default=None, alias="OWROUTE_ENGINE_URL")
    engine_token: Secret | None = Field(default=None, alias="OWROUTE_ENGINE_TOKEN")
    public_url: Url | None = Field(default=None, alias="OWROUTE_PUBLIC_URL")
    hub_url: HubUrl = Field(default=HUB, alias="HF_ENDPOINT")
    hub_token: Secret | None = Field(default=None, alias="HF_TOKEN")
    data_dir: Annotated[Path, AfterValidator(check.data_dir)] = Field(
        default=_usual("data_dir"), alias="OWROUTE_DATA_DIR", validate_default=True
    )

    @property
    def token(self) -> str | None:
        """The engine's bearer token in the clear, for its header only."""
        return self.engine_token.get_secret_value() if self.engine_token else None

    @property
    def overlay(self) -> Path:
        """The folder of the team's own rules, models and prices; it need not exist."""
        return self.data_dir / "overlay"

    @property
    def hub_bearer(self) -> str | None:
        """The hub's token in the clear, for its header only."""
        return self.hub_token.get_secret_value() if self.hub_token else None


class WithDatabase(Alone):
    """The same for what also reads the bot's database."""

    database: Annotated[SecretStr, BeforeValidator(check.database_url)] | None = Field(
        default=None, alias="OWROUTE_DATABASE_URL"
    )

    @property
    def database_url(self) -> str:
        """SQLAlchemy's URL; it may hold a password: never print it."""
        if self.database is None:
            return f"sqlite+aiosqlite:///{self.data_dir / 'owroute.db'}"
        return self.database.get_secret_value()


Kind = TypeVar("Kind", bound=Alone)


def settings_alone(say: Speech) -> Alone:
    """The settings; their problems end the command, one sentence a line."""
    return settings_of(Alone, say)


def settings_of(kind: type[Kind], say: Speech) -> Kind:
    """The same, of one kind."""
    translate = translator(say.lang)
    try:
        return kind()
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        stop(Code.BAD_INPUT, *(sentence(str(p["loc"][0]), p["type"], translate) for p in problems))
    except (OSError, UnicodeDecodeError):
        stop(Code.BAD_INPUT, sentence(".env", "unreadable", translate))
