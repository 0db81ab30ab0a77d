"""Contents of documents are deleted ten whole years after their own, and never earlier."""

import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as django_settings
from django.core.files.storage import storages
from django.db import IntegrityError, connection, transaction
from django.utils.timezone import localdate

from niaga.flows.documents import offline, printing, redacting
from niaga.flows.documents.audit import CHECKS
from niaga.flows.documents.commands.draft_document import draft_document
from niaga.flows.documents.commands.publish_root import publish_root
from niaga.flows.documents.commands.redact_documents import documents_to_redact, redact_documents
from niaga.flows.documents.exporting import export_documents
from niaga.flows.documents.finishing import UnissuedDocument
from niaga.flows.documents.jobs import redact_due_documents
from niaga.flows.documents.keeping import DocumentKept, DocumentRedacted
from niaga.flows.documents.models import Document, Draft
from niaga.flows.documents.printing import pdf_of
from niaga.flows.documents.queries import invoices_of
from niaga.flows.documents.rendering.content import Kind
from niaga.flows.documents.verifying import examine, examine_file
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.plumbing.models import Counter
from niaga.project.problem import Problem
from niaga.project.storing import documents_keep_years
from tests.flows.test_document_commands import niaga, offline_niaga
from tests.flows.test_document_proof import issue
from tests.flows.test_document_rendering import a_document

pytestmark = pytest.mark.django_db

JAKARTA = ZoneInfo("Asia/Jakarta")
IN_2014 = datetime(2014, 5, 6, 7, 8, 9, tzinfo=UTC)


def old(
    kind: Kind = "invoice", *, at: datetime = IN_2014, seller_id: UUID | None = None
) -> tuple[UUID, bytes]:
    """Issue and seal a document of long ago; return its id and PDF."""
    with clock.at(at):
        document_id = issue(kind, seller_id=seller_id)
        return document_id, pdf_of(document_id)[1]


def rows() -> list[dict[str, Any]]:
    return list(Document.objects.order_by("id").values())


def row(document_id: UUID) -> Document:
    return Document.objects.get(pk=document_id)


def violations() -> list[str]:
    return [str(violation) for check in CHECKS for violation in check.run()]


@pytest.mark.parametrize(
    ("text", "years"), [("10", 10), ("15", 15), (" 100 ", 100), ("0", 0), ("", 0), (None, 10)]
)
def test_the_operator_chooses_ten_years_or_more_or_for_good(text: str | None, years: int) -> None:
    environment = {} if text is None else {"NIAGA_DOCUMENTS_KEEP_YEARS": text}
    assert documents_keep_years(environment) == years


@pytest.mark.parametrize("text", ["9", "1", "-10", "101", "ten", "10.5", "١٠"])
def test_fewer_years_than_the_law_asks_for_are_refused(text: str) -> None:
    with pytest.raises(Problem, match=r"NIAGA_DOCUMENTS_KEEP_YEARS.*10 years at least"):
        documents_keep_years({"NIAGA_DOCUMENTS_KEEP_YEARS": text})


def test_a_document_is_due_from_the_first_day_after_ten_whole_years(settings: Any) -> None:
    last = datetime(2014, 12, 31, 23, 59, 59, tzinfo=JAKARTA)
    first = datetime(2015, 1, 1, tzinfo=JAKARTA)
    of_2014, of_2015 = old(at=last)[0], old(at=first)[0]
    seen = {}
    for day in ((2024, 12, 31), (2025, 1, 1), (2025, 12, 31), (2026, 1, 1)):
        with clock.at(datetime(*day, 0, 0, tzinfo=JAKARTA)):
            seen[day] = set(documents_to_redact().values_list("id", flat=True))
    assert list(seen.values()) == [set(), {of_2014}, {of_2014}, {of_2014, of_2015}]
    settings.DOCUMENTS_KEEP_YEARS = 11
    assert redacting.due() == redacting.Due(1, 2014)
    settings.DOCUMENTS_KEEP_YEARS = 0
    assert redacting.due() == redacting.Due(0, None)


