"""What can go wrong in a garden."""

from signette import Request
from signette.responses import JSONResponse


class Frost(Exception):
    """It is too cold."""

    def __init__(self, degrees: int) -> None:
        self.degrees = degrees


async def frozen(_: Request, exc: Frost) -> JSONResponse:
    return JSONResponse(status_code=418, content={"message": f"It has {exc.degrees} degrees"})
