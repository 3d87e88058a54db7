"""WebSockets: the chat, as a class; figures, as a function."""

from typing import Any

from examples.ported.board.rooms import Line, Room
from signette.endpoints import WebSocketEndpoint
from signette.status import WS_1008_POLICY_VIOLATION
from signette.websockets import WebSocket, WebSocketDisconnect

NO_SUCH_ROOM = 4404


class Conversation(WebSocketEndpoint):
    """A member of a room. Messages are JSON: `{"text": "..."}`."""

    encoding = "json"
    room: Room | None = None

    async def on_connect(self, websocket: WebSocket) -> None:
        room = websocket.state.rooms.by_name.get(websocket.path_params["name"])
        who = websocket.query_params.get("who", "").strip()
        if room is None or not who:
            await websocket.accept()
            await websocket.close(NO_SUCH_ROOM if room is None else WS_1008_POLICY_VIOLATION, "no room, or no name")
            return
        await websocket.accept()
        self.room, self.who = room, who
        await room.enter(websocket, who)

    async def on_receive(self, websocket: WebSocket, data: Any) -> None:
        if self.room is None:
            return
        text = data.get("text") if isinstance(data, dict) else None
        if isinstance(text, str) and text.strip():
            await self.room.say(Line(self.who, text.strip()))
        else:
            await websocket.send_json({"type": "error", "detail": 'Say something: {"text": "..."}'})

    async def on_disconnect(self, websocket: WebSocket, close_code: int) -> None:
        if self.room is not None:
            await self.room.leave(websocket)


async def figures(websocket: WebSocket) -> None:
    """The figures of each requested room, or of every room, for each message of the client."""
    await websocket.accept(subprotocol="figures" if "figures" in websocket["subprotocols"] else None)
    try:
        while True:
            wanted = (await websocket.receive_text()).split()
            found = websocket.state.rooms.figures()
            await websocket.send_json({name: found[name] for name in wanted or found if name in found})
    except WebSocketDisconnect:
        pass
