"""Dependencies exchanged in tests: by the mapping, and for as long as a block lasts."""

from typing import Annotated, Any

import pytest

from signette.app import App, Router
from signette.declarative.security.schemes import APIKeyHeader
from signette.declarative.signature.marker_functions import Depends
from signette.declarative.signature.markers import Header
from signette.routing.mount import Mount
from tests.asgi import fetch


async def user(authorization: Annotated[str, Header()]) -> str:
    return authorization


async def greeting(user: Annotated[str, Depends(user)]) -> str:
    return f"hello {user}"


async def tester() -> str:
    return "tester"


async def named(name: str) -> str:
    return name


def app_with_user() -> App:
    app = App()

    @app.get("/")
    async def endpoint(greeting: Annotated[str, Depends(greeting)]) -> str:
        return greeting

    return app


async def test_the_mapping_puts_another_in_its_place_also_deep_down() -> None:
    app = app_with_user()
    app.dependency_overrides[user] = tester
    assert (await fetch(app, "GET /")).body == b"hello tester"


async def test_an_override_has_its_own_dependencies() -> None:
    app = app_with_user()
    app.dependency_overrides[user] = named
    assert (await fetch(app, "GET /?name=Ada")).body == b"hello Ada"
    assert (await fetch(app, "GET /")).errors == [("query", "name", "missing")]


CHANGES: dict[str, Any] = {
    "del": lambda overrides: overrides.__delitem__(user),
    "pop": lambda overrides: overrides.pop(user),
    "popitem": lambda overrides: overrides.popitem(),
    "clear": lambda overrides: overrides.clear(),
    "update": lambda overrides: overrides.update({user: user}),
    "or": lambda overrides: overrides.__ior__({user: user}),
    "set": lambda overrides: overrides.__setitem__(user, user),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
async def test_each_change_of_the_mapping_counts_at_once(change: Any) -> None:
    app = app_with_user()
    assert (await fetch(app, "GET /")).status == 422
    app.dependency_overrides.setdefault(user, tester)
    assert (await fetch(app, "GET /")).status == 200
    change(app.dependency_overrides)
    assert (await fetch(app, "GET /")).status == 422


def test_the_mapping_compares_copies_and_prints_as_a_dictionary() -> None:
    overrides = App().dependency_overrides
    overrides |= {user: tester}
    assert overrides == {user: tester} == overrides.copy()
    assert type(overrides.copy()) is dict
    assert repr(overrides) == repr({user: tester})


async def test_another_mapping_may_be_assigned() -> None:
    app = app_with_user()
    assert (await fetch(app, "GET /")).status == 422
    app.dependency_overrides = {user: tester}
    assert (await fetch(app, "GET /")).body == b"hello tester"
    app.dependency_overrides[user] = named
    assert (await fetch(app, "GET /?name=a")).body == b"hello a"


async def test_an_override_lasts_as_long_as_its_block() -> None:
    app = app_with_user()
    app.dependency_overrides[greeting] = tester
    with app.override(greeting, named):
        assert (await fetch(app, "GET /?name=Ada")).body == b"Ada"
        with app.override(greeting, greeting), app.override(user, tester):
            assert (await fetch(app, "GET /")).body == b"hello tester"
        assert (await fetch(app, "GET /?name=Ada")).body == b"Ada"
    assert (await fetch(app, "GET /")).body == b"tester"


async def test_an_override_ends_with_its_block_even_after_an_error() -> None:
    app = app_with_user()
    with pytest.raises(KeyError), app.override(user, tester):
        raise KeyError
    assert not app.dependency_overrides


async def test_an_override_makes_a_new_plan_and_keeps_the_routes_own() -> None:
    app = app_with_user()
    before = app.explain("GET /")
    with app.override(user, tester):
        await fetch(app, "GET /")
        assert app.explain("GET /") == before


async def test_routers_and_mounted_routers_are_overridden_too() -> None:
    app, included, mounted = App(), Router(), Router()
    for router in (included, mounted):

        @router.get("/who")
        async def endpoint(user: Annotated[str, Depends(user)]) -> str:
            return user

    app.include_router(included, prefix="/in")
    app.routes.append(Mount("/on", app=mounted))
    for path in ("/in/who", "/on/who"):
        assert (await fetch(app, f"GET {path}")).status == 422
        with app.override(user, tester):
            assert (await fetch(app, f"GET {path}")).body == b"tester"
        assert (await fetch(app, f"GET {path}")).status == 422


async def test_a_security_scheme_may_be_overridden() -> None:
    key = APIKeyHeader(name="X-Key")
    app = App()

    @app.get("/")
    async def endpoint(key: Annotated[str, Depends(key)]) -> str:
        return key

    assert (await fetch(app, "GET /")).status == 401
    with app.override(key, tester):
        assert (await fetch(app, "GET /")).body == b"tester"
