"""The gateway as a Django app."""

from django.apps import AppConfig


class GatewayConfig(AppConfig):
    """Registers the gateway's chart of accounts and the audit's checks."""

    name = "niaga.gateway"
    label = "gateway"

    def ready(self) -> None:
        """Give the ledger its chart and the audit its checks."""
        from niaga.gateway.audit import CHECKS  # noqa: PLC0415 - models exist only now
        from niaga.gateway.chart import GATEWAY_CHART  # noqa: PLC0415
        from niaga.ledger.chart import register_chart  # noqa: PLC0415
        from niaga.plumbing.audit import register_checks  # noqa: PLC0415

        register_chart(*GATEWAY_CHART)
        register_checks(*CHECKS)
