"""Read by the checkers only: routes, events and class-based views keep the types of what they decorate."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, assert_type

from signette import App, Depends, Request, Response, Router
from signette.cbv import cbv
from signette.openapi.docs import DocsContext, DocsPage, SwaggerUI
from signette.routing import APIRoute
from signette.types import DecoratedCallable


class Timed(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:
        original = super().get_route_handler()

        async def handler(request: Request) -> Response:
            response = await original(request)
            response.headers["x-route"] = self.name
            return response

        return handler


def operation_id(route: APIRoute) -> str:
    return f"{route.tags[0]}-{route.name}"


app = App(docs_url=None, redoc_url=None, generate_unique_id_function=operation_id, route_class=Timed)
router = Router(prefix="/items", route_class=Timed)


class Links:
    assets: dict[str, str] = {}

    def html(self, context: DocsContext) -> str:
        return context.document_url


page: DocsPage = Links()
pages = [App(docs=Links()), App(docs=page), App(docs=SwaggerUI(parameters={"deepLinking": False})), App(docs=None)]


async def opened() -> None: ...


app.on_event("startup")(opened)
app.add_event_handler("shutdown", opened)


def user() -> str:
    return "ann"


@cbv(router)
class Views:
    user: str = Depends(user)
    size: Annotated[int, "how many"] = 3

    @router.get("/{item_id}")
    async def read(self, item_id: int) -> str:
        return self.user * self.size


assert_type(Views().user, str)


def same(function: DecoratedCallable) -> DecoratedCallable:
    return function


def changes(found: object) -> None:
    if isinstance(found, APIRoute):
        found.operation_id = found.name
        found.tags = [*found.tags, "more"]
        assert_type(found.unique_id, str)
        assert_type(found.status_code, int | None)
        assert_type(found.summary, str | None)
        assert_type(found.dependant.path, str | None)
        found.status_code = 3  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


app.include_router(router)
assert_type(app.title, str)
app.title = "Shop"
app.servers = [{"url": "/v1"}]
app.version = 3  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
assert_type(app.openapi_schema, dict[str, Any] | None)
