"""A real Chromium for journeys: one window a person, English, the demo's certificate accepted."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections
from playwright.sync_api import Browser, Page, expect, sync_playwright

OPTIONS = [
    "--no-sandbox",  # tests run as root in containers
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE_MS = 20_000  # a busy machine is no failure


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run Chromium meanwhile.

    Raises:
        FileNotFoundError: there is none; `make browser` installs it.
    """
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise FileNotFoundError("Chromium is needed: `make browser`")
    # Playwright keeps an event loop in this thread; the test's own queries run beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        try:
            yield browser
        finally:
            browser.close()
            connections.close_all()  # those of the loop's context; nobody else finds them


@contextmanager
def window(browser: Browser, url: str, **options: Any) -> Iterator[Page]:
    """Open a window of somebody's own; a script's error or a refused resource fails the test."""
    context = browser.new_context(base_url=url, ignore_https_errors=True, locale="en-US", **options)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if _is_refused(said.text) else None)
    yield page
    context.close()
    assert errors == []


def _is_refused(text: str) -> bool:
    return "Content Security Policy" in text or "violates" in text


def sign_in(page: Page, email: str, password: str) -> None:
    """Sign in through the log-in page."""
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign In").click()
    page.wait_for_url(lambda url: "/accounts/login/" not in url)
