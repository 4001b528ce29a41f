"""What the lists of the catalogue can be asked: a page, a language, and filters by field.

A filter that is not known is an error: a typing mistake must not return the whole list.
"""

from typing import Annotated

from pydantic import Field

from engine.contract import Lang, Route, RuleEffect, Wire

Text = Annotated[str, Field(min_length=1, max_length=200)]
PAGING = frozenset({"lang", "limit", "cursor"})


class Query(Wire):
    """A page of a list; every further field filters it."""

    lang: Annotated[Lang, Field(description="Language of texts; codes and ids stay.")] = Lang.en
    limit: Annotated[int, Field(ge=1, le=200, description="Entries on a page.")] = 50
    cursor: Annotated[
        Text | None, Field(description="`next` of the page before; none begins the list.")
    ] = None

    @property
    def filters(self) -> dict[str, object]:
        """The fields that were given, by name."""
        return self.model_dump(exclude=set(PAGING), exclude_none=True)


class FamilyQuery(Query):
    """Families of models."""

    routes: Annotated[Route | None, Field(description="Offered on this route.")] = None
    serves: Annotated[bool | None, Field(description="Served by vLLM or SGLang.")] = None


class ModelQuery(Query):
    """Reviewed models."""

    family_id: Annotated[Text | None, Field(description="As in /v1/families.")] = None
    license_id: Annotated[Text | None, Field(description="As in /v1/licenses.")] = None
    gated: Annotated[bool | None, Field(description="Whether the hub asks for consent.")] = None
    multimodal: Annotated[bool | None, Field(description="Whether it reads images too.")] = None


class HardwareQuery(Query):
    """Known GPUs."""

    nominal_gb: Annotated[int | None, Field(description="Memory on the sticker, GB.")] = None
    capability: Annotated[
        Text | None, Field(description="CUDA compute capability, for example 8.9.")
    ] = None


class OfferQuery(Query):
    """Machines to rent."""

    provider: Annotated[Text | None, Field(description="For example runpod.")] = None
    gpu_id: Annotated[Text | None, Field(description="As in /v1/hardware.")] = None
    gpu_count: Annotated[int | None, Field(description="GPUs of one machine.")] = None
    tier: Annotated[Text | None, Field(description="For example secure, community.")] = None
    region: Annotated[Text | None, Field(description="The provider's name; or any.")] = None


class LicenseQuery(Query):
    """Licences."""

    license_id: Annotated[Text | None, Field(description="Exact id.")] = None
    commercial_use: Annotated[
        Text | None, Field(description="yes, conditional, no or unknown.")
    ] = None
    needs_review: Annotated[bool | None, Field(description="Whether people must read it.")] = None


class RuntimeQuery(Query):
    """Runtimes."""

    runtime: Annotated[Text | None, Field(description="Exact id, for example vllm.")] = None


class RuleQuery(Query):
    """Rules."""

    effect: Annotated[RuleEffect | None, Field(description="What the rule does.")] = None
    code: Annotated[Text | None, Field(description="A conflict or rejection code.")] = None
