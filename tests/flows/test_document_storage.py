"""Documents in S3-compatible storage: a real server process, spoken to over HTTP."""

import hashlib
import io
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError
from django.conf import settings as django_settings

from niaga.flows.documents.bundling import KEPT_FOR, bundle_chunks, forget_bundles, make_bundle
from niaga.flows.documents.commands.ask_bundle import ask_bundle
from niaga.flows.documents.finding import Reader, Wanted
from niaga.flows.documents.models import Bundle, Document
from niaga.flows.documents.printing import documents_storage, pdf_of
from niaga.flows.documents.redacting import redact_due
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.project.storing import documents_storage as storage_setting
from tests.flows.test_document_proof import issue

pytestmark = pytest.mark.django_db

BUCKET, PREFIX = "niaga-documents", "market-1"
KEYS = {"AWS_ACCESS_KEY_ID": "reader", "AWS_SECRET_ACCESS_KEY": "rahasia"}
_PATIENCE_S = 60


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an S3-compatible server (moto's, a process of its own)."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("s3") / "server.log"
    with log.open("wb") as told:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        process = subprocess.Popen(command, stdout=told, stderr=told)
        try:
            _wait(f"http://127.0.0.1:{port}/", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=_PATIENCE_S)


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(_PATIENCE_S * 5):
        assert process.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError(log.read_text())


@pytest.fixture
def bucket(server: str, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Any:
    """The bucket that this market's settings name, empty."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    environment = {
        "NIAGA_DOCUMENTS_BUCKET": BUCKET,
        "NIAGA_DOCUMENTS_ENDPOINT": server,
        "NIAGA_DOCUMENTS_REGION": "ap-southeast-3",
        "NIAGA_DOCUMENTS_PREFIX": PREFIX,
    }
    resource = boto3.resource("s3", endpoint_url=server, region_name="ap-southeast-3")
    made = resource.Bucket(BUCKET)
    made.create(CreateBucketConfiguration={"LocationConstraint": "ap-southeast-3"})
    settings.STORAGES = django_settings.STORAGES | {
        "documents": storage_setting(environment, Path("/nonexistent"))
    }
    yield made
    made.objects.all().delete()
    made.delete()


def keys(bucket: Any) -> list[str]:
    return sorted(item.key for item in bucket.objects.all())


def test_without_a_bucket_documents_lie_in_the_folder(tmp_path: Path) -> None:
    setting = storage_setting({}, tmp_path)
    assert setting["OPTIONS"]["location"] == tmp_path
    assert "FileSystemStorage" in setting["BACKEND"]


def test_documents_are_stored_once_and_read_from_the_bucket(bucket: Any) -> None:
    document_id = issue()
    name, pdf = pdf_of(document_id)
    row = Document.objects.get(pk=document_id)
    [key] = keys(bucket)
    assert key == f"{PREFIX}/{row.pdf_path}"
    stored = bucket.Object(key).get()["Body"].read()
    assert hashlib.sha256(stored).hexdigest() == row.pdf_sha256
    written = bucket.Object(key).last_modified
    assert pdf_of(document_id) == (name, pdf)
    assert (keys(bucket), bucket.Object(key).last_modified) == ([key], written)


@pytest.mark.parametrize("harm", ["lost", "damaged", "cut"])
def test_a_lost_or_damaged_object_is_made_again_to_the_byte(bucket: Any, harm: str) -> None:
    document_id = issue("credit_note")
    _, pdf = pdf_of(document_id)
    [key] = keys(bucket)
    if harm == "lost":
        bucket.Object(key).delete()
    else:
        bucket.Object(key).put(Body=pdf[:-1] if harm == "cut" else b"%" + pdf)
    assert pdf_of(document_id)[1] == pdf
    assert keys(bucket) == [key]
    assert bucket.Object(key).get()["Body"].read() == pdf


def test_a_zip_is_made_in_the_bucket_streamed_and_forgotten(bucket: Any) -> None:
    seller_id = new_id()
    pdfs = sorted(pdf_of(issue(seller_id=seller_id))[1] for _ in range(3))
    owner = f"seller:{seller_id}"
    bundle_id = ask_bundle(reader=Reader(owner, seller_id=seller_id), wanted=Wanted())
    make_bundle(bundle_id)
    chunks = bundle_chunks(bundle_id, owner)
    assert chunks is not None
    with zipfile.ZipFile(io.BytesIO(b"".join(chunks))) as archive:
        assert sorted(archive.read(each) for each in archive.namelist()) == pdfs
    assert f"{PREFIX}/bundles/{bundle_id}.zip" in keys(bucket)
    Bundle.objects.update(asked_at=clock.now() - (KEPT_FOR * 2))
    assert forget_bundles() == 1
    assert not [key for key in keys(bucket) if "bundles" in key]


def test_a_bucket_that_does_not_answer_loses_no_document(bucket: Any, settings: Any) -> None:
    document_id = issue()
    working = settings.STORAGES
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        options = working["documents"]["OPTIONS"] | {
            "endpoint_url": f"http://127.0.0.1:{closed.getsockname()[1]}",
            "client_config": Config(connect_timeout=1, retries={"max_attempts": 0}),
        }
        settings.STORAGES = working | {"documents": working["documents"] | {"OPTIONS": options}}
        with pytest.raises(EndpointConnectionError):
            pdf_of(document_id)
    settings.STORAGES = working
    sealed = Document.objects.get(pk=document_id).pdf_sha256
    assert sealed
    assert keys(bucket) == []
    assert hashlib.sha256(pdf_of(document_id)[1]).hexdigest() == sealed
    assert len(keys(bucket)) == 1


def test_nothing_in_the_bucket_is_public(bucket: Any, server: str) -> None:
    document_id = issue()
    pdf_of(document_id)
    [key] = keys(bucket)
    grants = bucket.Object(key).Acl().grants
    assert [grant["Permission"] for grant in grants] == ["FULL_CONTROL"]
    assert all("AllUsers" not in str(grant["Grantee"]) for grant in grants)
    assert "Signature" in documents_storage().url(Document.objects.get(pk=document_id).pdf_path)


def test_a_redacted_document_s_object_leaves_the_bucket(bucket: Any) -> None:
    with clock.at(datetime(2014, 5, 6, tzinfo=UTC)):
        pdf_of(issue())
    young = issue()
    pdf_of(young)
    assert len(keys(bucket)) == 2
    assert redact_due() == 1
    assert keys(bucket) == [f"{PREFIX}/{Document.objects.get(pk=young).pdf_path}"]
