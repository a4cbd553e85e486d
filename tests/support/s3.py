"""A server that speaks S3's protocol on loopback (moto), as a process of its own."""

from __future__ import annotations

import http.client
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.workers import free_port

BUCKET = "talanoa"


@contextmanager
def s3_server() -> Iterator[dict[str, str]]:
    """The settings that lead to an empty bucket; the server is gone afterwards."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            _make_bucket(port)
            yield {
                "AWS_ENDPOINT_URL": url,
                "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": "key-for-tests",
                "AWS_SECRET_ACCESS_KEY": "secret-for-tests",
            }
        finally:
            server.kill()


def _make_bucket(port: int) -> None:
    end = time.monotonic() + 30
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        try:
            connection.request("PUT", f"/{BUCKET}")
            assert connection.getresponse().status == 200
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return
        finally:
            connection.close()
