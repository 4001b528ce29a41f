"""To whom a GPU run is shown, and what they may do to it."""

from dataclasses import dataclass

from bot.domain.gpu import GpuRun
from bot.domain.ids import ChannelId, UserId
from bot.domain.watch import Watching
from bot.domain.workspace import Act, Actor, Person, may


@dataclass(frozen=True, slots=True)
class GpuPowers:
    """What somebody may do to a GPU run that is shown to them, for what is offered."""

    takes: bool
    steers: bool
    stops: bool
    leads: bool


def may_gpu(
    actor: Actor, person: Person, act: Act, run: GpuRun, lead: UserId | None, watching: Watching
) -> bool:
    """Whether somebody may do `act` to a run whose channel `lead` leads."""
    widened = watching.members_stop
    return may(actor, person, act, owner=run.owner, lead=lead, members_stop=widened)


def gpu_powers(
    actor: Actor,
    person: Person,
    run: GpuRun,
    lead: UserId | None,
    place: ChannelId | None,
    watching: Watching,
) -> GpuPowers | None:
    """What somebody may do to a run; None where it is not shown to them and so not found.

    It is shown in its own channel, and to its owner, lead and admins anywhere. What nobody owns is
    shown to every full member, who may take it; once it is owned, the channel where unclaimed runs
    are posted shows it no more than any other.
    """

    def can(act: Act) -> bool:
        return may_gpu(actor, person, act, run, lead, watching)

    here = place is not None and place == run.channel
    if not (can(Act.STEER) or ((here or run.owner is None) and can(Act.VIEW))):
        return None
    return GpuPowers(run.owner is None, can(Act.STEER), can(Act.STOP), can(Act.LEAD))
