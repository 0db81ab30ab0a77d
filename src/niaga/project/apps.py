"""The project as a Django app: it connects events to reactions once all apps are loaded."""

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """Registers the wiring table."""

    name = "niaga.project"
    label = "project"

    def ready(self) -> None:
        """Give the outbox its table."""
        from niaga.plumbing import outbox  # noqa: PLC0415 - models exist only now
        from niaga.project.wiring import WIRING  # noqa: PLC0415

        outbox.register(WIRING)
