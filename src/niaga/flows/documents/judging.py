"""Judges a draft under the number that comes next; nothing is held or taken meanwhile."""

import time

from niaga.flows.documents.finishing import Finished, finished, kept_in, series_of
from niaga.flows.documents.models import Draft
from niaga.flows.documents.rendering.content import DocumentContent
from niaga.flows.documents.styles import syntax_of
from niaga.flows.documents.ubl.checks import Finding, findings
from niaga.flows.documents.ubl.net import UnwritableError
from niaga.flows.documents.ubl.writer import xml_of
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.plumbing.numbering import coming_number


def judge(draft: Draft) -> Finished | Finding:
    """Return the document to issue, or the first rule it breaks.

    Raises:
        RulesUnavailableError: the rules' process does not answer; try again later.
    """
    document, document_id, issued_at = kept_in(draft), new_id(), clock.now()
    serial = coming_number(series_of(document, issued_at))
    final = finished(document, document_id=document_id, issued_at=issued_at, serial=serial)
    try:
        xml = xml_of(final, syntax=syntax_of(draft.seller_id))
    except UnwritableError as error:
        return Finding("NIAGA-00", str(error))
    found = findings(xml, final)
    return found[0] if found else Finished(document_id, final, xml)


def validations_per_second(content: DocumentContent, *, count: int = 200) -> float:
    """Return how many documents like `content` are written and judged in a second."""
    findings(xml_of(content), content)  # compiles the rules
    started = time.perf_counter()
    for _ in range(count):
        found = findings(xml_of(content), content)
        assert not found, found
    return count / (time.perf_counter() - started)
