"""Pages by fastapi-pagination."""

from typing import Annotated

import pytest
from fastapi_pagination import Page, Params, paginate, pagination_ctx
from fastapi_pagination.limit_offset import LimitOffsetPage, LimitOffsetParams
from fastapi_pagination.utils import disable_installed_extensions_check
from pydantic import BaseModel

from signette import App, Depends
from tests.interop.serving import served

disable_installed_extensions_check()


class User(BaseModel):
    name: str


USERS = [User(name=str(number)) for number in range(30)]


def test_its_parameters_are_read_and_its_pages_returned() -> None:
    app = App()

    @app.get("/pages")
    async def pages(params: Annotated[Params, Depends()]) -> Page[User]:
        return paginate(USERS, params)

    @app.get("/offsets")
    async def offsets(params: Annotated[LimitOffsetParams, Depends()]) -> LimitOffsetPage[User]:
        return paginate(USERS, params)

    @app.get("/context", dependencies=[Depends(pagination_ctx(Page[User]))])
    async def context() -> Page[User]:
        return paginate(USERS)

    with served(app) as client:
        for path in ("/pages", "/context"):
            assert client.get(path, params={"page": 3, "size": 2}).json() == {
                "items": [{"name": "4"}, {"name": "5"}],
                "total": 30,
                "page": 3,
                "size": 2,
                "pages": 15,
            }
            assert client.get(path, params={"size": 0}).status_code == 422
        assert client.get("/offsets", params={"limit": 1, "offset": 7}).json()["items"] == [{"name": "7"}]
    for path in ("/pages", "/context"):
        documented = app.openapi()["paths"][path]["get"]["parameters"]
        assert [(each["name"], each["schema"]["default"]) for each in documented] == [("page", 1), ("size", 50)]


def test_add_pagination_is_not_supported() -> None:
    from fastapi_pagination import add_pagination

    with pytest.raises(AttributeError):  # it changes private attributes of FastAPI's routes
        add_pagination(App())
