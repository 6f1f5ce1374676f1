"""A private S3 server for the tests that promise something about a lake in a bucket."""

from __future__ import annotations

import http.client
import importlib.util
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

import pytest
from pyarrow import fs

from tests.plugins.postgres import free_port

START_SECONDS = 60
ANYBODY = 10**9


@dataclass(frozen=True)
class S3Server:
    """Where the server of this session listens. It keeps what it is given in memory and accepts any key."""

    port: int

    @property
    def environment(self) -> dict[str, str]:
        """The settings that lead a process to the server."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": "tests",
            "AWS_SECRET_ACCESS_KEY": "only tests",
            "AWS_REGION": "us-east-1",
        }

    def client(self) -> fs.S3FileSystem:
        """A client of the server that does not go by the product."""
        return fs.S3FileSystem(
            access_key="tests",
            secret_key="only tests",
            region="us-east-1",
            endpoint_override=f"http://127.0.0.1:{self.port}",
            allow_bucket_creation=True,
        )

    def new_bucket(self) -> str:
        """Make an empty bucket and return its name."""
        name = f"bucket-{next(_numbers)}"
        self.client().create_dir(name)
        return name

    @contextmanager
    def asking_for_keys(self) -> Iterator[None]:
        """For a while, let nobody in."""
        self._accept(0)
        try:
            yield
        finally:
            self._accept(ANYBODY)

    def _accept(self, requests: int) -> None:
        """Look at keys only after so many more requests."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("POST", "/moto-api/reset-auth", body=str(requests))
        assert connection.getresponse().status == 200


_numbers = count(1)


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    """A running S3 server (moto) on this machine, ended after the session."""
    if importlib.util.find_spec("moto") is None:
        pytest.skip("no S3 server for tests: moto is not installed")
    server = S3Server(free_port())
    # A process of its own: a client that kept this one's threads waiting could never be answered.
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(server.port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(server.port, process)
            yield server
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/moto-api/")
            connection.getresponse()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"the S3 server did not start on port {port}")
