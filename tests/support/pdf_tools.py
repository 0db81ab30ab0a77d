"""What other people's programs say of our PDFs: PDFBox Preflight, qpdf, poppler's pdfsig."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from lxml import etree

_JARS = Path("/usr/share/java")
# javax.activation and jaxb-api left Java itself after version 8; Preflight still wants them.
_PREFLIGHT = (
    "preflight", "pdfbox2", "xmpbox", "fontbox2", "commons-logging", "commons-io",
    "javax.activation", "jaxb-api",
)  # fmt: skip


def preflight(pdfs: Mapping[str, bytes], folder: Path) -> dict[str, list[str]]:
    """Return what PDFBox Preflight finds against PDF/A-1b in each named PDF; none: it conforms."""
    jars = [_JARS / f"{name}.jar" for name in _PREFLIGHT]
    missing = [jar.name for jar in jars if not jar.is_file()]
    if missing or shutil.which("java") is None:
        pytest.skip(f"no Java or {missing}: run 'make browser'")
    for name, pdf in pdfs.items():
        (folder / name).write_bytes(pdf)
    listed = folder / "list"
    listed.write_text("".join(f"{folder / name}\n" for name in pdfs))
    _run("java", "-cp", ":".join(map(str, jars)), "org.apache.pdfbox.preflight.Validator_A1b",
         "xml", "group", str(listed))  # fmt: skip
    report = etree.parse(folder / "list.preflight.xml").getroot()
    found = {}
    for part in report.iter("preflight"):
        valid = part.find("isValid").text == "true"
        faults = ["".join(error.itertext()) for error in part.iter("error")]
        found[part.get("name")] = faults or ([] if valid else ["it is not valid"])
    return found


def qpdf_check(pdf: bytes, folder: Path) -> str:
    """Return what `qpdf --check` complains of; empty says that there is no fault."""
    checked = _run(_needed("qpdf"), "--check", _file(pdf, folder))
    return "" if checked.returncode == 0 else checked.stdout + checked.stderr


def pdfsig(pdf: bytes, folder: Path) -> str:
    """Return what poppler's `pdfsig` tells of the signatures."""
    return _run(_needed("pdfsig"), _file(pdf, folder)).stdout


def _file(pdf: bytes, folder: Path) -> str:
    path = folder / "document.pdf"
    path.write_bytes(pdf)
    return str(path)


def _needed(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed: run 'make browser'")
    return path


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
