from typing import Generic, TypeVar

from pydantic import BaseModel

from signette import App
from signette.resources import Resource, post

Model = TypeVar("Model", bound=BaseModel)


class User(BaseModel):
    name: str


class CrudResource(Resource, Generic[Model]):
    @post()
    async def create(self, item: Model) -> Model:
        return item


def declare(app: App) -> None:
    app.include(CrudResource, prefix="/users")
