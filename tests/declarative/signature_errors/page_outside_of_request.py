from pydantic import BaseModel

from signette import App, Page, WebSocket


class User(BaseModel):
    id: int
    name: str


USERS: list[User] = []


async def users(socket: WebSocket, page: Page.Offset) -> None:
    await socket.accept()
    await socket.send_json([user.name for user in USERS[: page.limit]])


def declare(app: App) -> None:
    app.websocket("/users")(users)
