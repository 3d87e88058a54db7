"""A proxy in front of a server on a Unix socket, which can hold back what the server replies."""

import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread


class HoldingProxy:
    """Passes bytes on in both directions; replies only while they are not held."""

    def __init__(self, path: Path, target: Path) -> None:
        self.path = path
        self.url = f"unix://{path}"
        self.accepted = 0
        self._target = str(target)
        self._may_reply = Event()
        self._may_reply.set()
        self._sockets: list[socket.socket] = []
        self._threads: list[Thread] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(100)
        self._start(self._accept)

    def hold(self) -> None:
        """Keep what the server replies until `release`. Connections stay open."""
        self._may_reply.clear()

    def release(self) -> None:
        """Send what was held, and what comes from now on."""
        self._may_reply.set()

    def close(self) -> None:
        self.release()
        for each in (self._listener, *self._sockets):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in self._threads:
            thread.join(5)

    def _start(self, target: object, *args: object) -> None:
        thread = Thread(target=target, args=args, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(self._target)
            except OSError:
                client.close()
                server.close()
                continue
            self._sockets += [client, server]
            self._start(self._pass_on, client, server, None)
            self._start(self._pass_on, server, client, self._may_reply)

    def _pass_on(self, source: socket.socket, target: socket.socket, gate: Event | None) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if gate is not None:
                    gate.wait()
                target.sendall(data)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@contextmanager
def holding(target: Path) -> Iterator[HoldingProxy]:
    """A proxy for a block."""
    with tempfile.TemporaryDirectory(prefix="proxy") as folder:
        proxy = HoldingProxy(Path(folder) / "proxy.sock", target)
        try:
            yield proxy
        finally:
            proxy.close()
