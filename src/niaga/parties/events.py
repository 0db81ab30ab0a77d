"""What happened to people and companies."""

from dataclasses import dataclass
from typing import ClassVar

from niaga.plumbing.outbox import Audience, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyRegistered(Event):
    """A company asked to be let in; `subject_id` is the company."""

    audience: ClassVar[tuple[Audience, ...]] = ("seller", "operator")
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyApproved(Event):
    """The operator let the company in (or back in)."""

    audience: ClassVar[tuple[Audience, ...]] = ("seller", "operator")
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyRefused(Event):
    """The operator did not let the company in, and said why."""

    audience: ClassVar[tuple[Audience, ...]] = ("seller", "operator")
    name: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanySuspended(Event):
    """The operator took the company's listings off the market, and said why."""

    audience: ClassVar[tuple[Audience, ...]] = ("seller", "operator")
    name: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyRanked(Event):
    """The operator gave the company another tier."""

    audience: ClassVar[tuple[Audience, ...]] = ("seller", "operator")
    tier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyDescribed(Event):
    """The company changed its shopfront: words, colour, pictures, contact."""

    audience: ClassVar[tuple[Audience, ...]] = ("seller", "operator")


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccountChanged(Event):
    """The company is to be paid into another account."""

    audience: ClassVar[tuple[Audience, ...]] = ("seller", "operator")
