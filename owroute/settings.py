"""Every setting of owroute, from the environment or `.env`, checked once at the start.

`load` gives `Settings` or raises `SettingsError` with one sentence per problem. A value that is a
secret, or may hold one (a database's password), is a `SecretStr`; no error repeats what was typed.
Each description is also the setting's line in docs/install.md, which a test compares.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from typing_extensions import override

from bot.domain.digest_when import MONDAY, WeekTime
from bot.domain.reminders import NIGHT, ReminderRules
from bot.domain.schedule import DAY, QuietHours
from bot.domain.watch import WatchRules
from owroute import settings_checks as check
from owroute.settings_providers import ProviderSettings, Secret, Url
from owroute.settings_words import sentence
from owroute.words import language_of, translator

NotYet = Annotated[SecretStr | None, BeforeValidator(check.not_yet)]
After = Annotated[timedelta, BeforeValidator(check.remind_after)]
Every = Annotated[timedelta, BeforeValidator(check.remind_every)]
PollEvery = Annotated[timedelta, BeforeValidator(check.poll_every)]
PingAfter = Annotated[timedelta, BeforeValidator(check.ping_after)]
PingEvery = Annotated[timedelta, BeforeValidator(check.ping_every)]
DigestAt = Annotated[WeekTime, BeforeValidator(check.digest_at)]
Quiet = Annotated[QuietHours | None, BeforeValidator(check.quiet_hours)]
HubUrl = Annotated[str | None, BeforeValidator(check.hub_url)]
WATCH = WatchRules()
HUB = "https://huggingface.co"


class Transport(StrEnum):
    """How Slack reaches the bot."""

    SOCKET = "socket"
    HTTP = "http"


class SettingsError(Exception):
    """The settings cannot be used. `problems` are sentences for the operator, without any value."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Settings(ProviderSettings):
    """What an operator can set. Names are the aliases; URLs have no trailing slash save Slack's."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        case_sensitive=True,
        env_ignore_empty=True,
        hide_input_in_errors=True,
        str_strip_whitespace=True,
        validate_default=False,
    )

    slack_bot_token: Annotated[SecretStr, BeforeValidator(check.bot_token)] = Field(
        alias="SLACK_BOT_TOKEN",
        description="Bot token of the installed Slack app, `xoxb-...`. Required.",
    )
    slack_app_token: Annotated[SecretStr, BeforeValidator(check.app_token)] | None = Field(
        default=None,
        alias="SLACK_APP_TOKEN",
        description="App-level token, `xapp-...`. If it is set, owroute uses Socket Mode.",
    )
    slack_signing_secret: Secret | None = Field(
        default=None,
        alias="SLACK_SIGNING_SECRET",
        description="Proves that a request comes from Slack. Required without `SLACK_APP_TOKEN`.",
        validate_default=True,
    )
    slack_client_id: NotYet = Field(
        default=None,
        alias="SLACK_CLIENT_ID",
        description="Refused today: many workspaces by OAuth come later.",
    )
    slack_client_secret: NotYet = Field(
        default=None,
        alias="SLACK_CLIENT_SECRET",
        description="Refused today, as above.",
    )
    slack_api_url: Annotated[str, BeforeValidator(check.slack_api_url)] = Field(
        default="https://slack.com/api/",
        alias="SLACK_API_URL",
        description="Base of Slack's Web API, up to `/api/`.",
    )
    host: Annotated[str, BeforeValidator(check.host)] = Field(
        default="127.0.0.1",
        alias="OWROUTE_HOST",
        description="Address to listen on.",
    )
    port: int = Field(
        default=3000,
        ge=0,
        le=65535,
        alias="OWROUTE_PORT",
        description="Port to listen on; 0 takes any free one.",
    )
    public_url: Url | None = Field(
        default=None,
        alias="OWROUTE_PUBLIC_URL",
        description="HTTPS address for Slack and for captures; goes into `owroute manifest`.",
    )
    data_dir: Annotated[Path, AfterValidator(check.data_dir)] = Field(
        default=Path("owroute-data"),
        alias="OWROUTE_DATA_DIR",
        description="Folder for the SQLite file, its lock, and your own data in `overlay`.",
        validate_default=True,
    )
    database: Annotated[SecretStr, BeforeValidator(check.database_url)] | None = Field(
        default=None,
        alias="OWROUTE_DATABASE_URL",
        description="`postgresql://...` or `sqlite:///file`. Empty: SQLite in the data folder.",
    )
    engine_url: Url | None = Field(
        default=None,
        alias="OWROUTE_ENGINE_URL",
        description="A shared route engine. Empty: the one inside this process.",
    )
    engine_token: Secret | None = Field(
        default=None,
        alias="OWROUTE_ENGINE_TOKEN",
        description="Bearer token of the shared route engine.",
    )
    hub_url: HubUrl = Field(
        default=HUB,
        alias="HF_ENDPOINT",
        description="Where facts about unknown models, and model cards, are read. `off`: nowhere.",
    )
    hub_token: Secret | None = Field(
        default=None,
        alias="HF_TOKEN",
        description="Read token for that hub, for gated models; sent to its host only.",
    )
    remind_after: After = Field(
        default=DAY,
        alias="OWROUTE_EVIDENCE_REMIND_AFTER",
        description="How long an experiment runs before missing evidence is asked for (ISO 8601).",
    )
    remind_every: Every = Field(
        default=DAY,
        alias="OWROUTE_EVIDENCE_REMIND_EVERY",
        description="How often it is asked for, where a channel has no setting: days, or `PT4H`.",
    )
    gpu_poll_every: PollEvery = Field(
        default=WATCH.poll_every,
        alias="OWROUTE_GPU_POLL_EVERY",
        description="How often each provider is asked for its machines (ISO 8601).",
    )
    gpu_ping_after: PingAfter = Field(
        default=WATCH.ping_after,
        alias="OWROUTE_GPU_PING_AFTER",
        description="How long a GPU runs without a shutdown plan before its owner is pinged.",
    )
    gpu_ping_every: PingEvery = Field(
        default=WATCH.ping_every,
        alias="OWROUTE_GPU_PING_EVERY",
        description="How often its owner is pinged after that, until there is a plan.",
    )
    quiet_hours: Quiet = Field(
        default=NIGHT,
        alias="OWROUTE_QUIET_HOURS",
        description="Hours of the reader's day without reminders and pings. `off`: none.",
    )
    digest_at: DigestAt = Field(
        default=MONDAY,
        alias="OWROUTE_DIGEST_AT",
        description="When weekly digests come, by the channel's clock, where it has no setting.",
    )
    tick_seconds: float = Field(
        default=10,
        ge=0.1,
        le=60,
        alias="OWROUTE_TICK_SECONDS",
        description="How often due work is looked for, in seconds.",
    )
    heartbeat_url: Annotated[SecretStr, BeforeValidator(check.url_with_query)] | None = Field(
        default=None,
        alias="OWROUTE_HEARTBEAT_URL",
        description="Fetched after each clean cycle, so that a silent bot is noticed elsewhere.",
    )

    @field_validator("slack_signing_secret")
    @classmethod
    def _proof_over_http(cls, secret: SecretStr | None, others: ValidationInfo) -> SecretStr | None:
        """Without it, anybody who finds the address could speak as Slack."""
        if secret is None and others.data.get("slack_app_token", ...) is None:
            raise PydanticCustomError("missing", "missing")
        return secret

    @property
    def transport(self) -> Transport:
        """Socket Mode needs no public address, so it is taken wherever it is possible."""
        return Transport.HTTP if self.slack_app_token is None else Transport.SOCKET

    @property
    def engine_bearer(self) -> str | None:
        """The engine's token in the clear, for its header only."""
        return self.engine_token.get_secret_value() if self.engine_token else None

    @property
    def hub_bearer(self) -> str | None:
        """The hub's token in the clear, for its header only."""
        return self.hub_token.get_secret_value() if self.hub_token else None

    @property
    def reminders(self) -> ReminderRules:
        """When evidence is asked for, where a channel has no settings of its own."""
        return ReminderRules(self.remind_after, self.remind_every, self.quiet_hours, self.digest_at)

    @property
    def watch(self) -> WatchRules:
        """How often providers are asked, and when and how often people are pinged."""
        return WatchRules(
            self.gpu_poll_every, self.gpu_ping_after, self.gpu_ping_every, self.quiet_hours
        )

    @property
    def database_url(self) -> str:
        """SQLAlchemy's URL with an asynchronous driver. It may hold a password: never log it."""
        if self.database is None:
            return f"sqlite+aiosqlite:///{self.data_dir / 'owroute.db'}"
        return self.database.get_secret_value()

    @property
    def overlay(self) -> Path:
        """The folder of the team's own rules, models and prices; it need not exist."""
        return self.data_dir / "overlay"

    @property
    def is_sqlite(self) -> bool:
        """One file and one serving process; otherwise Postgres."""
        return self.database_url.startswith("sqlite")

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What `load` was handed, then the file: the process's environment only through `load`."""
        return init_settings, dotenv_settings


def load(environ: Mapping[str, str], *, env_file: Path | None = Path(".env")) -> Settings:
    """The settings in `environ`, and in `env_file`, if one is wanted, where `environ` is silent.

    An empty value counts as not set. Raises `SettingsError` in the terminal's language.
    """
    translate = translator(language_of(environ))
    given: dict[str, Any] = {name: value for name, value in environ.items() if value.strip()}
    try:
        return Settings(_env_file=env_file, _env_file_encoding="utf-8", **given)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        sentences = [sentence(_alias(str(p["loc"][0])), p["type"], translate) for p in problems]
        raise SettingsError(tuple(sentences)) from None
    except (OSError, UnicodeDecodeError):
        raise SettingsError((sentence(str(env_file), "unreadable", translate),)) from None


def unknown(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Names in `environ` that look like settings of owroute and are none: mistyped, or of old."""
    known = {field.alias for field in Settings.model_fields.values()}
    return tuple(sorted(n for n in environ if n.startswith("OWROUTE_") and n not in known))


def _alias(location: str) -> str:
    """What the operator calls it: for a wrong default pydantic names the field, not its alias."""
    field = Settings.model_fields.get(location)
    return field.alias or location if field else location
