"""Dependencies of several routers."""

from typing import Annotated

from signette import Header, HTTPException


async def header_token(x_token: Annotated[str, Header()]) -> None:
    if x_token != "spade":
        raise HTTPException(status_code=400, detail="X-Token is not right")


async def query_token(token: str) -> None:
    if token != "rake":
        raise HTTPException(status_code=400, detail="A rake is required")
