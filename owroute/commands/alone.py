"""What commands need that run without Slack: a few settings."""

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from owroute.commands.exits import Code, stop
from owroute.commands.speech import Speech
from owroute.settings import Secret, Url
from owroute.settings_words import sentence
from owroute.words import translator


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
