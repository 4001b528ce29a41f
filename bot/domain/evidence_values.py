"""Reading what people write down as evidence: a text in, a checked value out, or what is wrong.

Values are kept as normal texts with their unit (`1.25 s`, `14.2 GiB`, `0.44 USD`), so that a record
reads the same whoever typed it.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit

from pydantic import JsonValue

from bot.domain.cases import BadCases, read_cases, read_pairs, table_in
from bot.domain.evidence_fields import Kind

LINE = 300
TEXT = 3_000
"""Characters: one line, and what a field of a modal can hold."""

_MODEL = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_REVISION = re.compile(r"[0-9a-f]{40}")
_HASH = re.compile(r"[0-9a-f]{64}")
_QUANTITY = re.compile(
    r"([0-9]{1,3}(?:,[0-9]{3}){1,2}|[0-9]{1,9})(\.[0-9]{1,6})?\s*([A-Za-zµ\u4e00-\u9fff]+)"
)
"""A comma parts thousands; a decimal comma could be read as one and is asked for again."""
_MONEY = re.compile(r"(?:([A-Z]{3}|\$)\s*)?(\d{1,8}(?:\.\d{1,6})?)\s*([A-Z]{3}|\$)?", re.ASCII)
_COUNT = re.compile(r"\d{1,9}", re.ASCII)

_SECONDS: Mapping[str, Decimal] = {
    "s": Decimal(1), "sec": Decimal(1), "second": Decimal(1), "seconds": Decimal(1),
    "秒": Decimal(1), "ms": Decimal("0.001"), "毫秒": Decimal("0.001"),
    "us": Decimal("0.000001"), "µs": Decimal("0.000001"),
    "min": Decimal(60), "minute": Decimal(60), "minutes": Decimal(60), "分钟": Decimal(60),
    "h": Decimal(3600),
}  # fmt: skip
_BYTES: Mapping[str, int] = {
    "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12,
    "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40,
}  # fmt: skip
_MACHINE = re.compile(r"\bow-\d+-\w|https://[^\s/]+\.", re.IGNORECASE)
"""What names a rented machine: the name that the plan gives it, or where it can be seen."""

_SMALL = Decimal("0.1")


class BadValue(Exception):
    """A text that is not what its field needs; `code` names the sentence, `hint` what was typed."""

    def __init__(self, code: str, hint: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.hint = hint


def read_value(kind: Kind, text: str, *, private: bool = False) -> JsonValue:
    """The value in a text. Raises `BadValue` naming what to type instead; `empty` for nothing.

    `private` keeps the words of a table's cases out: their hashes and lengths stand for them.
    """
    typed = text.strip()
    if not typed:
        raise BadValue("empty")
    if kind is Kind.CASES:
        return _table(read_cases, typed, private)
    if kind is Kind.PAIRS:
        return _table(read_pairs, typed, private)
    return _READERS[kind](typed)


def _table(read: Callable[..., list[JsonValue]], text: str, private: bool) -> JsonValue:
    try:
        return read(text, private=private)
    except BadCases as bad:
        raise BadValue(bad.code, bad.hint) from None


def _line(text: str) -> str:
    if len(text) > LINE:
        raise BadValue("too_long", str(LINE))
    return " ".join(text.split())


def _text(text: str) -> str:
    if len(text) > TEXT:
        raise BadValue("too_long", str(TEXT))
    return text


def _command(text: str) -> str:
    """A table of cases, which is easily pasted in its place, is none."""
    if table_in(text):
        raise BadValue("command")
    return _text(text)


def _listing(text: str) -> str:
    """A mere word that it has stopped proves nothing."""
    if _MACHINE.search(text) is None:
        raise BadValue("listing")
    return _text(text)


def _model(text: str) -> str:
    if _MODEL.fullmatch(text) is None:
        raise BadValue("model", text[:LINE])
    return text


def _revision(text: str) -> str:
    """A commit; a branch such as `main` moves and proves nothing."""
    if _REVISION.fullmatch(text.lower()) is None:
        raise BadValue("revision", text[:60])
    return text.lower()


def _hash(text: str) -> str:
    digits = text.lower().removeprefix("sha256:").removeprefix("sha256 ").strip()
    if _HASH.fullmatch(digits) is None:
        raise BadValue("hash")
    return digits


def _link(text: str) -> str:
    address = text.strip("<>").partition("|")[0]
    try:
        parts = urlsplit(address)
    except ValueError:
        raise BadValue("link") from None
    plain = not any(c.isspace() or ord(c) < ord(" ") for c in address)
    if parts.scheme != "https" or not parts.hostname or parts.username or not plain:
        raise BadValue("link")
    return _line(address)


def _address(text: str) -> str:
    """An endpoint that is not open to the world: loopback, or a host behind the tunnel's end."""
    address = text.strip("<>").partition("|")[0]
    try:
        parts = urlsplit(address if "//" in address else f"//{address}")
        host = (parts.hostname or "").lower()
        _ = parts.port
    except ValueError:
        raise BadValue("address") from None
    if not (host == "localhost" or _is_loopback(host)):
        raise BadValue("address", host[:100])
    return _line(address)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _seconds(text: str) -> str:
    return f"{_plain(_quantity(text, _SECONDS, 'seconds'))} s"


def _size(text: str) -> str:
    """In GiB; what is less than a tenth of one in the next smaller unit that shows it."""
    size = _quantity(text, {unit: Decimal(size) for unit, size in _BYTES.items()}, "size")
    for unit in ("GiB", "MiB", "KiB"):
        number = (size / _BYTES[unit.lower()]).quantize(Decimal("0.01"))
        if number >= _SMALL or not size:
            return f"{_plain(number)} {unit}"
    return f"{_plain(size)} B"


def _quantity(text: str, units: Mapping[str, Decimal], code: str) -> Decimal:
    found = _QUANTITY.fullmatch(text)
    unit = units.get(found[3].lower()) if found else None
    if found is None or unit is None:
        raise BadValue(code, text[:60])
    return Decimal(found[1].replace(",", "") + (found[2] or "")) * unit


def _money(text: str) -> str:
    found = _MONEY.fullmatch(text.strip())
    units = {u for u in (found[1], found[3]) if u} if found else set()
    if found is None or len(units) != 1:
        raise BadValue("money", text[:60])
    currency = units.pop().replace("$", "USD")
    return f"{_plain(Decimal(found[2]))} {currency}"


def _plain(number: Decimal) -> str:
    """Without a sign of exponent and without zeros that say nothing."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except (ValueError, InvalidOperation):
        raise BadValue("date", text[:60]) from None


def _count(text: str) -> int:
    if _COUNT.fullmatch(text) is None:
        raise BadValue("count", text[:60])
    return int(text)


_READERS: Mapping[Kind, Callable[[str], JsonValue]] = {
    Kind.LINE: _line,
    Kind.TEXT: _text,
    Kind.COMMAND: _command,
    Kind.LISTING: _listing,
    Kind.MODEL: _model,
    Kind.REVISION: _revision,
    Kind.LINK: _link,
    Kind.ADDRESS: _address,
    Kind.SECONDS: _seconds,
    Kind.SIZE: _size,
    Kind.MONEY: _money,
    Kind.DATE: _date,
    Kind.HASH: _hash,
    Kind.COUNT: _count,
}
