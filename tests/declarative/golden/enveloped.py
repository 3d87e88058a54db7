"""A model in an envelope with a field from the request."""

from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from signette import App, HTTPConnection, Router

T = TypeVar("T")


class Envelope(BaseModel, Generic[T]):
    data: T
    path: str

    @classmethod
    def envelope_fields(cls, request: HTTPConnection) -> dict[str, Any]:
        return {"path": request.url.path}


class User(BaseModel):
    id: int


router = Router(prefix="/users", envelope=Envelope)


@router.get("/{user_id}")
async def read(user_id: int) -> User:
    return User(id=user_id)


app = App(openapi_url=None)
app.include_router(router)
