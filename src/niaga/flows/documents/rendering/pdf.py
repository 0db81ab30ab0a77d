"""Content to PDF/A-3b by typst: the same content makes the same bytes on every machine."""

import json
import threading
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Literal

import typst

from niaga.flows.documents.rendering import facturx
from niaga.flows.documents.rendering.content import DocumentContent
from niaga.flows.documents.rendering.glyphs import FONTS
from niaga.flows.documents.rendering.printed import printed

TEMPLATE = 1  # the version that new documents are printed with; older ones stay as they are

_TEMPLATES = Path(__file__).parent / "templates"
_local = threading.local()

CII_ROOT = "CrossIndustryInvoice"

type Standard = Literal["a-3b", "a-1b"]


@cache
def _fonts() -> typst.Fonts:
    """Return the document's own fonts: a machine's fonts would change the bytes."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])


def _compiler(template: int) -> typst.Compiler:
    """Return this thread's compiler; it keeps the parsed templates between documents."""
    compilers: dict[int, typst.Compiler] = _local.__dict__.setdefault("compilers", {})
    if template not in compilers:
        folder = _TEMPLATES / f"v{template}"
        compilers[template] = typst.Compiler(
            folder / "document.typ", root=folder, font_paths=_fonts(), ignore_system_fonts=True
        )
    return compilers[template]


def render_pdf(
    content: DocumentContent,
    *,
    xml: str = "",
    template: int = TEMPLATE,
    standard: Standard = "a-3b",
) -> bytes:
    """Return the document as PDF/A-3b with its `xml` attached; with CII it is Factur-X.

    `standard` a-1b makes the twin that other checkers know; it has no attachment. Texts reach the
    templates as JSON, so typst's markup characters in a name print as themselves.
    """
    is_facturx = CII_ROOT in xml[:200] and standard == "a-3b"
    values = printed(content) | {
        "xml": xml if standard == "a-3b" else "",
        "xml_name": facturx.FILE_NAME if is_facturx else "invoice.xml",
    }
    made = _compiler(template).compile(
        format="pdf",
        sys_inputs={"document": json.dumps(values, ensure_ascii=False)},
        pdf_standards=[standard],
        timestamp=int(content.issued_at.timestamp()),
    )
    assert isinstance(made, bytes)
    return _declared(made) if is_facturx else made


def _declared(pdf: bytes) -> bytes:
    # pyHanko loads for a second; only who prints Factur-X pays.
    from niaga.flows.documents.rendering.revision import with_metadata  # noqa: PLC0415

    return with_metadata(pdf, facturx.declared)


def render_png(content: DocumentContent, *, dots_per_inch: int = 110) -> bytes:
    """Return the document's first page as a picture, to be looked at."""
    made = _compiler(TEMPLATE).compile(
        format="png",
        ppi=dots_per_inch,
        sys_inputs={"document": json.dumps(printed(content) | {"xml": ""}, ensure_ascii=False)},
    )
    first = made[0] if isinstance(made, list) else made
    assert isinstance(first, bytes)
    return first


def compile_page(template: str, inputs: dict[str, str], *, printed_at: datetime) -> bytes:
    """Return a sheet that is no document (a label, a list) as PDF; nothing of it is kept."""
    folder = _TEMPLATES / f"v{TEMPLATE}"
    compiler = typst.Compiler(
        folder / f"{template}.typ", root=folder, font_paths=_fonts(), ignore_system_fonts=True
    )
    made = compiler.compile(format="pdf", sys_inputs=inputs, timestamp=int(printed_at.timestamp()))
    assert isinstance(made, bytes)
    return made
