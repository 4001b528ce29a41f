"""Numbers as people type them. Only plain digits are taken; the rest is answered, never guessed."""

import re
import unicodedata
from decimal import Decimal

from bot.cards.forms.problems import Wrong

_WHOLE = re.compile(r"[0-9]{1,15}")
_DECIMAL = re.compile(r"[0-9]{1,15}(\.[0-9]{1,9})?")
_THOUSANDS = re.compile(r"[0-9]{1,3}([,' ][0-9]{3})+")
_THOUSAND_TOKENS = re.compile(r"([0-9]{1,6})[kK]")


def whole(text: str) -> int:
    """A whole number of at most 15 digits. Raises `Wrong` with a suggestion where one is clear."""
    typed = text.strip()
    if not _WHOLE.fullmatch(typed):
        raise _wrong(typed, _WHOLE)
    return int(typed)


def decimal(text: str) -> Decimal:
    """A decimal with a point and at most nine places; no sign, exponent, comma or `NaN`."""
    typed = text.strip()
    if not _DECIMAL.fullmatch(typed):
        raise _wrong(typed, _DECIMAL)
    return Decimal(typed)


def _wrong(typed: str, shape: re.Pattern[str]) -> Wrong:
    plain = unicodedata.normalize("NFKC", typed).strip().lstrip("$").removesuffix("USD").strip()
    if _THOUSANDS.fullmatch(plain):
        plain = re.sub(r"[,' ]", "", plain)
    if thousands := _THOUSAND_TOKENS.fullmatch(plain):
        plain = str(int(thousands[1]) * 1024)
    meant = plain.replace(",", ".")
    return Wrong("number", meant) if shape.fullmatch(meant) else Wrong("expected")
