"""An exception handler for 405 that forgets the header `Allow`."""

from typing import Any

from signette import App
from signette.responses import JSONResponse

app = App()


@app.exception_handler(405)
async def not_allowed(request: Any, error: Exception) -> JSONResponse:
    return JSONResponse({"error": "not allowed"}, status_code=405)


@app.get("/items")
async def items() -> list[int]:
    return [1]


REPORTED = {("method-not-allowed", "GET /items")}
