"""Whatever is sent to a machine's front, the answer is a refusal, and nothing is written."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from niaga.gateway.authority.models import Certificate, CertificateOrder
from niaga.gateway.models import Authorization, Instrument, Operation
from niaga.protocol.formats import base64url, jws
from niaga.protocol.formats.x509 import write_chain
from tests.gateway.town import told

SIGNED = ("/authorize", "/operations", "/inquiry", "/batches")
PLAIN = ("/orders", "/enrolments")
QUIET = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=12,
)


def assert_nothing_happened():
    for model in (Authorization, Operation, Instrument):
        assert not model.objects.exists()
    assert CertificateOrder.objects.count() == 2  # the shop's own two


@given(path=st.sampled_from(SIGNED), body=st.binary(min_size=1, max_size=400))
@QUIET
def test_bytes_are_no_signed_message(town, path, body):
    response = town.front("payments", path, body)
    assert 400 <= response.status_code < 500
    assert_nothing_happened()


@given(path=st.sampled_from(SIGNED), header=JSON_VALUES, payload=JSON_VALUES)
@QUIET
def test_json_in_a_token_s_clothes_is_no_signed_message(town, path, header, payload):
    parts = [base64url.encode(json.dumps(part).encode()) for part in (header, payload)]
    token = ".".join([*parts, base64url.encode(b"\x01" * 64)])
    response = town.front("payments", path, token)
    assert 400 <= response.status_code < 500
    assert_nothing_happened()


@given(path=st.sampled_from(PLAIN), body=JSON_VALUES)
@QUIET
def test_json_is_no_order_and_no_enrolment(town, path, body):
    content = json.dumps(body).encode()
    response = town.front("authority", path, content, kind="application/json")
    assert 400 <= response.status_code < 500
    assert not Instrument.objects.exists()
    assert Certificate.objects.filter(role="merchant").count() == 2


@given(path=st.sampled_from(SIGNED), payload=JSON_VALUES, typ=st.sampled_from(["auth", "cap", "x"]))
@QUIET
def test_a_merchant_s_own_signature_opens_no_other_schema(town, path, payload, typ):
    kinds = {"auth": "dsp-authreq+jwt", "cap": "dsp-capture+jwt", "x": "dsp-nothing+jwt"}
    header = {"typ": kinds[typ], "x5c": write_chain(town.shop.chain)}
    token = jws.sign(json.dumps(payload).encode(), town.shop.key, header=header)
    response = town.front("payments", path, token)
    assert response.status_code == 400
    assert_nothing_happened()


def test_every_field_of_a_request_changed_is_refused(town):
    """Each field in turn, signed anew by the merchant itself: only the truth is approved."""
    order = town.order(town.enrol())
    request = jws.parse(order.auth_req, max_bytes=10**6)
    header = {name: value for name, value in request.header.items() if name != "alg"}
    message = json.loads(request.payload)
    for name in message:
        if name in {"jti", "deadline"}:  # the merchant's own choice: another is as honest
            continue
        changed = message | {name: _other(message[name])}
        token = jws.sign(json.dumps(changed).encode(), town.shop.key, header=header)
        response = town.front("payments", "/authorize", token)
        said = told(response) if response.status_code == 200 else {}
        assert said.get("result") not in {"approved", "pending"}, name
        assert not Authorization.objects.exists(), name
    assert told(town.ask(order))["result"] == "approved"


def _other(value):
    if isinstance(value, dict):
        return value | {"minor": value["minor"] + 1}
    if isinstance(value, int):
        return value + 10**9 if value > 10**9 else value + 1
    return value[:-6] + ("AAAAAA" if value[-6:] != "AAAAAA" else "BBBBBB")
