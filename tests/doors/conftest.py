"""What tests of the doors share."""

from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse

from niaga.flows.information.catalogue import forget_catalogue
from niaga.parties.models import Company
from tests.support.buyers import browser
from tests.support.worlds import make_category, make_company, make_person


@dataclass(frozen=True, slots=True)
class Desk:
    """A company and its member's browser."""

    company: Company
    client: Client

    def post(
        self, page: str, /, *args: object, follow: bool = False, **data: object
    ) -> tuple[int, str]:
        """Send a form; return the answer's status and page."""
        response = self.client.post(reverse(f"seller:{page}", args=args), data, follow=follow)
        return response.status_code, response.content.decode()


@pytest.fixture
def desk() -> Desk:
    owner = make_person()
    company = make_company(owner=owner)
    make_category()
    forget_catalogue()
    return Desk(company, browser(owner))
