"""The market's processes work together: HTTPS with TLS 1.3 only, and mails that arrive."""

import ssl
import urllib.request

import pytest

from tests.support.market import RunningMarket


@pytest.mark.slow
def test_pages_are_served_over_tls_13(live_market: RunningMarket) -> None:
    context = ssl.create_default_context(cafile=str(live_market.authority))
    with urllib.request.urlopen(f"{live_market.url}/accounts/login/", context=context) as page:
        assert page.status == 200
        assert page.headers["Content-Security-Policy"]
    with urllib.request.urlopen(f"{live_market.url}/static/admin/css/base.css", context=context):
        pass
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(OSError, match="protocol version"):
        urllib.request.urlopen(live_market.url, context=context)
