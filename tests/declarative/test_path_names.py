"""Path parameters are named as those of Python are, in any script."""

# ruff: noqa: N803, PLC2401 - names in other scripts are the point

from typing import Any

import pytest

from signette import App, Request
from signette.declarative.errors.base import SignatureError
from signette.routing import Mount, Router
from signette.testclient import TestClient


def app_of(path: str, endpoint: Any) -> App:
    app = App()
    app.get(path)(endpoint)
    return app


async def in_german(größe: int) -> int:
    return größe


async def in_greek(µ: int) -> int:
    return µ


async def in_hindi(नाम: int) -> int:
    return नाम


@pytest.mark.parametrize(
    ("path", "endpoint", "target", "shown"),
    [
        ("/x/{größe}", in_german, "/x/3", "/x/{größe}"),
        ("/x/{größe:int}", in_german, "/x/3", "/x/{größe}"),
        ("/x/{gro\u0308ße}", in_german, "/x/3", "/x/{größe}"),  # as file systems and some keyboards write it
        ("/x/{\u00b5}", in_greek, "/x/3", "/x/{\u03bc}"),  # Python reads the micro sign as a Greek letter
        ("/x/{नाम}", in_hindi, "/x/3", "/x/{नाम}"),
    ],
)
def test_a_name_in_any_script_is_read_and_documented(path: str, endpoint: Any, target: str, shown: str) -> None:
    app = app_of(path, endpoint)
    assert TestClient(app).get(target).json() == 3
    document = app.openapi()
    assert list(document["paths"]) == [shown]
    (parameter,) = document["paths"][shown]["get"]["parameters"]
    assert (parameter["in"], f"/x/{{{parameter['name']}}}") == ("path", shown)
    name = parameter["name"]
    assert str(app.url_path_for(endpoint.__name__, **{name: 3})) == "/x/3"


def test_names_may_be_combined_with_others_and_below_a_mount() -> None:
    app = App()

    @app.get("/{größe:int}-{rest:path}")
    async def both(größe: int, rest: str, request: Request) -> list[Any]:
        return [größe, rest, request.path_params["straße"]]

    outer = Router([Mount("/{straße}", app)])
    assert TestClient(outer).get("/a/3-b/c").json() == [3, "b/c", "a"]


@pytest.mark.parametrize(
    ("parameter", "meant"),
    [
        ("{1st}", "{st}"),
        ("{a²}", "{a2}"),
        ("{12}", "{name}"),
        ("{user-id}", "{user_id}"),
        ("{}", "{name}"),
        ("{item", "{item}"),
        ("item}", "{item}"),
        ("<größe>", "{größe}"),
    ],
)
def test_advice_is_never_what_is_written_already(parameter: str, meant: str) -> None:
    async def endpoint() -> None: ...

    with pytest.raises(SignatureError) as caught:
        app_of(f"/x/{parameter}", endpoint)
    assert str(caught.value).endswith(f"write `{meant}`")
    app_of(f"/x/{meant}", eval(f"lambda {meant[1:-1]}: None"))
