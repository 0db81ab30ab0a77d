"""`niaga documents export` and `verify` as an operator runs them: real processes, files on disk."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils.timezone import localdate

from niaga.flows.documents import offline
from niaga.flows.documents.commands.publish_root import publish_root
from niaga.flows.documents.models import Document
from niaga.flows.documents.printing import pdf_of
from niaga.kernel.ids import new_id
from niaga.parties.models import Company
from niaga.project.database import server_url
from tests.flows.test_document_proof import issue
from tests.support.worlds import make_company

pytestmark = pytest.mark.django_db(transaction=True)

XML = "<?xml version='1.0' encoding='UTF-8'?>\n<Invoice>Kopi &amp; Teh</Invoice>\n"


def niaga(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command on this test's database; an empty DATABASE_URL leaves it without one."""
    database = connection.settings_dict
    url = server_url(Path(database["HOST"]), database=database["NAME"])
    known = {"DATABASE_URL": url, "NIAGA_DATA": str(settings.DATA), "COLUMNS": "300"}
    return subprocess.run(
        [sys.executable, "-m", "niaga.project.cli.main", *arguments],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | known | environment,
    )


def offline_niaga(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it with no database to reach, no data folder and no keys."""
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
    return niaga(*arguments, DATABASE_URL=nowhere, NIAGA_DATA="/nonexistent/niaga")


def with_xml(document_id: object) -> None:
    """Issue the same once more, with XML."""
    copy = Document.objects.get(pk=document_id)
    copy.pk, copy.xml, copy.about_id = new_id(), XML, new_id()
    copy.serial, copy.number = copy.serial + 1, f"INV/X/{copy.serial + 1}"
    copy.save(force_insert=True)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A folder with the documents of two sellers, exported by the command."""
    first, second = make_company(name="Kopi Satu"), make_company(name="Teh Dua")
    for company in (first, second):
        with_xml(issue(seller_id=company.id))
        issue("receipt", seller_id=company.id)
    for document_id in Document.objects.values_list("id", flat=True):
        pdf_of(document_id)
    publish_root(day=localdate())
    folder = tmp_path / "export"
    told = niaga("documents", "export", str(folder))
    assert (told.returncode, told.stderr) == (0, "")
    assert "6 documents are in" in told.stdout
    return folder


def change(file: Path, place: int) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])


def test_an_export_is_verified_offline_and_every_altered_file_is_named(export: Path) -> None:
    told = offline_niaga("documents", "verify", str(export))
    assert (told.returncode, told.stderr) == (0, "")
    assert "6 documents in 2 chains, 1 daily roots" in told.stdout
    kept = {}
    for kind in ("pdf", "json", "xml"):
        file = next(f for f in sorted(export.rglob(f"*.{kind}")) if f.name != offline.ROOTS)
        kept[file] = file.read_bytes()
        change(file, len(kept[file]) // 2)
    told = offline_niaga("documents", "verify", str(export))
    assert told.returncode == 1
    for file, whole in kept.items():
        assert f"{file.relative_to(export)}: is not the file that was sealed" in told.stdout
        file.write_bytes(whole)
    (gone := next(iter(kept))).unlink()
    told = offline_niaga("documents", "verify", str(export))
    assert told.returncode == 1
    assert f"{gone.relative_to(export)}: missing" in told.stdout


def test_a_published_root_that_was_exchanged_is_refused(export: Path) -> None:
    roots = export / offline.ROOTS
    listed = json.loads(roots.read_text())
    listed[0]["root"] = "0" * 64
    roots.write_text(json.dumps(listed))
    told = offline_niaga("documents", "verify", str(export))
    assert told.returncode == 1
    assert "was changed" in told.stdout


def test_one_file_is_verified_by_itself(export: Path, tmp_path: Path) -> None:
    pdf = next(export.rglob("*.pdf"))
    told = offline_niaga("documents", "verify", str(pdf))
    assert (told.returncode, told.stderr) == (0, "")
    assert "every byte is as Niaga signed it" in told.stdout
    alone = tmp_path / "alone.pdf"
    shutil.copy(pdf, alone)
    told = offline_niaga("documents", "verify", str(alone))
    assert told.returncode == 1
    assert "--authority" in told.stderr
    pem = str(export / offline.AUTHORITY)
    assert offline_niaga("documents", "verify", str(alone), "--authority", pem).returncode == 0
    change(alone, 4000)
    told = offline_niaga("documents", "verify", str(alone), "--authority", pem)
    assert told.returncode == 1
    assert "Does not hold" in told.stdout


def test_one_seller_s_documents_are_taken_along_alone(export: Path, tmp_path: Path) -> None:
    company = Company.objects.get(name="Teh Dua")
    folder = tmp_path / "one"
    told = niaga("documents", "export", str(folder), "--seller", company.slug)
    assert "3 documents are in" in told.stdout
    assert {file.parent.parent.name for file in folder.rglob("*.pdf")} == {str(company.id)}
    assert offline_niaga("documents", "verify", str(folder)).returncode == 0


def test_an_export_never_writes_over_something(export: Path, tmp_path: Path) -> None:
    before = {file: file.read_bytes() for file in export.rglob("*") if file.is_file()}
    told = niaga("documents", "export", str(export))
    assert told.returncode == 1
    assert "is not empty" in told.stderr
    assert {file: file.read_bytes() for file in export.rglob("*") if file.is_file()} == before
    told = niaga("documents", "export", str(tmp_path / "none"), "--seller", "nobody")
    assert told.returncode == 1
    assert "There is no seller nobody" in told.stderr
    assert not (tmp_path / "none").exists()


def test_what_is_no_export_is_told_so(tmp_path: Path) -> None:
    told = offline_niaga("documents", "verify", str(tmp_path))
    assert told.returncode == 1
    assert "is no export" in told.stderr


def test_the_speed_of_documents_is_measured(tmp_path: Path) -> None:
    report = tmp_path / "documents.json"
    told = niaga("bench", "documents", "--count", "5", "--json", str(report))
    assert told.returncode == 0, told.stderr
    found = json.loads(report.read_text())
    assert len(found["documents"]) >= 4
    assert all(step["documents"] == 5 for step in found["documents"].values())
    assert all(step["rate"] > 0 for step in found["documents"].values())
    assert found["rss_mib"]["5"] > 0
    assert {target["what"] for target in found["targets"]} == {
        "rendering a document", "memory, 5 to 5 documents",
    }  # fmt: skip
