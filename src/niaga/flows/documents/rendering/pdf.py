"""Content to PDF/A-3b by typst: the same content makes the same bytes on every machine."""

import json
import threading
from functools import cache
from pathlib import Path

import typst

from niaga.flows.documents.rendering.content import DocumentContent
from niaga.flows.documents.rendering.glyphs import FONTS
from niaga.flows.documents.rendering.printed import printed

_TEMPLATES = Path(__file__).parent / "templates"
_local = threading.local()


@cache
def _fonts() -> typst.Fonts:
    """Return the document's own fonts: a machine's fonts would change the bytes."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])


def _compiler() -> typst.Compiler:
    """Return this thread's compiler; it keeps the parsed templates between documents."""
    if not hasattr(_local, "compiler"):
        _local.compiler = typst.Compiler(
            _TEMPLATES / "document.typ",
            root=_TEMPLATES,
            font_paths=_fonts(),
            ignore_system_fonts=True,
        )
    compiler: typst.Compiler = _local.compiler
    return compiler


def render_pdf(content: DocumentContent) -> bytes:
    """Return the document as PDF/A-3b.

    Texts reach the templates as JSON, so typst's markup characters in a name print as themselves.
    """
    made = _compiler().compile(
        format="pdf",
        sys_inputs={"document": json.dumps(printed(content), ensure_ascii=False)},
        pdf_standards=["a-3b"],
        timestamp=int(content.issued_at.timestamp()),
    )
    assert isinstance(made, bytes)
    return made
