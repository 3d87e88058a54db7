"""Safe operations whose responses differ from request to request, without an effect elsewhere."""

from datetime import UTC, datetime
from itertools import count
from random import SystemRandom

from signette import App

app = App()
numbers = count()


@app.get("/now")
async def now() -> datetime:
    return datetime.now(UTC)


@app.get("/dice")
async def dice() -> int:
    return SystemRandom().randint(1, 6)


@app.get("/next")
async def next_number() -> int:
    return next(numbers)


@app.get("/fixed")
async def fixed() -> int:
    return 3


REPORTED: set[tuple[str, str]] = set()
