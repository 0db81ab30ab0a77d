"""A PDF is signed (PAdES, baseline B): the same PDF, key and instant make the same bytes."""

import asyncio
from datetime import datetime
from functools import lru_cache

from asn1crypto import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

from niaga.flows.documents.rendering.revision import Revision
from niaga.flows.documents.signing.keys import DocumentKey

FIELD = "Signature"
_RESERVED = 8192  # hexadecimal digits: a certificate of 3072 bits and the signature fit


class _KeySigner(Signer):
    """Signs with a loaded RSA key (PKCS #1 v1.5, which has no chance in it)."""

    def __init__(self, key: DocumentKey) -> None:
        # The authority's certificate stays out: who checks has it already, and pyHanko keeps
        # several in a set, whose order is another one each time.
        der = key.certificate.public_bytes(serialization.Encoding.DER)
        super().__init__(signing_cert=x509.Certificate.load(der), embed_roots=False)
        self._key = key.key

    async def async_sign_raw(
        self,
        data: bytes,
        digest_algorithm: str,
        dry_run: bool = False,  # noqa: FBT001, FBT002 - pyHanko's
    ) -> bytes:
        assert digest_algorithm == "sha256"
        if dry_run:
            return bytes(self._key.key_size // 8)
        return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())


@lru_cache(maxsize=64)
def _signer(key: DocumentKey) -> _KeySigner:
    """Return the key's signer; reading its certificates costs more than signing."""
    return _KeySigner(key)


def sign_pdf(pdf: bytes, key: DocumentKey, *, at: datetime) -> bytes:
    """Return `pdf` with an invisible signature of `key`, made `at` that instant."""
    return asyncio.run(_signed(pdf, key, at))


async def _signed(pdf: bytes, key: DocumentKey, at: datetime) -> bytes:
    """Sign in pyHanko's own steps, because only so the instant and the file's id can be given."""
    writer = Revision(pdf, seed=key.fingerprint.encode() + at.isoformat().encode())
    metadata = PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES
    )
    session = PdfSigner(metadata, _signer(key)).init_signing_session(writer)
    session.system_time = at
    status = await session.perform_presign_validation(writer)
    prepared = session.prepare_tbs_document(validation_info=status, bytes_reserved=_RESERVED)
    digest, output = prepared.digest_tbs_document(in_place=False)
    done = await prepared.perform_signature(
        document_digest=digest.document_digest,
        pdf_cms_signed_attrs=PdfCMSSignedAttributes(signing_time=at),
    )
    await done.post_signature_processing(output)
    output.seek(0)
    return bytes(output.read())
