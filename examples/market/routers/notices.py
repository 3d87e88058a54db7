"""Notices for connected clients: server-sent events, and the same over a WebSocket."""

from typing import Annotated

from examples.market.dependencies import AllMembers, Notices, SignedTokens, Somebody
from examples.market.models import Notice
from examples.market.problems import InvalidToken
from signette import Depends, Query, Router, WebSocket
from signette.events import Events

router = Router(tags=["notices"])


@router.get("/notices")
async def stream_notices(member: Somebody, board: Notices) -> Events[Notice]:  # noqa: ARG001 - members only
    """The notices from now on. A client that reconnects gets what it has missed."""
    return board.subscribe()


def watcher(
    tokens: SignedTokens, members: AllMembers, token: Annotated[str, Query(description="As `/token` gives it.")]
) -> str:
    """Browsers cannot send headers with a WebSocket, so the token is in the query string."""
    name = tokens.read(token).name
    if not members.known(name):
        raise InvalidToken
    return name


@router.websocket("/notices")
async def notices(socket: WebSocket, name: Annotated[str, Depends(watcher)], board: Notices) -> None:
    """Send notices until the client disconnects."""
    async with board.forwarding(socket):
        await socket.send_json({"watching": name})
        async for _ in socket.iter_text():
            pass  # messages of the client are ignored; the loop ends when it disconnects
