"""Where files lie: a folder and a bucket do the same."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

import pytest

from chat_svc.files import store


class Bucket(BaseHTTPRequestHandler):
    """As much of S3 as is asked for here: put, get, head, delete, list."""

    kept: dict[str, bytes] = {}

    def do_PUT(self) -> None:
        self.kept[self._key] = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(200)

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        if "list-type" in query or "prefix" in query:
            prefix = query["prefix"][0]
            names = (f"<Contents><Key>{key}</Key></Contents>" for key in self.kept if key.startswith(prefix))
            self._answer(200, f"<ListBucketResult>{''.join(names)}</ListBucketResult>".encode())
        elif self._key in self.kept:
            self._answer(200, self.kept[self._key])
        else:
            self._answer(404)

    do_HEAD = do_GET

    def do_DELETE(self) -> None:
        self.kept.pop(self._key, None)
        self._answer(204)

    @property
    def _key(self) -> str:
        return unquote(urlsplit(self.path).path).removeprefix("/talk/")

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def bucket(settings: Any) -> Iterator[dict[str, bytes]]:
    Bucket.kept = {}
    with ThreadingHTTPServer(("127.0.0.1", 0), Bucket) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        options = {
            "bucket_name": "talk",
            "location": "attachments",
            "endpoint_url": f"http://127.0.0.1:{server.server_port}",
            "region_name": "us-east-1",
            "access_key": "key",
            "secret_key": "secret",
            "addressing_style": "path",
            "file_overwrite": True,
            "default_acl": None,
        }
        backend = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
        settings.STORAGES = {**settings.STORAGES, "attachments": backend}
        yield Bucket.kept
        server.shutdown()


def test_a_folder_keeps_joins_and_erases():
    keep_join_and_erase()


@pytest.mark.filterwarnings("default")  # boto3's own connections are closed when they are collected
def test_a_bucket_keeps_joins_and_erases(bucket: dict[str, bytes]):
    keep_join_and_erase()

    assert bucket == {}


def keep_join_and_erase() -> None:
    own, other = uuid4(), uuid4()
    store.save_part(own, 0, b"lost")
    store.save_part(own, 0, b"abc")  # again, after a broken connection
    store.save_part(own, 1, b"def")
    whole = BytesIO()
    store.join_parts(own, 2, whole)
    store.save(own, "file", BytesIO(whole.getvalue()))
    store.save(other, "file", b"other")
    store.drop_parts(own, 2)

    with store.opened(own, "file") as file:
        assert file.size == 6
        assert file.read() == b"abcdef"
    with pytest.raises(FileNotFoundError):
        store.join_parts(own, 1, BytesIO())
    store.erase(own)
    store.erase(own)  # again is no harm
    with pytest.raises(FileNotFoundError):
        store.opened(own, "file").read()
    store.erase(other)
