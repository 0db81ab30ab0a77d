"""Where documents are stored (the data folder, or an S3-compatible bucket) and for how long."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from niaga.flows.documents.keeping import LEAST_YEARS, MOST_YEARS
from niaga.project.problem import Problem


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


def documents_keep_years(environment: Mapping[str, str]) -> int:
    """Return for how many whole years after its own a document's contents are kept; 0: for good.

    Raises:
        Problem: fewer than the law asks for, or no number of years.
    """
    text = environment.get("NIAGA_DOCUMENTS_KEEP_YEARS", str(LEAST_YEARS)).strip()
    if text in {"", "0"}:
        return 0
    if text.isascii() and text.isdigit() and LEAST_YEARS <= int(text) <= MOST_YEARS:
        return int(text)
    raise Problem(
        f"NIAGA_DOCUMENTS_KEEP_YEARS is {text!r}: tax law asks for {LEAST_YEARS} years at least"
        " after the tax year (UU KUP, article 28(11)).",
        f"Set it to {LEAST_YEARS} or more ({MOST_YEARS} at most), or to 0 to keep them for good.",
    )