def test_contents_xml_and_pdf_go_and_all_that_proves_stays() -> None:
    seller_id = new_id()
    (document_id, pdf), young = old(seller_id=seller_id), issue(seller_id=seller_id)
    pdf_of(young)
    root = publish_root(day=localdate())
    before, kept = rows()[0], rows()[1]
    assert before["id"] == document_id
    told: list[int] = []
    assert redacting.redact_due(told=told.append) == 1
    assert told == [1]
    after = rows()[0]
    changed = {"content", "xml", "redacted_at", "pdf_path"}
    assert {key for key in after if after[key] != before[key]} == changed - {"xml"}
    assert (after["content"], after["xml"], after["pdf_path"]) == ({}, "", "")
    assert not storages["documents"].exists(before["pdf_path"])
    assert rows()[1] == kept
    assert storages["documents"].exists(kept["pdf_path"])
    with pytest.raises(DocumentRedacted) as gone:
        pdf_of(document_id)
    assert gone.value.number == before["number"]
    assert violations() == []
    assert publish_root(day=localdate()) == root
    proof = examine_file(pdf)
    assert proof == examine(document_id)
    assert proof is not None
    assert (proof.verdict, proof.issuer, proof.redacted_at) == (
        "redacted", "", after["redacted_at"],
    )  # fmt: skip


def test_a_lot_is_redacted_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redacting, "LOT", 2)
    for _ in range(5):
        old()
    told: list[int] = []
    assert redacting.redact_due(told=told.append) == 5
    assert told == [2, 4, 5]
    assert redact_due_documents(0) == 0
    assert set(Document.objects.values_list("pdf_path", flat=True)) == {""}


def test_one_that_must_stay_keeps_its_whole_lot() -> None:
    (due, _), young = old(), issue()
    with clock.at(IN_2014):
        unsealed = issue()
    pdf_of(young)
    before = rows()
    for kept in (young, unsealed):
        with pytest.raises(DocumentKept) as refused:
            redact_documents(document_ids=[due, kept])
        assert refused.value.document_id == kept
        assert rows() == before
    assert redact_documents(document_ids=[due]) == 1
    assert redact_documents(document_ids=[due]) == 0


EMPTY = "UPDATE documents_document SET content = '{}', xml = '', "
REFUSED = {
    "a young one": EMPTY + "redacted_at = now() WHERE id = %(young)s",
    "a young one, in years to come": EMPTY + "redacted_at = '2090-01-01' WHERE id = %(young)s",
    "one whose tenth year runs": EMPTY + "redacted_at = now() WHERE id = %(latest)s",
    "one that was sealed late": EMPTY + "redacted_at = now() WHERE id = %(late)s",
    "one without a seal": EMPTY + "redacted_at = now() WHERE id = %(unsealed)s",
    "in the past": EMPTY + "redacted_at = '2024-12-31 16:59Z' WHERE id = %(due)s",
    "without telling": EMPTY + "pdf_path = '' WHERE id = %(due)s",
    "content alone": "UPDATE documents_document SET content = '{}' WHERE id = %(due)s",
    "the word alone": "UPDATE documents_document SET redacted_at = now() WHERE id = %(due)s",
    "something else instead": "UPDATE documents_document SET content = '{\"a\": 1}', xml = '',"
    " redacted_at = now() WHERE id = %(due)s",
    "its hash, too": EMPTY + "content_sha256 = '', redacted_at = now() WHERE id = %(due)s",
    "its PDF's hash, too": EMPTY + "pdf_sha256 = repeat('0', 64), redacted_at = now()"
    " WHERE id = %(due)s",
    "another file's path": EMPTY + "pdf_path = 'x', redacted_at = now() WHERE id = %(due)s",
    "its number, too": EMPTY + "number = 'X', redacted_at = now() WHERE id = %(due)s",
    "all of it": "DELETE FROM documents_document WHERE id = %(due)s",
    "filled again": "UPDATE documents_document SET content = '{\"a\": 1}' WHERE id = %(gone)s",
    "filled with XML": "UPDATE documents_document SET xml = '<a/>' WHERE id = %(gone)s",
    "not redacted after all": "UPDATE documents_document SET redacted_at = NULL"
    " WHERE id = %(gone)s",
    "redacted at another time": "UPDATE documents_document SET redacted_at = now() - interval '1h'"
    " WHERE id = %(gone)s",
    "with a PDF again": "UPDATE documents_document SET pdf_path = 'x' WHERE id = %(gone)s",
    "with another PDF": "UPDATE documents_document SET pdf_sha256 = repeat('0', 64)"
    " WHERE id = %(gone)s",
    "deleted after all": "DELETE FROM documents_document WHERE id = %(gone)s",
}


@pytest.fixture
def lives() -> dict[str, UUID]:
    """Documents in every time of a document's life."""
    year = localdate().year
    gone = old()[0]
    assert redacting.redact_due() == 1
    with clock.at(IN_2014):
        unsealed, late = issue(), issue()
    pdf_of(late)
    latest = datetime(year - 10, 12, 31, 23, 59, tzinfo=JAKARTA)
    young = issue()
    pdf_of(young)
    return {"gone": gone, "due": old()[0], "unsealed": unsealed, "late": late, "young": young,
            "latest": old(at=latest)[0]}  # fmt: skip


