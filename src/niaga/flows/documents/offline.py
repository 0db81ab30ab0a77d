"""Documents are checked anywhere: no network, no database, nothing to trust but one certificate."""

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from asn1crypto import cms, pem
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from niaga.flows.documents.chain import Link, canonical, root_of
from niaga.flows.documents.keeping import may_be_redacted
from niaga.kernel import clock
from niaga.plumbing.days import midnight

AUTHORITY, CHAIN, ROOTS = "authority.pem", "chain.jsonl", "roots.json"


@dataclass(frozen=True, slots=True)
class Checked:
    """What was checked: how many documents, chains and roots, and everything that is wrong.

    Of `redacted` documents, which are among them, no contents are left: their links hold.
    """

    documents: int
    chains: int
    roots: int
    wrong: tuple[str, ...]
    redacted: int = 0


@dataclass(frozen=True, slots=True)
class SignedBy:
    """Who signed a PDF: the certificate's name and its SHA-256."""

    name: str
    fingerprint: str


class NotGenuineError(Exception):
    """A file is not what was signed; the message says why."""


def check_pdf(pdf: bytes, authority: bytes) -> SignedBy:
    """Return who signed a PDF whose every byte is as it was signed.

    `authority` is the certificate (PEM) to believe.

    Raises:
        NotGenuineError: no signature, a changed byte, or a signer that nobody vouches for.
    """
    # A damaged file raises whatever its damage meets first.
    try:
        signatures = PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures
    except Exception as error:
        raise NotGenuineError(f"not a readable PDF: {error}") from error
    if len(signatures) != 1:
        raise NotGenuineError("it is not signed once")
    try:
        status = _status(signatures[0], authority)
        written = _written(signatures[0])
    except Exception as error:
        raise NotGenuineError(f"the signature cannot be checked: {error}") from error
    _, start, end, _ = signatures[0].byte_range
    in_place = written.ljust(end - start - 1, b"0") + b">"
    if not (status.intact and status.valid) or pdf[start:end] != in_place:
        raise NotGenuineError("a byte was changed after it was signed")
    if status.coverage != SignatureCoverageLevel.ENTIRE_FILE:
        raise NotGenuineError("something was added after it was signed")
    if not status.trusted:
        raise NotGenuineError("nobody we believe vouches for its signer")
    certificate = status.signing_cert
    return SignedBy(
        str(certificate.subject.native.get("common_name", "")),
        hashlib.sha256(certificate.dump()).hexdigest(),
    )


def _status(signature: EmbeddedPdfSignature, authority: bytes) -> PdfSignatureStatus:
    """Return what pyHanko finds, as at the instant that the signature tells."""
    context = ValidationContext(
        trust_roots=[_certificate(authority)],
        allow_fetching=False,
        revocation_mode="soft-fail",
        moment=signature.self_reported_timestamp,
    )
    return validate_pdf_signature(signature, context)


def _written(signature: EmbeddedPdfSignature) -> bytes:
    """Return the signature as it is written in its place of the file, which it cannot sign.

    Some of its bytes mean nothing to who checks (versions, hints, what fills it up): there is
    one form, so that a change of those is seen, too.
    """
    certificate, signer = signature.signer_cert, signature.signer_info
    issued = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
    sha256 = {"algorithm": "sha256"}
    signed = {
        "version": "v1",
        "digest_algorithms": [sha256],
        "encap_content_info": {"content_type": "data"},
        "certificates": [certificate],
        "signer_infos": [
            {
                "version": "v1",
                "sid": cms.SignerIdentifier({"issuer_and_serial_number": issued}),
                "digest_algorithm": sha256,
                "signed_attrs": signer["signed_attrs"],
                "signature_algorithm": {"algorithm": "sha256_rsa"},
                "signature": signer["signature"].native,
            }
        ],
    }
    whole = cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed)})
    return b"<" + bytes(whole.dump()).hex().upper().encode()


def check_folder(folder: Path) -> Checked:
    """Check an export: every file, signature and link, and every root that was published.

    A document may be without files where it says on which day it was redacted, and that was ten
    whole years after the one in which it was sealed. The day itself is under no hash.

    Raises:
        FileNotFoundError: it is no export.
    """
    authority = (folder / AUTHORITY).read_bytes()
    wrong: list[str] = []
    try:
        _check_authority(authority)
    except NotGenuineError as error:
        wrong.append(f"{AUTHORITY}: {error}")
    hashes: dict[str, list[str]] = {}
    documents = redacted = 0
    roots: list[dict[str, Any]] = []
    try:
        with (folder / CHAIN).open("rb") as lines:
            for line in lines:
                documents += 1
                entry = json.loads(line)
                if line != canonical(entry) + b"\n":
                    wrong.append(f"{CHAIN}: line {documents} was changed")
                redacted += "redacted" in entry
                wrong += _entry_faults(folder, entry, authority, hashes)
        roots = json.loads((folder / ROOTS).read_bytes())
        if (folder / ROOTS).read_bytes() != roots_file(roots):
            wrong.append(f"{ROOTS}: was changed")
        wrong += _root_faults(roots, hashes)
    except (ValueError, KeyError, TypeError) as error:
        wrong.append(f"{CHAIN} or {ROOTS} cannot be read: {error}")
    return Checked(documents, len(hashes), len(roots), tuple(wrong), redacted)


