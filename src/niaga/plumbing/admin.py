"""Django's admin, to look at only: nothing is added, changed or deleted past the commands."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from niaga.plumbing.models import (
    Counter,
    Delivery,
    OnceRecord,
    OutboxEntry,
    StoredEvent,
    Task,
    TaskNote,
)

admin.site.site_header = "Niaga"
admin.site.site_title = "Niaga"
admin.site.index_title = "All tables, to look at only"
admin.site.site_url = "/office/"


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """Shows rows to operators and lets nobody touch them."""

    actions = None
    list_per_page = 50
    show_full_result_count = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Let every operator look."""
        return bool(request.user.is_active and request.user.is_staff)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Let every operator see the room."""
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Refuse."""
        return False


def show(
    model: type[Model],
    *columns: str,
    search: Sequence[str] = (),
    filters: Sequence[str] = (),
    joins: Sequence[str] = (),
    when: str | None = None,
    secret: Sequence[str] = (),
) -> None:
    """Register `model`: the list's columns, what the search looks at, filters, rows joined in.

    `when` names the instant of the date hierarchy; `secret` fields are never shown.
    """
    settings: dict[str, Any] = {
        "list_display": columns,
        "search_fields": search,
        "list_filter": filters,
        "list_select_related": list(joins) or False,
        "date_hierarchy": when,
        "exclude": secret,
        "ordering": [f"-{when}"] if when else ["-pk"],
    }
    admin.site.register(model, type(f"{model.__name__}Admin", (ReadOnlyAdmin,), settings))


show(
    StoredEvent, "type", "flow", "subject_id", "actor_role", "occurred_at",
    search=["type", "subject_id"], filters=["flow", "actor_role"], when="occurred_at",
)  # fmt: skip
show(
    Delivery, "event", "reaction", "state", "tries", "due_at",
    search=["reaction", "error"], filters=["state"], joins=["event"],
)  # fmt: skip
show(OutboxEntry, "event_types", "recorded_at", when="recorded_at")
show(OnceRecord, "command", "actor", "key", "created_at", search=["key"], when="created_at")
show(Counter, "series", "last", search=["series"])
show(
    Task, "kind", "state", "owner_id", "opened_at", "due_at", "done_at",
    search=["subject_id", "owner_id"], filters=["kind", "state"], when="opened_at",
)  # fmt: skip
show(TaskNote, "task", "author_id", "text", "noted_at", joins=["task"], when="noted_at")
