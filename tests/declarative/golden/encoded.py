"""An endpoint whose request body may be compressed."""

from pydantic import BaseModel

from signette import App

app = App(request_encodings=["gzip", "br"])


class Reading(BaseModel):
    sensor: str
    value: float


@app.post("/readings")
async def record(readings: list[Reading]) -> int:
    return len(readings)
