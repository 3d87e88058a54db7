"""`store: Store` and `bus: Bus` as parameters of endpoints, dependencies, jobs and functions without a request."""

from typing import Annotated, Any

import cloudpickle
import pytest

from signette.app import App, Router
from signette.applications import Application
from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.marker_functions import Depends
from signette.routing.mount import Mount
from signette.state import Backend, Bus, MemoryStore, Purpose, Store
from tests.asgi import fetch


async def test_a_parameter_is_the_store_or_the_bus_of_the_application() -> None:
    app = App()

    @app.get("/")
    async def show(store: Store, bus: Bus) -> list[bool]:
        return [store is app.backend.store("app"), bus is app.backend.bus("app")]

    assert (await fetch(app, "GET /")).json == [True, True]
    assert "parameters" not in app.openapi()["paths"]["/"]["get"]
    assert "application" in app.explain("GET /")


async def test_a_purpose_selects_another_store() -> None:
    app = App(state=Backend(overrides={"drafts": MemoryStore(max_items=7)}))

    async def keep(drafts: Annotated[Store, Purpose("drafts")]) -> Store:
        return drafts

    @app.get("/")
    async def show(
        kept: Annotated[Store, Depends(keep)],
        drafts: Annotated[Store, Purpose("drafts")],
        news: Annotated[Bus | None, Purpose("news")] = None,
    ) -> list[Any]:
        return [kept is drafts is app.backend.store("drafts"), news is app.backend.bus("news"), drafts.max_items]  # type: ignore[attr-defined]

    assert (await fetch(app, "GET /")).json == [True, True, 7]
    assert (await fetch(cloudpickle.loads(cloudpickle.dumps(app)), "GET /")).json[2] == 7


async def test_a_function_without_a_request_has_it_too() -> None:
    app = App()

    async def put(store: Store, value: bytes) -> None:
        await store.set("a", value)

    async with app.scope() as scope:
        await scope.call(put, value=b"1")
    assert await app.backend.store("app").get("a") == b"1"


async def test_each_application_has_its_own() -> None:
    router = Router()

    @router.get("/")
    async def count(store: Store) -> int:
        number = int(await store.get("n") or b"0") + 1
        await store.set("n", str(number).encode())
        return number

    inner = App()
    inner.include_router(router)
    app = App(routes=[Mount("/inner", inner)])
    app.include_router(router)
    for path, expected in (("/", "1"), ("/", "2"), ("/inner/", "1")):
        assert (await fetch(app, f"GET {path}")).text == expected


async def test_an_application_of_the_toolkit_has_no_state() -> None:
    router = Router()

    @router.get("/")
    async def show(store: Store) -> None: ...

    with pytest.raises(RuntimeError, match="an injected store needs an `App`"):
        await fetch(Application(routes=[Mount("/", router)]), "GET /")


@pytest.mark.parametrize("annotation", [MemoryStore, Annotated[MemoryStore, 1]])
def test_a_class_of_an_engine_is_not_injected(annotation: Any) -> None:
    async def show(store: Any) -> None: ...

    show.__annotations__["store"] = annotation
    with pytest.raises(SignatureError):
        App().get("/")(show)


@pytest.mark.parametrize("name", ["", "a:b", "a/b"])
def test_a_purpose_with_another_name_is_a_value_error(name: str) -> None:
    with pytest.raises(ValueError, match="must begin with a letter or digit"):
        Purpose(name)
