"""What an exception of AWS's library means: why nothing was read, or what became of an act."""

from datetime import timedelta

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004  # the library's own, not Python's
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    MetadataRetrievalError,
    NoCredentialsError,
    PaginationError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError
from pydantic import ValidationError

from bot.domain.fleet import Ended, Problem
from gateways.fleet.http import LONGEST_WAIT, Failed
from gateways.provider_http import seconds_in

ANY = (BotoCoreError, ClientError, ResponseParserError, ValidationError, KeyError)
"""All that a call and the reading of its answer can raise."""

_NO_KEY = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
    MetadataRetrievalError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
_NETWORK = (ConnectionError, HTTPClientError)
_NEVER_SENT = (EndpointConnectionError, ConnectTimeoutError, *_NO_KEY)
_AUTH = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthFailure",
        "Blocked",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "OptInRequired",
        "PendingVerification",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnauthorizedOperation",
        "UnrecognizedClientException",
    }
)
_RATE = frozenset(
    {
        "EC2ThrottledException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_ABSENT = frozenset({"InvalidInstanceID.NotFound"})
_LOCKED = frozenset({"OperationNotPermitted", "UnsupportedOperation"})
"""Protected against it, or a spot machine that cannot be stopped: its console tells more."""
_BAD_STATE = frozenset({"IncorrectInstanceState", "IncorrectState"})
_TOO_MANY, _SERVER = 429, 500


def failed(error: Exception) -> Failed:
    """Why nothing could be read."""
    if isinstance(error, ClientError):
        return _of_answer(error)
    if isinstance(error, _NO_KEY):
        return Failed(Problem.AUTH)
    if isinstance(error, _NETWORK):
        return Failed(Problem.NETWORK)
    return Failed(Problem.PARTIAL if isinstance(error, PaginationError) else Problem.SHAPE)


def ended(error: Exception) -> Ended:
    """What became of a call to end a machine."""
    if isinstance(error, _NO_KEY):
        return Ended.FORBIDDEN
    if isinstance(error, _NEVER_SENT) or is_bad_state(error):
        return Ended.LATER
    if not isinstance(error, ClientError):
        return Ended.UNKNOWN
    if is_absence(error):
        return Ended.ALREADY
    if code_of(error) in _LOCKED:
        return Ended.LOCKED
    return _BY_PROBLEM.get(failed(error).problem, Ended.UNKNOWN)


_BY_PROBLEM = {Problem.AUTH: Ended.FORBIDDEN, Problem.RATE: Ended.LATER}


def is_absence(error: Exception) -> bool:
    """Whether AWS says that there is no such machine."""
    return isinstance(error, ClientError) and code_of(error) in _ABSENT


def is_bad_state(error: Exception) -> bool:
    """Whether the machine's state forbids it just now: it may be over, or not even made."""
    return isinstance(error, ClientError) and code_of(error) in _BAD_STATE


def code_of(error: ClientError) -> str:
    """AWS's own word for it."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _of_answer(error: ClientError) -> Failed:
    code, meta = code_of(error), error.response.get("ResponseMetadata", {})
    status = int(meta.get("HTTPStatusCode", 0))
    if code in _RATE or status == _TOO_MANY:
        seconds = seconds_in(str(meta.get("HTTPHeaders", {}).get("retry-after", "")))
        wish = None if seconds is None else min(timedelta(seconds=seconds), LONGEST_WAIT)
        return Failed(Problem.RATE, status, retry_after=wish)
    if code in _AUTH or status in {401, 403}:
        return Failed(Problem.AUTH, status)
    return Failed(Problem.SERVER if status >= _SERVER else Problem.SHAPE, status)
