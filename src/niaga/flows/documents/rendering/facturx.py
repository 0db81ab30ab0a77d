"""What makes a PDF/A-3b with CII attached a Factur-X file: a name, and words in its metadata."""

import re

FILE_NAME = "factur-x.xml"  # the standard's; readers look for it
PROFILE = "EN 16931"
NAMESPACE = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"

_PROPERTIES = (  # name, value, description
    ("DocumentType", "INVOICE", "The type of the embedded document"),
    ("DocumentFileName", FILE_NAME, "The name of the embedded XML document"),
    ("Version", "1.0", "The version of the standard of the embedded XML document"),
    ("ConformanceLevel", PROFILE, "The profile of the embedded XML document"),
)
# PDF/A asks every property beyond its own for a description of its schema.
_SCHEMA = (
    '<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Factur-X PDFA Extension Schema'
    f"</pdfaSchema:schema><pdfaSchema:namespaceURI>{NAMESPACE}</pdfaSchema:namespaceURI>"
    "<pdfaSchema:prefix>fx</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>"
    + "".join(
        f'<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name>'
        "<pdfaProperty:valueType>Text</pdfaProperty:valueType>"
        "<pdfaProperty:category>external</pdfaProperty:category>"
        f"<pdfaProperty:description>{words}</pdfaProperty:description></rdf:li>"
        for name, _, words in _PROPERTIES
    )
    + "</rdf:Seq></pdfaSchema:property></rdf:li>"
)
_DESCRIPTION = (
    f'<rdf:Description rdf:about="" xmlns:fx="{NAMESPACE}">'
    + "".join(f"<fx:{name}>{value}</fx:{name}>" for name, value, _ in _PROPERTIES)
    + "</rdf:Description>"
)
_SCHEMAS = re.compile(rb"<pdfaExtension:schemas><rdf:Bag>(.*)</rdf:Bag></pdfaExtension:schemas>")
_PDFA = "http://www.aiim.org/pdfa/ns"
_END = b"</rdf:RDF>"


def declared(metadata: bytes) -> bytes:
    """Return a PDF's metadata (XMP, as typst writes it) with what Factur-X adds.

    The schemas move into a description of their own: some readers look for them first there.
    """
    [known] = _SCHEMAS.findall(metadata)
    schemas = (
        f'<rdf:Description rdf:about="" xmlns:pdfaExtension="{_PDFA}/extension/" '
        f'xmlns:pdfaSchema="{_PDFA}/schema#" xmlns:pdfaProperty="{_PDFA}/property#">'
        f"<pdfaExtension:schemas><rdf:Bag>{known.decode()}{_SCHEMA}</rdf:Bag>"
        "</pdfaExtension:schemas></rdf:Description>"
    )
    added = (schemas + _DESCRIPTION).encode()
    return _SCHEMAS.sub(b"", metadata).replace(_END, added + _END)
