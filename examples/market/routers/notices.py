"""Notices for connected clients: server-sent events, and the same over a WebSocket with typed messages."""

from typing import Annotated

from examples.market.dependencies import AllMembers, Notices, Offers, SignedTokens, Somebody
from examples.market.models import Gone, Look, Notice, Offer, Watching
from examples.market.problems import InvalidToken, NoSuchOffer
from signette import Depends, Query, Router, Socket
from signette.concurrency import run_in_threadpool
from signette.events import Events
from signette.sockets import SocketOptions

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


Watcher = Annotated[Socket[Look, Watching | Notice | Offer | Gone], SocketOptions(on_invalid="problem")]


@router.websocket("/notices")
async def notices(socket: Watcher, name: Annotated[str, Depends(watcher)], board: Notices, offers: Offers) -> None:
    """Send notices, and the offers that the client wants to look at, until it disconnects."""
    async with board.forwarding(socket):
        await socket.send(Watching(watching=name))
        async for wanted in socket:
            try:
                await socket.send(await run_in_threadpool(offers.get, wanted.look))
            except NoSuchOffer:
                await socket.send(Gone(gone=wanted.look))
