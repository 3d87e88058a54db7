"""An exception handler that fails, so that bodies over the limit are a 500 and not a 413."""

from typing import Any

from signette import App
from signette.responses import JSONResponse

app = App()


@app.exception_handler(413)
async def too_large(request: Any, error: Exception) -> JSONResponse:
    return JSONResponse({"limit": error.limit}, status_code=500)  # type: ignore[attr-defined]


@app.put("/words", max_body_size=10_000)
async def store_words(words: list[str]) -> int:
    return len(words)


REPORTED = {("body-limit", "PUT /words")}
