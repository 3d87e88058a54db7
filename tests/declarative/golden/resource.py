"""An operation of a resource: inherited, with a type variable, below the middleware and a handler of its class."""

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel

from signette import App, Depends, Header, Middleware, Request, Response
from signette.middleware.gzip import GZipMiddleware
from signette.resources import Resource, put

app = App(openapi_url=None)
Model = TypeVar("Model", bound=BaseModel)


class OutOfStock(Exception): ...


async def out_of_stock(request: Request, exc: OutOfStock) -> Response:
    return Response("out of stock", 409)


def current_user(x_user: Annotated[str, Header()]) -> str:
    return x_user


class CrudResource(Resource, Generic[Model], exception_handlers={OutOfStock: out_of_stock}):
    def __init__(self, user: Annotated[str, Depends(current_user)]) -> None:
        self.user = user

    @put("/{number}")
    async def replace(self, number: int, row: Model) -> Model:
        return row


class Book(BaseModel):
    title: str


class Books(CrudResource[Book], prefix="/books", middleware=[Middleware(GZipMiddleware, minimum_size=500)]): ...


app.include(Books)
