"""What each setting must look like. A check gives the value in its one usable form or raises.

`ValueError` means "not of the form this setting has"; a `PydanticCustomError` names a problem that
has a sentence of its own in `settings_words`. Neither carries the value: it may be a secret.
"""

import re
from datetime import time, timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from pydantic import TypeAdapter
from pydantic_core import PydanticCustomError

from bot.domain.digest_when import WeekTime
from bot.domain.schedule import DAY, QuietHours

_POSTGRES = frozenset({"postgres", "postgresql", "postgresql+asyncpg"})
_SQLITE = frozenset({"sqlite", "sqlite+aiosqlite"})
_TOKEN = re.compile(r"[\x21-\x7e]+")
_DURATION = re.compile(
    r"P(?=[0-9T])(?:[0-9]{1,3}W)?(?:[0-9]{1,3}D)?"
    r"(?:T(?=[0-9])(?:[0-9]{1,3}H)?(?:[0-9]{1,4}M)?(?:[0-9]{1,4}S)?)?"
)
_QUIET = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_SPAN: TypeAdapter[timedelta] = TypeAdapter(timedelta)
_MONTH = timedelta(days=30)
_HOUR = timedelta(hours=1)
_HOST = re.compile(r"[0-9A-Za-z.:_-]+")


def secret(typed: str) -> str:
    """A token, key or name on one line: printable ASCII without white space."""
    if not _TOKEN.fullmatch(typed):
        raise ValueError
    return typed


def bot_token(typed: str) -> str:
    """Slack's bot token, `xoxb-...`."""
    return _prefixed("xoxb-", typed)


def app_token(typed: str) -> str:
    """Slack's app-level token, `xapp-...`."""
    return _prefixed("xapp-", typed)


def not_yet(_typed: str) -> str:
    """A setting of a way to run that does not exist yet: refused whatever it says."""
    raise PydanticCustomError("not_yet", "not yet")


def host(typed: str) -> str:
    """A name or address to listen on, without scheme, path or port."""
    if not _HOST.fullmatch(typed) or typed.count(":") == 1:
        raise ValueError
    return typed


def url(typed: str) -> str:
    """An https URL, or http on this machine; no credentials, query, fragment or last slash."""
    parts = _split(typed)
    if parts.query:
        raise ValueError
    return urlunsplit(parts).rstrip("/")


def hub_url(typed: str) -> str | None:
    """The model hub's address; None for `off`, since an empty value would be the default."""
    return None if typed.lower() == "off" else url(typed)


def on_off(typed: str) -> bool:
    """A switch."""
    if typed.lower() not in {"on", "off"}:
        raise ValueError
    return typed.lower() == "on"


def url_with_query(typed: str) -> str:
    """As `url`, but kept to the letter, query included: another system made it."""
    _split(typed)
    return typed


def slack_api_url(typed: str) -> str:
    """Where Slack's Web API is: up to and including `/api/`, as Slack's own clients want it."""
    base = url(typed)
    if not base.endswith("/api"):
        raise ValueError
    return f"{base}/"


def data_dir(typed: Path) -> Path:
    """An absolute folder, `~` resolved, that exists or can be made."""
    folder = typed.expanduser().absolute()
    if folder.exists() and not folder.is_dir():
        raise PydanticCustomError("not_a_folder", "not a folder")
    return folder


def remind_after(typed: str) -> timedelta:
    """A duration in ISO 8601, from nothing to thirty days."""
    return _within(timedelta(), _span(typed))


def remind_every(typed: str) -> timedelta:
    """Whole days up to thirty, or from an hour up to a day."""
    found = _within(_HOUR, _span(typed))
    if found > DAY and found % DAY:
        raise ValueError
    return found


def poll_every(typed: str) -> timedelta:
    """From ten seconds up to an hour: more often no provider wants, more rarely costs money."""
    return _between(timedelta(seconds=10), _span(typed), _HOUR)


def ping_after(typed: str) -> timedelta:
    """From nothing to a day."""
    return _between(timedelta(), _span(typed), DAY)


def ping_every(typed: str) -> timedelta:
    """From ten minutes to a day."""
    return _between(timedelta(minutes=10), _span(typed), DAY)


def quiet_hours(typed: str) -> QuietHours | None:
    """Two times of day that leave at least four hours between them; None for `off`."""
    if typed.lower() == "off":
        return None
    found = _QUIET.fullmatch(typed)
    if not found:
        raise ValueError
    first, first_minute, last, last_minute = map(int, found.groups())
    start, end = time(first, first_minute), time(last, last_minute)
    waking = (start.hour - end.hour) * 60 + start.minute - end.minute
    if waking % (24 * 60) < 4 * 60:
        raise ValueError
    return QuietHours(start, end)


def digest_at(typed: str) -> WeekTime:
    """A day of the week and a time of day, as in MON 09:00."""
    day, _, at = typed.upper().partition(" ")
    if not _TIME.fullmatch(at):
        raise ValueError
    return WeekTime.read(f"{day} {at}")


def _span(typed: str) -> timedelta:
    if not _DURATION.fullmatch(typed):
        raise ValueError
    return _SPAN.validate_python(typed)


def _within(least: timedelta, found: timedelta) -> timedelta:
    return _between(least, found, _MONTH)


def _between(least: timedelta, found: timedelta, most: timedelta) -> timedelta:
    if not least <= found <= most:
        raise ValueError
    return found


def database_url(typed: str) -> str:
    """A SQLite file or a Postgres database, with the asynchronous driver that owroute has.

    libpq's `sslmode` becomes `ssl`, which is what asyncpg calls the same choice.
    """
    parts = urlsplit(typed)
    if parts.scheme in _SQLITE:
        return _sqlite(parts)
    if parts.scheme not in _POSTGRES:
        raise PydanticCustomError("database_kind", "database kind")
    if not parts.path.strip("/"):
        raise ValueError
    query = [("ssl" if key == "sslmode" else key, value) for key, value in parse_qsl(parts.query)]
    place = f"{parts.netloc}{parts.path}"
    return f"postgresql+asyncpg://{place}" + (f"?{urlencode(query, safe='/')}" if query else "")


def _sqlite(parts: SplitResult) -> str:
    file = parts.path[1:]
    if parts.netloc or parts.query or Path(file or "-").is_dir():
        raise ValueError
    if file in {"", ":memory:"}:
        raise PydanticCustomError("database_in_memory", "database in memory")
    return f"sqlite+aiosqlite:///{file}"


def _prefixed(prefix: str, typed: str) -> str:
    if not typed.startswith(prefix) or len(typed) == len(prefix):
        raise ValueError
    return secret(typed)


def _split(typed: str) -> SplitResult:
    if not _TOKEN.fullmatch(typed) or "\\" in typed:
        raise ValueError
    parts = urlsplit(typed)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.fragment:
        raise ValueError
    if parts.username is not None or parts.port == 0:
        raise ValueError
    if parts.scheme == "http" and not _is_this_machine(parts.hostname):
        raise PydanticCustomError("plain_http", "plain http")
    return parts


def _is_this_machine(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
