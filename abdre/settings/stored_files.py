"""Where what people upload is kept, so that all processes of a house find it: a folder, or a bucket that speaks S3."""

from pathlib import Path
from typing import Any

from abdre.settings import env


def stored_in(folder: str) -> dict[str, Any]:
    """One of Django's storages. Every access is asked for: nothing is served from there directly."""
    bucket = env.text("ABDRE_S3_BUCKET")
    return _in_bucket(bucket, folder) if bucket else _on_disk(folder)


def _on_disk(folder: str) -> dict[str, Any]:
    """Only the process's own account reads what is there."""
    data = Path(env.text("ABDRE_DATA_DIR", ".data")).resolve()
    return {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": Path(env.text("ABDRE_FILES_DIR", str(data / "files"))) / folder,
            "allow_overwrite": True,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    }


def _in_bucket(bucket: str, folder: str) -> dict[str, Any]:
    endpoint = env.url("ABDRE_S3_ENDPOINT")
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "location": folder,
            "endpoint_url": endpoint or None,  # None: Amazon's own
            "region_name": env.text("ABDRE_S3_REGION") or None,
            # None: what the cloud gives the machine itself.
            "access_key": env.text("ABDRE_S3_ACCESS_KEY") or None,
            "secret_key": env.text("ABDRE_S3_SECRET_KEY") or None,
            # A server of one's own (MinIO, Garage, Ceph) seldom has a name for each bucket.
            "addressing_style": "path" if endpoint else "auto",
            "file_overwrite": True,
            "default_acl": None,
        },
    }
