from pydantic import BaseModel

from signette import App, Stream


class Reading(BaseModel):
    station: str
    value: float


async def receive(rows: Stream[Reading]) -> int:
    return len([row async for row in rows])


def declare(app: App) -> None:
    app.post("/readings")(receive)
