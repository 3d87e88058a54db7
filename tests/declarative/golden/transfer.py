"""A body with two members, one of them a dependency's, and the request, which sees what was read; in a thread."""

from typing import Annotated

from pydantic import BaseModel

from signette import App, Body, Depends, Request

app = App(openapi_url=None)


class Money(BaseModel):
    amount: int
    currency: str = "EUR"


def signed(signature: Annotated[str, Body(embed=True)]) -> bool:
    return bool(signature)


@app.post("/transfer", status_code=201)
def transfer(
    request: Request,
    money: Annotated[Money, Body(embed=True)],
    *,
    is_signed: Annotated[bool, Depends(signed)],
) -> list[Money]:
    return [money]
