from pydantic import BaseModel

from signette import App, Stream


class Reading(BaseModel):
    station: str
    value: float


async def receive(good: Stream[Reading], bad: Stream[Reading]) -> int:
    return len([row async for row in good]) - len([row async for row in bad])


def declare(app: App) -> None:
    app.post("/readings")(receive)
