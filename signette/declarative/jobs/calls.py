"""A call of a job, as it waits in a queue."""

from dataclasses import replace
from typing import Any, Protocol

from signette._dataclasses import dataclass
from signette._http.json import dumps, loads


@dataclass(frozen=True, slots=True)
class JobCall:
    """A call of a job: its name, its arguments as JSON, and which attempt it is."""

    id: str
    name: str
    arguments: dict[str, Any]
    attempt: int = 1

    def next(self) -> "JobCall":
        """The call of the next attempt."""
        return replace(self, attempt=self.attempt + 1)

    def encode(self) -> bytes:
        return dumps({name: getattr(self, name) for name in self.__slots__})


def decode(data: bytes | str) -> JobCall:
    """The call of its JSON."""
    return JobCall(**loads(data.encode() if isinstance(data, str) else data))


class JobQueue(Protocol):
    """Where calls wait until they run."""

    async def send(self, call: JobCall, delay: float = 0) -> None:
        """Put a call into the queue. It runs after `delay` seconds at the earliest."""
