"""A server of this machine that counts who reaches it."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Trap:
    """Counts requests and keeps what they bring; answers ``says``, or one letter at a time when it ``drips``."""

    def __init__(self) -> None:
        self.reached = 0
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.says: tuple[int, dict[str, str], bytes] = (200, {}, b"fine")
        self.drips = False
        trap = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                trap.reached += 1
                trap.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                trap.headers.append(dict(self.headers.items()))
                if trap.drips:
                    self._drip()
                    return
                status, headers, body = trap.says
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def _drip(self) -> None:
                try:
                    for letter in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100:
                        self.wfile.write(bytes([letter]))
                        time.sleep(0.05)
                except OSError:
                    return

            def log_message(self, *args: object) -> None:
                """Nothing: tests print nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = int(self.server.server_address[1])
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def inner(self) -> frozenset[str]:
        return frozenset({f"127.0.0.1:{self.port}"})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?x=1"

    def close(self) -> None:
        """Listen no more."""
        self.server.shutdown()
        self.server.server_close()
