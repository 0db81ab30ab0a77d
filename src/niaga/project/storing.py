"""Where documents are stored: in the data folder, or in an S3-compatible bucket."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def documents_storage(environment: Mapping[str, str], folder: Path) -> dict[str, Any]:
    """Return Django's storage for documents: a bucket where one is named, else `folder`.

    The bucket's keys are read as every S3 client reads them (AWS_ACCESS_KEY_ID and the like).
    """
    bucket = environment.get("NIAGA_DOCUMENTS_BUCKET")
    if not bucket:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": folder, "base_url": None},
        }
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": environment.get("NIAGA_DOCUMENTS_ENDPOINT") or None,
            "region_name": environment.get("NIAGA_DOCUMENTS_REGION") or None,
            "location": environment.get("NIAGA_DOCUMENTS_PREFIX", ""),
            "default_acl": None,
            "querystring_auth": True,
            "file_overwrite": False,
        },
    }
