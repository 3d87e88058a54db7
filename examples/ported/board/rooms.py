"""The chat: its members and its messages."""

from dataclasses import asdict, dataclass, field
from typing import Any

from signette.websockets import WebSocket, WebSocketState

MOST_REMEMBERED = 50


@dataclass(frozen=True)
class Line:
    """A message of a member."""

    by: str
    text: str


@dataclass
class Room:
    """A room: its last lines, and the WebSocket of each member."""

    name: str
    lines: list[Line] = field(default_factory=list)
    sockets: dict[WebSocket, str] = field(default_factory=dict)

    async def enter(self, socket: WebSocket, who: str) -> None:
        self.sockets[socket] = who
        await socket.send_json({"type": "welcome", "lines": [asdict(line) for line in self.lines]})
        await self.tell({"type": "entered", "who": who, "present": self.present()})

    async def say(self, line: Line) -> None:
        self.lines = [*self.lines, line][-MOST_REMEMBERED:]
        await self.tell({"type": "line", **asdict(line)})

    async def leave(self, socket: WebSocket) -> None:
        who = self.sockets.pop(socket, None)
        if who is not None:
            await self.tell({"type": "left", "who": who, "present": self.present()})

    def present(self) -> list[str]:
        return sorted(self.sockets.values())

    async def tell(self, message: dict[str, Any]) -> None:
        # A copy, because members can come and go meanwhile
        for socket in list(self.sockets):
            if socket.client_state is WebSocketState.CONNECTED:
                await socket.send_json(message)


class Rooms:
    """Each room by its name, and the number of messages."""

    def __init__(self) -> None:
        self.by_name: dict[str, Room] = {}

    def open(self, name: str) -> Room:
        return self.by_name.setdefault(name, Room(name))

    def figures(self) -> dict[str, int]:
        rooms = self.by_name.values()
        return {
            "rooms": len(rooms),
            "present": sum(len(room.sockets) for room in rooms),
            "lines": sum(len(room.lines) for room in rooms),
        }
