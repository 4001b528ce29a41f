"""Every variant of the Slack app's manifest, printed from the one `manifest.yml`.

The file as shipped is the smallest app: Socket Mode, no optional permission. A variant adds HTTP
addresses, or an extra: some optional scopes, the events they allow, and what they make true.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from owroute.settings_checks import url as checked_url
from owroute.words import Translate

EVENTS_PATH = "/slack/events"

_READS_NOTHING = "it does not read conversations."
_READS_ITS_OWN = (
    "it does not read conversations, save to look for its own message when Slack did not confirm a"
    " post."
)


@dataclass(frozen=True, slots=True)
class Extra:
    """Optional permission: what it asks for."""

    scopes: tuple[str, ...]
    events: tuple[str, ...] = ()


EXTRAS = {
    "reconcile": Extra(scopes=("channels:history", "groups:history", "im:history")),
    "intro": Extra(
        scopes=("channels:read", "groups:read"),
        events=(
            "member_joined_channel",
            "channel_left",
            "group_left",
            "channel_archive",
            "group_archive",
            "channel_unarchive",
            "group_unarchive",
        ),
    ),
}


class ManifestError(ValueError):
    """No such variant; the message is a sentence for the operator."""


def manifest_text(with_: frozenset[str], http_url: str | None, _: Translate = str) -> str:
    """The manifest as YAML: with the extras named, and for HTTP if a public address is given.

    Raises `ManifestError` for an unknown extra, and for an address that Slack could not reach by
    https (plain http is accepted on this machine only).
    """
    if with_ - EXTRAS.keys():
        names = ", ".join(EXTRAS)
        raise ManifestError(_("There is no such extra. Choose from: {names}.").format(names=names))
    shipped = _source().read_text(encoding="utf-8")
    if not with_ and http_url is None:
        return shipped
    manifest = yaml.safe_load(shipped)
    for name, extra in EXTRAS.items():
        if name in with_:
            _allow(manifest, extra)
    if "reconcile" in with_:
        _admit_reading(manifest)
    if http_url is not None:
        _speak_http(manifest, _events_address(http_url, _))
    return yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True, width=100)


def what_is_worse(with_: frozenset[str], _: Translate) -> tuple[str, ...]:
    """One sentence for each extra that is left out: what the bot then does less well."""
    without = {
        "reconcile": _(
            "Without reconcile: when Slack does not confirm a post, owroute cannot look whether it"
            " arrived and posts again, so a card may rarely stand twice."
        ),
        "intro": _(
            "Without intro: owroute does not hear that it was added to a channel, so it does not"
            " introduce itself there, an admin has to name the channel's lead, and it learns that a"
            " channel was archived or left only when a post is refused."
        ),
    }
    return tuple(sentence for name, sentence in without.items() if name not in with_)


def _source() -> Path:
    """Inside the installed package, or at the root of a checkout."""
    here = Path(__file__).parent
    packaged = here / "manifest.yml"
    return packaged if packaged.exists() else here.parent / "manifest.yml"


def _events_address(http_url: str, _: Translate) -> str:
    try:
        return checked_url(http_url) + EVENTS_PATH
    except ValueError:
        raise ManifestError(_("Slack needs an address of the form https://host.")) from None


def _allow(manifest: dict[str, Any], extra: Extra) -> None:
    scopes = manifest["oauth_config"]["scopes"]
    scopes["bot"].extend(extra.scopes)
    scopes.setdefault("bot_optional", []).extend(extra.scopes)
    manifest["settings"]["event_subscriptions"]["bot_events"].extend(extra.events)


def _admit_reading(manifest: dict[str, Any]) -> None:
    about = manifest["display_information"]
    about["long_description"] = about["long_description"].replace(_READS_NOTHING, _READS_ITS_OWN)


def _speak_http(manifest: dict[str, Any], address: str) -> None:
    for command in manifest["features"]["slash_commands"]:
        command["url"] = address
    settings = manifest["settings"]
    settings["event_subscriptions"]["request_url"] = address
    settings["interactivity"] |= {"request_url": address, "message_menu_options_url": address}
    settings["socket_mode_enabled"] = False
