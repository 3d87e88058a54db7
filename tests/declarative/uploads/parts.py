"""Parts of forms, and sinks that note what happens to them."""

from typing import Any

from signette.uploads import FilePart, Upload
from tests.asgi import MULTIPART

END = b"--cut--\r\n"
HEADERS = [(b"content-type", MULTIPART["content-type"].encode())]


def part(name: str, content: bytes, content_type: str | None = None, filename: str | None = "f") -> bytes:
    """A part with the boundary of `MULTIPART`. Without a file name it is a text."""
    file = f'; filename="{filename}"' if filename is not None else ""
    declared = f"\r\nContent-Type: {content_type}" if content_type is not None else ""
    head = f'--cut\r\nContent-Disposition: form-data; name="{name}"{file}{declared}\r\n\r\n'
    return head.encode() + content + b"\r\n"


def field(name: str, text: str) -> bytes:
    """A text."""
    return part(name, text.encode(), filename=None)


class Shelf:
    """Sinks of each kind that keep files in memory, and note what was removed."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.log: list[str] = []

    async def store(self, part: FilePart) -> str:
        """An async function."""
        return self._keep(b"".join([chunk async for chunk in part]))

    def store_in_thread(self, part: FilePart) -> str:
        """A sync function."""
        return self._keep(b"".join(part))

    def _keep(self, content: bytes) -> str:
        self.kept.append(content)
        return f"key {len(self.kept)}"

    async def remove(self, upload: Upload) -> None:
        """Undoes either."""
        self.log.append(f"removed {upload.result}")

    def remove_in_thread(self, upload: Upload) -> None:
        """The same in a thread."""
        self.log.append(f"removed {upload.result}")

    async def open(self, part: FilePart) -> "ShelfWriter":
        """An object with a writer."""
        self.log.append(f"open {part.filename}")
        return ShelfWriter(self)


class ShelfWriter:
    """Notes each call."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.content = b""

    async def write(self, chunk: bytes) -> None:
        self.content += chunk

    async def close(self) -> str:
        self.shelf.log.append("close")
        return self.shelf._keep(self.content)

    async def abort(self) -> None:
        self.shelf.log.append("abort")


def shown(upload: Any) -> Any:
    """What tests compare of an upload."""
    return [upload.name, upload.filename, upload.content_type, upload.size, upload.result]
