"""A WebSocket for notices."""

from collections.abc import AsyncIterable
from typing import Annotated

import anyio

from examples.market.dependencies import AllMembers, Notices, SignedTokens
from examples.market.models import Notice
from examples.market.problems import InvalidToken
from signette import Depends, Query, Router, WebSocket

router = Router(tags=["notices"])


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
    with board.watch() as news:
        await socket.accept()
        await socket.send_json({"watching": name})
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(tell, socket, news)
            async for _ in socket.iter_text():
                pass  # messages of the client are ignored; the loop ends when it disconnects
            tasks.cancel_scope.cancel()


async def tell(socket: WebSocket, news: AsyncIterable[Notice]) -> None:
    async for notice in news:
        await socket.send_json(notice.model_dump())
