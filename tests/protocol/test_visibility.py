"""Need to know, by construction: what a party's messages have no field for can't reach it."""

import pytest

from niaga.protocol.messages import enrolment, purchase, schema, visibility
from niaga.protocol.messages.codes import CodeResponse
from niaga.protocol.messages.parts import SignedMessage
from niaga.protocol.messages.schema import About, Party, Text


def test_no_message_a_merchant_has_can_express_an_instrument() -> None:
    assert visibility.told_about(Party.MERCHANT, About.INSTRUMENT) == frozenset()


def test_no_message_a_gateway_or_issuer_has_can_express_an_order() -> None:
    for party in (Party.GATEWAY, Party.ISSUER, Party.AUTHORITY):
        assert visibility.told_about(party, About.ORDER) == frozenset()


def test_the_wallets_server_is_sent_nothing() -> None:
    assert visibility.seen_by(Party.WALLET_ORIGIN) == frozenset()


def test_the_marks_are_where_they_matter() -> None:
    """Or the tests above would be empty."""
    order = visibility.told_about(Party.MERCHANT, About.ORDER)
    assert {"Line.name", "Line.quantity", "Checkout.deliver_to"} <= order
    instrument = visibility.told_about(Party.GATEWAY, About.INSTRUMENT)
    assert instrument == {"Instrument.id", "Instrument.type"}
    card = visibility.told_about(Party.ISSUER, About.INSTRUMENT)
    assert {"CardData.pan", "CardData.expiry", "CardData.holder"} <= card


def test_every_field_of_an_order_line_and_of_a_card_is_marked() -> None:
    marked = {
        place
        for party in Party
        for about in (About.ORDER, About.INSTRUMENT)
        for place in visibility.told_about(party, about)
    }
    for name in ("Line", "Instrument", "CardData"):
        record = vars(enrolment).get(name) or vars(purchase)[name]
        assert {f"{name}.{slot.name}" for slot in schema.slots_of(record)} <= marked


def test_a_gateway_has_no_field_for_words_of_its_own_to_a_merchant() -> None:
    """A free text could carry a card number, whatever it is called."""
    free = set()
    for kind in visibility.messages():
        if not issubclass(kind, SignedMessage) or Party.MERCHANT not in kind.READERS:
            continue
        if visibility.writers(kind) != {Party.GATEWAY}:
            continue
        for place, slot in schema.walk(kind):
            if (kind, slot.name) == (CodeResponse, "content"):
                continue  # made before anybody paid: there is no card yet that it could carry
            if isinstance(slot.kind, Text) and slot.name not in {"iss", "aud", "merchant"}:
                free.add((kind.__name__, place, slot.kind.longest))
    assert {longest for *_, longest in free} <= {3}, "currencies only"


def test_a_party_that_reads_more_is_found() -> None:
    """The check is no tautology: give the gateway the order half and it shows."""

    class Leaking(purchase.PaymentRequest):
        READERS = frozenset({Party.GATEWAY})

    found: set[str] = set()
    visibility._collect(Leaking, Party.GATEWAY, found)
    assert "Line.name" in found
    assert "Instrument.id" in found


@pytest.mark.parametrize("subject", visibility.SUBJECTS)
def test_the_table_speaks_of_fields_there_are(subject: str) -> None:
    everything = {place for party in Party for place in visibility.seen_by(party)}
    for place in visibility.SUBJECTS[subject]:
        assert any(f"{seen}.".startswith(f"{place}.") for seen in everything), place


def test_the_table_has_a_row_for_each_subject() -> None:
    lines = visibility.table().splitlines()
    assert len(lines) == 2 + len(visibility.SUBJECTS)
    (card,) = (line for line in lines if "the card:" in line)
    assert [cell.strip() for cell in card.split("|")[2:-1]] == [
        {Party.WALLET: "yes", Party.ISSUER: "yes"}.get(party, "no") for party in visibility.COLUMNS
    ]
