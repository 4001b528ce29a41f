"""How the service answers: canonical bytes, with their digest as ETag."""

import hashlib

from fastapi import Response

from engine.canonical import canonical
from engine.contract import Wire


def answer(value: Wire) -> Response:
    """A contract value as canonical JSON."""
    return tagged(canonical(value.model_dump(mode="json")))


def tagged(body: bytes) -> Response:
    """JSON bytes as they are; the ETag is the quoted sha256 (hex) of the body."""
    etag = f'"{hashlib.sha256(body).hexdigest()}"'
    return Response(body, media_type="application/json", headers={"etag": etag})
