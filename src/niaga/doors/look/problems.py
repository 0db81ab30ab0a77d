"""Answers to programs that something is wrong, as RFC 9457 problem documents."""

from http import HTTPStatus

from django.http import JsonResponse


def problem(status: HTTPStatus, code: str, title: str) -> JsonResponse:
    """Return a problem document; `code` is stable, `title` is for people who read logs."""
    return JsonResponse(
        {"type": f"urn:niaga:problem:{code}", "title": title, "status": status, "code": code},
        status=status,
        content_type="application/problem+json",
    )
