"""Who buys and who sells, as UBL names them."""

from niaga.flows.documents.rendering.content import DocumentContent, Party
from niaga.flows.documents.ubl.markup import Element, group, leaf

COUNTRY = "ID"
EMAIL_SCHEME = "EM"


def party(parent: Element, who: Party, *, vat: bool = False) -> None:
    """Append the party; `vat` gives its tax number as one that charges PPN."""
    element = group(parent, "Party")
    if who.email:
        leaf(element, "EndpointID", who.email, schemeID=EMAIL_SCHEME)
    if who.npwp:
        leaf(group(element, "PartyIdentification"), "ID", who.npwp)
    leaf(group(element, "PartyName"), "Name", who.name)
    _address(group(element, "PostalAddress"), who.address_lines)
    if vat and who.npwp:
        scheme = group(element, "PartyTaxScheme")
        leaf(scheme, "CompanyID", COUNTRY + who.npwp)
        leaf(group(scheme, "TaxScheme"), "ID", "VAT")
    legal = group(element, "PartyLegalEntity")
    leaf(legal, "RegistrationName", who.legal_name or who.name)
    if who.nib:
        leaf(legal, "CompanyID", who.nib)
    _contact(element, who)


def order_reference(parent: Element, content: DocumentContent) -> None:
    """Append the order by the buyer's own number, and by the market's; else by that alone."""
    reference = group(parent, "OrderReference")
    leaf(reference, "ID", content.purchase_order or content.order_reference)
    if content.purchase_order:
        leaf(reference, "SalesOrderID", content.order_reference)


def _contact(parent: Element, who: Party) -> None:
    contact = group(parent, "Contact")
    leaf(contact, "Name", who.name)
    if who.phone:
        leaf(contact, "Telephone", who.phone)
    if who.email:
        leaf(contact, "ElectronicMail", who.email)


def _address(parent: Element, lines: tuple[str, ...]) -> None:
    """Write a whole Indonesian address (street, village, city, province), or what there is."""
    known = tuple(line for line in lines if line)
    if len(known) == len(lines) == 4:
        street, village, city, province = known
        leaf(parent, "StreetName", street)
        leaf(parent, "AdditionalStreetName", village)
        leaf(parent, "CityName", city)
        leaf(parent, "CountrySubentity", province)
    elif known:
        leaf(parent, "StreetName", known[0])
        if known[1:]:
            leaf(group(parent, "AddressLine"), "Line", ", ".join(known[1:]))
    leaf(group(parent, "Country"), "IdentificationCode", COUNTRY)
