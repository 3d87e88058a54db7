"""A rate limit by a key that is another one for each request, so that nothing is ever limited."""

from itertools import count

from signette import App
from signette.policies import RateLimit

app = App()
numbers = count()


async def key() -> int:
    return next(numbers)


@app.get("/quotes", policies=[RateLimit("1000/minute", by=key)])
async def quotes() -> list[str]:
    return ["tea"]


REPORTED = {("rate-limit", "GET /quotes")}
