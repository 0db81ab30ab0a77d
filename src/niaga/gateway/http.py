"""What the fronts for machines share: bounded bodies, and problems (RFC 9457) before trust."""

import json
from collections.abc import Callable
from functools import wraps

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException

from niaga.kernel.refusal import Refusal
from niaga.protocol.errors import MalformedError, ProtocolError, TooLargeError, UntrustedError

JOSE = "application/jose"
JSON = "application/json"
UNAVAILABLE = "unavailable"


class ProblemError(Exception):
    """What is answered to someone who is not known, or to bytes that are no message."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


def problem(status: int, code: str) -> HttpResponse:
    """Return a problem document; `code` says what, and nothing more."""
    content = json.dumps({"title": code.replace("_", " "), "status": status, "code": code})
    return HttpResponse(content, status=status, content_type="application/problem+json")


def problem_of(error: ProtocolError | Refusal) -> HttpResponse:
    """Return the problem document of a refusal before (or without) authentication."""
    if isinstance(error, TooLargeError):
        return problem(413, error.code)
    if isinstance(error, MalformedError):
        return problem(400, error.code)
    if isinstance(error, UntrustedError):
        return problem(401, error.code)
    if error.code == UNAVAILABLE:
        return problem(503, error.code)
    return problem(403, error.code)


def body_of(request: HttpRequest, *, max_bytes: int, kind: str = JOSE) -> bytes:
    """Return the body of a POST.

    Raises:
        ProblemError: another method or media type, or more than `max_bytes` bytes.
    """
    if request.method != "POST":
        raise ProblemError(405, "method_not_allowed")
    if request.content_type != kind:
        raise ProblemError(415, "unsupported_media_type")
    try:
        content = request.body
    except RequestDataTooBig as error:
        raise ProblemError(413, "too_large") from error
    except RawPostDataException as error:
        raise ProblemError(400, "encoding_invalid") from error
    if len(content) > max_bytes:
        raise ProblemError(413, "too_large")
    return content


def text_of(content: bytes) -> str:
    """Return a token's text; what is not ASCII is no token."""
    try:
        return content.decode("ascii")
    except UnicodeDecodeError as error:
        raise ProblemError(400, "encoding_invalid") from error


type View = Callable[..., HttpResponse]


def front(view: View) -> View:
    """Answer problems and refusals of a view as problem documents, never to be cached."""

    @wraps(view)
    def answer(request: HttpRequest, **named: str) -> HttpResponse:
        try:
            response = view(request, **named)
        except ProblemError as error:
            response = problem(error.status, error.code)
        except (ProtocolError, Refusal) as error:
            response = problem_of(error)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Content-Length", str(len(response.content)))
        return response

    return answer