def roots_file(roots: list[dict[str, Any]]) -> bytes:
    """Return the roots as an export writes them."""
    return json.dumps(roots, indent=1).encode() + b"\n"


def _check_authority(authority: bytes) -> None:
    """Refuse a certificate to believe that is not as it was written and signed by itself."""
    try:
        found = load_pem_x509_certificate(authority)
        found.verify_directly_issued_by(found)
        whole = found.public_bytes(Encoding.PEM)
    except Exception as error:
        raise NotGenuineError(f"no authority's certificate: {error}") from error
    if authority != whole:
        raise NotGenuineError("it was changed")


def _entry_faults(
    folder: Path, entry: dict[str, Any], authority: bytes, hashes: dict[str, list[str]]
) -> Iterator[str]:
    """Yield what is wrong with a document; `hashes` are the links before it, by seller."""
    link, gone = Link(**entry["link"]), "redacted" in entry
    name = f"document {link.document_id}" if gone else entry["files"]["pdf"]
    chain = hashes.setdefault(link.seller_id, [])
    if link.position != len(chain) + 1:
        yield f"{name}: link {link.position} follows link {len(chain)}"
    if link.previous_hash != (chain[-1] if chain else ""):
        yield f"{name}: does not follow the link before it"
    if link.hash() != entry["hash"]:
        yield f"{name}: its link was changed"
    chain.append(entry["hash"])
    if gone:
        yield from _redaction_faults(entry, link)
        return
    yield from _sealed_faults(folder, entry["files"], link)
    try:
        signed = check_pdf((folder / name).read_bytes(), authority)
    except OSError:
        return
    except NotGenuineError as error:
        yield f"{name}: {error}"
    else:
        if signed.fingerprint != link.certificate:
            yield f"{name}: signed by another certificate than it says"


def _redaction_faults(entry: dict[str, Any], link: Link) -> Iterator[str]:
    """Yield what is wrong with a document that says its contents were deleted."""
    name, now = f"document {link.document_id}", clock.now()
    on, sealed_at = midnight(date.fromisoformat(entry["redacted"])), clock.parse(link.sealed_at)
    if entry.keys() != {"link", "hash", "redacted"}:
        yield f"{name}: is redacted and has files"
    if on > now:
        yield f"{name}: is redacted on a day that is still to come"
    if not may_be_redacted(sealed_at=sealed_at, at=min(on, now)):
        yield f"{name}: its contents are missing, before they might be deleted"


def _sealed_faults(folder: Path, files: dict[str, str], link: Link) -> Iterator[str]:
    """Yield which of a document's files are not what its link sealed."""
    sealed = {"content": link.content_sha256, "pdf": link.pdf_sha256, "xml": link.xml_sha256}
    for part, sha256 in sealed.items():
        if part in files:
            yield from _file_faults(folder / files[part], files[part], sha256)
        elif sha256:
            yield f"{files['pdf']}: its {part} is missing"


def _file_faults(path: Path, name: str, sha256: str) -> Iterator[str]:
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        yield f"{name}: missing"
        return
    if found != sha256:
        yield f"{name}: is not the file that was sealed"


def _root_faults(roots: list[dict[str, Any]], hashes: dict[str, list[str]]) -> Iterator[str]:
    before = ""
    for row in roots:
        day, heads = row["day"], row["heads"]
        if row["previous_root"] != before:
            yield f"root of {day}: does not follow the root before it"
        if root_of(day=day, heads=heads, previous_root=row["previous_root"]) != row["root"]:
            yield f"root of {day}: was changed"
        for seller_id, position, hash_ in heads:
            chain = hashes.get(seller_id)
            if chain is not None and (len(chain) < position or chain[position - 1] != hash_):
                yield f"root of {day}: the chain of {seller_id} is not the published one"
        before = row["root"]


def _certificate(authority: bytes) -> asn1_x509.Certificate:
    _, _, der = pem.unarmor(authority)
    return asn1_x509.Certificate.load(der)
