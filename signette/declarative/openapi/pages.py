"""The routes of the OpenAPI document, of the API docs with their assets, and of the plans that they show."""

from collections.abc import Callable, Iterator
from typing import Any

from signette._dataclasses import dataclass
from signette._http import json
from signette.declarative.openapi.docs_page import Asset, DocsContext, DocsPage, asset_path, origins_in
from signette.declarative.routing.route_list import DocumentRoute
from signette.exceptions import HTTPException
from signette.paths import root_for_url
from signette.requests import Request
from signette.responses.file import FileResponse
from signette.responses.plain import HTMLResponse, Response

_PLANS = "plans"


@dataclass(frozen=True, slots=True)
class ServedPage:
    """A page of API docs at its path. `has_plans`: the application had `debug=True` when the route was created."""

    name: str
    path: str
    page: DocsPage
    has_plans: bool = False

    def routes(self) -> Iterator[DocumentRoute]:
        """The routes of the page, of its assets and its plans."""
        yield _route(self.path, self.show, self.name)
        for name, asset in self.page.assets.items():
            route = _route(asset_path(self.path, name), ServedAsset(asset).send, f"{self.name}-{name.strip('/')}")
            # Without a file the page is broken; without another page, a login by OAuth 2 at most.
            route.may_be_unreachable = callable(asset)
            yield route
        if self.has_plans:
            plans = asset_path(self.path, f"{_PLANS}/{{operation_id:path}}")
            route = _route(plans, show_plan, f"{self.name}-plans")
            route.may_be_unreachable = True
            yield route

    def show(self, request: Request) -> Response:
        """Send the page. Runs in a worker thread, as pages may read files."""
        app = request.app
        root = root_for_url(request.scope)
        page_url = root + self.path
        context = DocsContext(
            title=app.info.title,
            document_url=root + app.openapi_url,
            page_url=page_url,
            root=root,
            origins=origins_in(app.openapi()),
            plans_url=asset_path(page_url, f"{_PLANS}/") if self.has_plans and app.debug else None,
            asyncapi_url=root + app.asyncapi_url if app.asyncapi_url and app.asyncapi().get("channels") else None,
        )
        page = self.page.html(context)
        return HTMLResponse(page) if isinstance(page, str) else page


@dataclass(frozen=True, slots=True)
class ServedAsset:
    """An asset of a page: a file, or a function that returns a response."""

    asset: Asset

    def send(self, _: Request) -> Response:
        """Send the asset."""
        return self.asset() if callable(self.asset) else FileResponse(self.asset)


def document_route(openapi_url: str) -> DocumentRoute:
    """The route of the OpenAPI document."""
    return _route(openapi_url, show_document, "openapi")


def asyncapi_route(asyncapi_url: str) -> DocumentRoute:
    """The route of the AsyncAPI document."""
    return _route(asyncapi_url, show_asyncapi, "asyncapi")


def _route(path: str, endpoint: Callable[[Request], Any], name: str) -> DocumentRoute:
    return DocumentRoute(path, endpoint, name=name, include_in_schema=False)


async def show_document(request: Request) -> Response:
    """Send the OpenAPI document, with a server entry for the path that the application is mounted at."""
    document = request.app.openapi()
    root = root_for_url(request.scope)
    if root and "servers" not in document and request.app.root_path_in_servers:
        document = {**document, "servers": [{"url": root}]}
    return Response(json.dumps(document), media_type="application/json")


async def show_asyncapi(request: Request) -> Response:
    """Send the AsyncAPI document, with the server of the request if the application names no servers."""
    document, url = request.app.asyncapi(), request.url
    if "servers" not in document and url.hostname:
        server = {"host": url.netloc, "protocol": "wss" if url.scheme == "https" else "ws"}
        root = root_for_url(request.scope)
        document = {**document, "servers": {"this": server | ({"pathname": root} if root else {})}}
    return Response(json.dumps(document), media_type="application/json")


def show_plan(request: Request) -> Response:
    """Send the plan of an operation, and the source of its binder, as text. Only with `debug=True`."""
    from signette.declarative.openapi.document import routes_by_operation_id  # noqa: PLC0415 - few ask for it

    app = request.app
    route = routes_by_operation_id(app.routes, app.webhooks.routes).get(request.path_params["operation_id"])
    if not app.debug or route is None:
        raise HTTPException(404)
    plan = route.explain()
    source = route.explain(source=True).removeprefix(plan).strip("\n")
    return Response(
        json.dumps({"plan": plan, "source": source}),
        media_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
