"""What the use cases need from the outside, as Protocols, one module per noun.

`storage` implements the unit of work and its repositories, `gateways` the messenger, the directory
and the engine, tests their stateful twins.
"""

from bot.ports.delivery import DueRows, Inbound, Outbox
from bot.ports.digest import Digests, Weeks
from bot.ports.engine import RouteEngine, Suggestion
from bot.ports.fleet import Fleet
from bot.ports.gpu import Accruals, Alerts, EndOps, Gpus, GuardTokens, Unattended, WatchBook
from bot.ports.hub import ModelCards, ModelHub
from bot.ports.plans import EvidenceItems, Plans, Reminders, Tokens
from bot.ports.slack import CannotLook, Directory, LookupFailed, Messenger
from bot.ports.store import Store, UnitOfWork
from bot.ports.workspace import Audit, Channels, People, Workspaces

__all__ = [
    "Accruals",
    "Alerts",
    "Audit",
    "CannotLook",
    "Channels",
    "Digests",
    "Directory",
    "DueRows",
    "EndOps",
    "EvidenceItems",
    "Fleet",
    "Gpus",
    "GuardTokens",
    "Inbound",
    "LookupFailed",
    "Messenger",
    "ModelCards",
    "ModelHub",
    "Outbox",
    "People",
    "Plans",
    "Reminders",
    "RouteEngine",
    "Store",
    "Suggestion",
    "Tokens",
    "Unattended",
    "UnitOfWork",
    "WatchBook",
    "Weeks",
    "Workspaces",
]