@pytest.mark.parametrize("change", REFUSED)
def test_the_database_refuses_every_other_change(lives: dict[str, UUID], change: str) -> None:
    before = rows()
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(REFUSED[change], lives)
    assert rows() == before


def test_the_database_lets_go_what_is_due_and_that_alone(lives: dict[str, UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(EMPTY + "redacted_at = now() WHERE id = %(due)s", lives)
        cursor.execute("UPDATE documents_document SET pdf_path = '' WHERE id = %(due)s", lives)
    redacted = Document.objects.filter(redacted_at__isnull=False)
    assert set(redacted.values_list("id", flat=True)) == {lives["gone"], lives["due"]}
    assert violations() == []


def drafted(invoice_id: UUID) -> UUID | None:
    seller_id, content = row(invoice_id).seller_id, a_document("credit_note")
    return draft_document(
        document=UnissuedDocument(seller_id, "TOKO", new_id(), new_id(), content, invoice_id)
    )


def test_a_redacted_invoice_is_no_longer_corrected() -> None:
    invoice_id = old()[0]
    cause_id, seller_id = row(invoice_id).cause_id, row(invoice_id).seller_id
    assert invoices_of(cause_id)[0].said().number == row(invoice_id).number
    redacting.redact_due()
    series, documents = list(Counter.objects.values()), rows()
    with pytest.raises(DocumentRedacted):
        issue("credit_note", seller_id=seller_id, corrects_id=invoice_id, total=1_00)
    with pytest.raises(DocumentRedacted):
        drafted(invoice_id)
    with pytest.raises(DocumentRedacted):
        invoices_of(cause_id)[0].said()
    assert (list(Counter.objects.values()), rows()) == (series, documents)
    assert not Draft.objects.exists()


def test_an_invoice_stays_while_a_draft_corrects_it() -> None:
    invoice_id = old()[0]
    assert drafted(invoice_id)
    assert redacting.redact_due() == 0
    with pytest.raises(DocumentKept):
        redact_documents(document_ids=[invoice_id])
    assert row(invoice_id).content
    Draft.objects.all().delete()
    assert redacting.redact_due() == 1


def past_the_triggers(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = origin")


@pytest.mark.parametrize(
    "statement",
    [
        EMPTY + "redacted_at = now()",
        EMPTY + "redacted_at = '2090-01-01'",
        "UPDATE documents_document SET content = '{}'",
    ],
)
def test_what_was_emptied_before_its_time_is_altered(statement: str) -> None:
    document_id = issue()
    pdf_of(document_id)
    past_the_triggers(statement)
    proof = examine(document_id)
    assert proof is not None
    assert proof.verdict == "altered"
    [told] = violations()
    assert "a document is what was sealed" in told


def test_a_redacted_document_s_seal_is_still_checked() -> None:
    document_id = old()[0]
    redacting.redact_due()
    past_the_triggers("UPDATE documents_seal SET xml_sha256 = repeat('0', 64)")
    proof = examine(document_id)
    assert proof is not None
    assert proof.verdict == "altered"
    assert any("altered seal" in told for told in violations())


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A chain of three documents with a root over them: the first is redacted."""
    seller_id = new_id()
    old(seller_id=seller_id)
    for _ in range(2):
        pdf_of(issue(seller_id=seller_id))
    publish_root(day=localdate())
    redacting.redact_due()
    folder = tmp_path / "export"
    assert export_documents(folder, told=lambda _done, _of: None) == 3
    return folder


def entries(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / offline.CHAIN).read_text().splitlines()]


def write(folder: Path, changed: list[dict[str, Any]]) -> None:
    lines = [offline.canonical(entry) + b"\n" for entry in changed]
    (folder / offline.CHAIN).write_bytes(b"".join(lines))


def test_an_export_tells_of_a_redacted_document_its_link_alone(export: Path) -> None:
    first, *others = entries(export)
    assert first.keys() == {"link", "hash", "redacted"}
    assert first["redacted"] == str(localdate())
    assert all(entry.keys() == {"link", "hash", "files"} for entry in others)
    assert len(list(export.rglob("*.pdf"))) == 2
    assert offline.check_folder(export) == offline.Checked(3, 1, 1, (), redacted=1)


def test_a_younger_document_is_not_taken_for_a_redacted_one(export: Path) -> None:
    listed = entries(export)
    young = listed[1]
    for file in young.pop("files").values():
        (export / file).unlink()
    for on in (str(localdate()), "2090-01-01", "2014-06-01"):
        young["redacted"] = on
        write(export, listed)
        told = offline.check_folder(export).wrong
        assert any("before they might be deleted" in fault for fault in told), on
    # Made old, it no longer fits its hash; and with another hash, neither chain nor root.
    young["link"]["sealed_at"], young["redacted"] = IN_2014.isoformat(), str(localdate())
    write(export, listed)
    assert offline.check_folder(export).wrong
    young["hash"] = offline.Link(**young["link"]).hash()
    write(export, listed)
    assert any("does not follow" in fault for fault in offline.check_folder(export).wrong)


def test_what_says_that_it_is_redacted_has_no_files_and_was_so_by_now(export: Path) -> None:
    for changed in ({"redacted": "2090-01-01"}, {"redacted": "soon"}, {"files": {}}, {"more": 1}):
        listed = entries(export)
        listed[0] |= changed
        write(export, listed)
        assert offline.check_folder(export).wrong, changed


KILLED = """
import os, signal, django
django.setup()
from niaga.flows.documents.commands.redact_documents import documents_to_redact, redact_documents
redact_documents(document_ids=list(documents_to_redact().values_list("id", flat=True)))
os.kill(os.getpid(), signal.SIGKILL)  # committed, and no file is deleted yet
"""


@pytest.mark.django_db(transaction=True)
def test_a_run_that_was_killed_before_it_deleted_files_is_finished_by_the_next() -> None:
    ids = [old()[0], old("receipt")[0]]
    young = issue()
    pdf_of(young)
    paths = [row(document_id).pdf_path for document_id in ids]
    database = connection.settings_dict
    url = f"postgresql://postgres@/{database['NAME']}?host={database['HOST']}"
    told = subprocess.run(
        [sys.executable, "-c", KILLED],
        check=False,
        env=os.environ | {"DATABASE_URL": url, "NIAGA_DATA": str(django_settings.DATA),
                          "DJANGO_SETTINGS_MODULE": "niaga.project.settings"},
    )  # fmt: skip
    assert told.returncode == -signal.SIGKILL
    assert [row(document_id).content for document_id in ids] == [{}, {}]
    assert all(storages["documents"].exists(path) for path in paths)
    finished = niaga("documents", "redact")
    assert (finished.returncode, finished.stderr) == (0, "")
    assert "Nothing is due" in finished.stdout
    assert "PDFs left of an earlier run are deleted, 2 in all." in finished.stdout
    assert not any(storages["documents"].exists(path) for path in paths)
    assert [row(document_id).pdf_path for document_id in ids] == ["", ""]
    assert storages["documents"].exists(row(young).pdf_path)


@pytest.mark.django_db(transaction=True)
def test_the_command_tells_what_is_due_and_deletes_it(tmp_path: Path) -> None:
    old()
    old(at=IN_2014.replace(year=2015))
    pdf_of(issue())
    before = rows()
    told = niaga("documents", "redact", "--dry-run")
    assert (told.returncode, told.stderr) == (0, "")
    assert "Due: documents until 2015, 2 in all." in told.stdout
    assert rows() == before
    told = niaga("documents", "redact", NIAGA_DOCUMENTS_KEEP_YEARS="0")
    assert "kept for good" in told.stdout
    told = niaga("documents", "redact", NIAGA_DOCUMENTS_KEEP_YEARS="3")
    assert told.returncode == 1
    assert "NIAGA_DOCUMENTS_KEEP_YEARS is '3'" in told.stderr
    assert rows() == before
    told = niaga("documents", "redact")
    assert (told.returncode, told.stderr) == (0, "")
    assert "Deleted: all contents until 2015, of 2 documents." in told.stdout
    assert Document.objects.filter(redacted_at__isnull=False).count() == 2
    assert "Nothing is due" in niaga("documents", "redact").stdout
    folder = tmp_path / "export"
    assert niaga("documents", "export", str(folder)).returncode == 0
    told = offline_niaga("documents", "verify", str(folder))
    assert (told.returncode, told.stderr) == (0, "")
    assert "2 of them without contents" in told.stdout
    shutil.rmtree(folder)


def test_a_lost_pdf_that_is_printed_again_meanwhile_is_not_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document_id, pdf = old()
    path = row(document_id).pdf_path
    storages["documents"].delete(path)
    sign = printing.signed_pdf

    def meanwhile(*given: Any, **more: Any) -> bytes:
        assert redacting.redact_due() == 1
        return sign(*given, **more)

    monkeypatch.setattr(printing, "signed_pdf", meanwhile)
    assert pdf_of(document_id)[1] == pdf
    assert not storages["documents"].exists(path)
    assert row(document_id).pdf_path == ""
