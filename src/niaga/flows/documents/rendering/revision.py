"""A PDF is added to so that the same addition makes the same bytes."""

import hashlib
import io
from collections.abc import Callable

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter


def with_metadata(pdf: bytes, metadata: Callable[[bytes], bytes]) -> bytes:
    """Return the PDF with its metadata (XMP) as the function makes them of the present ones."""
    revision = Revision(pdf, seed=b"metadata")
    present = revision.root["/Metadata"]
    kind = {pdf_name(key): pdf_name(present[key]) for key in ("/Type", "/Subtype")}
    changed = generic.StreamObject(kind, stream_data=metadata(present.data))
    revision.root[pdf_name("/Metadata")] = revision.add_object(changed)
    revision.update_root()  # type: ignore[no-untyped-call]
    output = io.BytesIO()
    revision.write(output)  # type: ignore[no-untyped-call]
    return output.getvalue()


class Revision(IncrementalPdfFileWriter):
    """Adds to a PDF and leaves what the PDF says of itself as it is.

    The file's id, which pyHanko takes by chance, comes from the PDF and from `seed`, which tells
    what is added.
    """

    def __init__(self, pdf: bytes, *, seed: bytes) -> None:
        super().__init__(io.BytesIO(pdf))
        first, _ = self._document_id
        again = hashlib.sha256(pdf + seed).digest()
        self._document_id = generic.ArrayObject([first, generic.ByteStringObject(again[:16])])

    def _update_meta(self) -> None:
        """Do nothing: pyHanko would note the machine's time as that of a change."""
