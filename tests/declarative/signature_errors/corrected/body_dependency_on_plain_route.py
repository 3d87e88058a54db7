from typing import Annotated

from signette import App, Depends, Header, Router
from signette.requests import Request
from signette.responses import PlainTextResponse


async def signed(signature: Annotated[str, Header()]) -> None: ...


async def export(request: Request) -> PlainTextResponse:
    return PlainTextResponse("all of it")


def declare(app: App) -> None:
    router = Router(dependencies=[Depends(signed)])
    app.include_router(router, prefix="/admin")
    router.add_route("/export", export, methods=["POST"])
