"""The project as a Django app: it hands the rooms their tables once all apps are loaded."""

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """Registers the wiring table, the chart of accounts and the audit's checks."""

    name = "niaga.project"
    label = "project"

    def ready(self) -> None:
        """Give the outbox its table, the ledger its chart and the audit its checks."""
        from niaga.flows.money.chart import MARKET_CHART  # noqa: PLC0415
        from niaga.ledger.chart import register_chart  # noqa: PLC0415
        from niaga.plumbing import audit, outbox  # noqa: PLC0415 - models exist only now
        from niaga.project.audit import CHECKS  # noqa: PLC0415
        from niaga.project.wiring import WIRING  # noqa: PLC0415

        outbox.register(WIRING)
        register_chart(*MARKET_CHART)
        audit.register_checks(*CHECKS)
