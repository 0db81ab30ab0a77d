"""The office's addresses."""

urlpatterns: list[object] = []
