"""The flow of documents as a Django app."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Issued documents."""

    name = "niaga.flows.documents"
    label = "documents"
