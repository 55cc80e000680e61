"""A small HTTP client for loopback: prepared bytes out, the answer's status and length in, so that it costs little."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie

_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    head: bytes


@dataclass(frozen=True, slots=True)
class Request:
    """One request; ``status`` is the answer that counts as done."""

    method: str
    path: str
    body: bytes = b""
    kind: str = "application/json"
    status: int = 200


@dataclass(slots=True)
class Session:
    """Where a server listens, and what a signed-in browser sends with each request."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def encoded(self, request: Request) -> bytes:
        """Return the bytes of a request."""
        lines = [f"{request.method} {request.path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", "Accept: */*"]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if request.method != "GET":
            lines += [f"Content-Type: {request.kind}", f"Content-Length: {len(request.body)}"]
            lines += [f"X-CSRFToken: {self.token}"] if self.token else []
        return "\r\n".join(lines).encode() + _END + request.body

    def ask(self, request: Request) -> Answer:
        """Send one request on a connection of its own and keep the cookies of its answer."""
        with Connection(self.port) as connection:
            answer = connection.exchange(self.encoded(request))
        for line in answer.head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"set-cookie":
                for cookie in SimpleCookie(value.decode().strip()).values():
                    self.cookies[cookie.key] = cookie.value
        return answer


class Connection:
    """One kept-alive connection."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._held = b""

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def fileno(self) -> int:
        """Return the number by which a selector waits for it."""
        return self._socket.fileno()

    def send(self, request: bytes) -> None:
        """Send a prepared request."""
        self._socket.sendall(request)

    def exchange(self, request: bytes) -> Answer:
        """Send a prepared request and wait for its answer."""
        self.send(request)
        while True:
            answer = self.receive()
            if answer is not None:
                return answer

    def receive(self) -> Answer | None:
        """Read what has arrived; return the answer once it is whole."""
        arrived = self._socket.recv(262_144)
        if not arrived:
            raise ConnectionError("The server closed the connection.")
        self._held += arrived
        end = self._held.find(_END)
        if end < 0:
            return None
        head = self._held[:end]
        length = _length(head)
        if len(self._held) < end + 4 + length:
            return None
        body = self._held[end + 4 : end + 4 + length]
        self._held = self._held[end + 4 + length :]
        return Answer(int(head[9:12]), body, head)


def _length(head: bytes) -> int:
    lower = head.lower()
    place = lower.find(b"content-length:")
    if place < 0:
        if b"transfer-encoding:" in lower:
            raise ValueError("The server answers in chunks, which this client does not read.")
        return 0
    return int(lower[place + 15 :].split(b"\r\n", 1)[0])


def run_alone(session: Session, requests: Sequence[Request]) -> list[float]:
    """Send requests one after the other on one connection; return the seconds of each."""
    prepared = [(session.encoded(request), request.status) for request in requests]
    taken = []
    with Connection(session.port) as connection:
        connection.exchange(prepared[0][0]) if requests[0].method == "GET" else None
        for data, status in prepared:
            begun = time.perf_counter()
            answer = connection.exchange(data)
            taken.append(time.perf_counter() - begun)
            _expect(answer, status, data)
    return taken


def run_together(session: Session, requests: Sequence[Request], clients: int) -> tuple[list[float], float]:
    """Share requests among connections that are all busy at once; return the seconds of each and of all."""
    waiting = [(session.encoded(request), request.status) for request in reversed(requests)]
    taken: list[float] = []
    begun: dict[Connection, tuple[float, int, bytes]] = {}
    selector = selectors.DefaultSelector()
    connections = [Connection(session.port) for _ in range(clients)]
    started = time.perf_counter()

    def give(connection: Connection) -> None:
        if waiting:
            data, status = waiting.pop()
            begun[connection] = (time.perf_counter(), status, data)
            connection.send(data)

    for connection in connections:
        selector.register(connection, selectors.EVENT_READ)
        give(connection)
    while begun:
        for key, _ in selector.select(60):
            connection = key.fileobj  # type: ignore[assignment]
            answer = connection.receive()
            if answer is None:
                continue
            since, status, data = begun.pop(connection)
            taken.append(time.perf_counter() - since)
            _expect(answer, status, data)
            give(connection)
    whole = time.perf_counter() - started
    for connection in connections:
        connection.close()
    selector.close()
    return taken, whole


def _expect(answer: Answer, status: int, data: bytes) -> None:
    if answer.status != status:
        line = data.split(b"\r\n", 1)[0].decode()
        raise SystemExit(
            f"{line} answered {answer.status} instead of {status}: {answer.body[:600].decode(errors='replace')}"
        )


def wait_until(ready: Callable[[], bool], seconds: float) -> None:
    """Wait until something holds; raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Nothing answered within {seconds} seconds.")
        time.sleep(0.01)
