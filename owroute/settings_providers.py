"""Settings of the providers of GPUs: where they are, and the keys to them."""

from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings

from owroute import settings_checks as check

Secret = Annotated[SecretStr, BeforeValidator(check.secret)]
Url = Annotated[str, BeforeValidator(check.url)]
Word = Annotated[str, BeforeValidator(check.secret)]
OnOff = Annotated[bool | None, BeforeValidator(check.on_off)]


class ProviderSettings(BaseSettings):
    """The providers' part of the settings."""

    runpod_url: Url = Field(
        default="https://api.runpod.io",
        alias="OWROUTE_RUNPOD_URL",
        description="Base of RunPod's API.",
    )
    runpod_key: Secret | None = Field(
        default=None,
        alias="RUNPOD_API_KEY",
        description="RunPod's key: the GPU watch, Stop if it may, and `owroute prices refresh`.",
    )
    vast_url: Url = Field(
        default="https://console.vast.ai",
        alias="OWROUTE_VAST_URL",
        description="Base of Vast.ai's API.",
    )
    vast_key: Secret | None = Field(
        default=None,
        alias="VAST_API_KEY",
        description="Vast.ai's key: the GPU watch, Stop if it may. Prices need none.",
    )
    lambda_url: Url = Field(
        default="https://cloud.lambda.ai",
        alias="OWROUTE_LAMBDA_URL",
        description="Base of Lambda Cloud's API.",
    )
    lambda_key: Secret | None = Field(
        default=None,
        alias="LAMBDA_API_KEY",
        description="Lambda Cloud's key, for `owroute prices refresh`.",
    )
    aws: OnOff = Field(
        default=None,
        alias="OWROUTE_AWS",
        description="Watch EC2: `on`, `off`. Empty: on where one of the next two keys is set.",
    )
    aws_key_id: Secret | None = Field(
        default=None,
        alias="AWS_ACCESS_KEY_ID",
        description="AWS's key: the GPU watch in all regions, Stop if it may.",
    )
    aws_profile: Word | None = Field(
        default=None,
        alias="AWS_PROFILE",
        description="A profile of AWS's own files, instead of a key.",
    )
    aws_secret: Secret | None = Field(
        default=None,
        alias="AWS_SECRET_ACCESS_KEY",
        description="The secret of AWS's key.",
    )
    aws_token: Secret | None = Field(
        default=None,
        alias="AWS_SESSION_TOKEN",
        description="The token of a key that AWS lends for some hours.",
    )
    aws_region: Word | None = Field(
        default=None,
        alias="AWS_REGION",
        description="Where AWS is asked for its regions. Empty: AWS's own default, or `us-east-1`.",
    )
    dstack_url: Url | None = Field(
        default=None,
        alias="OWROUTE_DSTACK_URL",
        description="Your dstack server, which may stand in a private network.",
    )
    dstack_token: Secret | None = Field(
        default=None,
        alias="DSTACK_TOKEN",
        description="A dstack user's token: the GPU watch of that user's projects, and Stop.",
    )

    @property
    def watches_aws(self) -> bool:
        """Whether EC2 is to be watched, by the switch or by a key."""
        if self.aws is not None:
            return self.aws
        return self.aws_key_id is not None or self.aws_profile is not None
