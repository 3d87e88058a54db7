"""An application for worker processes: a limit of 100 requests in a window, counted in Redis."""

import os

from signette import App
from signette.policies import RateLimit

app = App(state=os.environ["STATE_URL"], openapi_url=None)


@app.get("/", policies=[RateLimit("100/hour", on_failure="closed")])
async def read() -> str:
    return "all is well"
