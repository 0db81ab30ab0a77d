"""The project as a Django app: it connects events to reactions once all apps are loaded."""

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """Registers the wiring table and the audit's checks."""

    name = "niaga.project"
    label = "project"

    def ready(self) -> None:
        """Give the outbox its table and the audit its checks."""
        from niaga.plumbing import audit, outbox  # noqa: PLC0415 - models exist only now
        from niaga.project.audit import CHECKS  # noqa: PLC0415
        from niaga.project.wiring import WIRING  # noqa: PLC0415

        outbox.register(WIRING)
        audit.register_checks(*CHECKS)
