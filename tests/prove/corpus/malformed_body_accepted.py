"""An exception handler that turns errors of clients into a 200."""

from typing import Any

from signette import App
from signette.exceptions import HTTPException
from signette.responses import JSONResponse

app = App()


@app.exception_handler(400)
async def it_is_fine(request: Any, error: HTTPException) -> JSONResponse:
    return JSONResponse(0)


@app.post("/sums")
async def add_up(numbers: list[int]) -> int:
    return sum(numbers)


REPORTED = {("malformed-body", "POST /sums")}
