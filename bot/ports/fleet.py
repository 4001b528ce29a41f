"""Providers of GPUs, as far as the core needs them."""

from typing import Protocol

from bot.domain.fleet import Ended, Ending, Listing, Machine, Provider, Read, Sight


class Fleet(Protocol):
    """One account at one provider. No method raises for what a provider does; each says what."""

    @property
    def provider(self) -> Provider: ...

    @property
    def account(self) -> str:
        """A name for the account that is the same after a restart and holds no secret."""
        ...

    async def listings(self) -> tuple[Listing, ...]:
        """All machines with a GPU, one listing per scope, 60 s at most.

        Also machines that are stopped but cost storage. GETs only, repeated twice at most.
        """
        ...

    async def read(self, machine: Machine) -> Read:
        """One machine as it is now."""
        ...

    async def end(self, machine: Machine, ending: Ending, key: str) -> Ended:
        """Ask once for its end; never repeated here. `key` makes it idempotent where one can."""
        ...

    async def sight(self) -> Sight:
        """What this key may see and stop, read-only."""
        ...
