"""What is left over from another framework is rejected wherever it stands: else a login would never run."""

from dataclasses import dataclass
from typing import Annotated, Any

import fastapi
import fastapi.security
import pytest
import starlette.background
import starlette.requests
from fastapi import params
from pydantic import BaseModel

from signette.app import App
from signette.declarative.errors.base import SignatureError
from signette.declarative.routing.router import Router
from signette.declarative.signature.marker_functions import Depends
from signette.declarative.signature.markers import Query


def login() -> str:
    return "ann"


class Defaulted(BaseModel):
    size: int = fastapi.Query(5)


class Marked(BaseModel):
    size: Annotated[int, fastapi.Query(ge=1)] = 5


class Optional(BaseModel):
    size: Annotated[int, fastapi.Query(ge=1)] | None = None


class Depending(BaseModel):
    user: Any = fastapi.Depends(login)


class Uploading(BaseModel):
    model_config = {"arbitrary_types_allowed": True}
    files: list[fastapi.UploadFile] = []


@dataclass
class Data:
    size: int = fastapi.Query(5)


class Plain:
    def __init__(self, size: Annotated[int, fastapi.Query()] = 1) -> None: ...


class Derived(params.Depends):
    pass


MARKERS = {
    "a default": (Any, fastapi.Depends(login)),
    "a default that is a marker of the query": (int, fastapi.Query(5)),
    "a default that is a marker of a header": (str, fastapi.Header(None)),
    "a default that is a form field": (str, fastapi.Form()),
    "a default that is a file": (bytes, fastapi.File()),
    "a dependency": Annotated[str, fastapi.Depends(login)],
    "a dependency beside None": Annotated[str, fastapi.Depends(login)] | None,
    "a security dependency": Annotated[str, fastapi.Security(login)],
    "a class of its own derived from one": Annotated[str, Derived(login)],
    "a marker": Annotated[int, fastapi.Query(ge=1)],
    "a marker beside ours": Annotated[int, Query(), fastapi.Query(ge=1)],
    "a marker inside of a type": dict[str, Annotated[int, fastapi.Query()]],
    "the function that makes a marker": Annotated[str, fastapi.Query],
    "the class of a marker": Annotated[str, params.Query],
}
TYPES = {
    "an upload": fastapi.UploadFile,
    "uploads": list[fastapi.UploadFile],
    "a request": starlette.requests.Request,
    "background tasks": fastapi.BackgroundTasks,
    "background tasks of Starlette": starlette.background.BackgroundTasks,
    "a response": fastapi.Response,
    "scopes": fastapi.security.SecurityScopes,
    "a request beside None": starlette.requests.Request | None,
}
MODELS = {
    f"{model.__name__} {how}": annotation
    for model in (Defaulted, Marked, Optional, Depending, Uploading, Data)
    for how, annotation in (
        ("as the body", model),
        ("in a list in the body", list[model]),  # type: ignore[valid-type]
        ("as the query", Annotated[model, Query()]),
    )
}
CLASSES = {
    "a model behind Depends": Annotated[Defaulted, Depends()],
    "a model with a marked field behind Depends": Annotated[Marked, Depends()],
    "a dataclass behind Depends": Annotated[Data, Depends()],
    "a class behind Depends": Annotated[Plain, Depends()],
    "a login form": Annotated[fastapi.security.OAuth2PasswordRequestForm, Depends()],
    "a security scheme": Annotated[Any, Depends(fastapi.security.HTTPBearer())],
}


def endpoint_of(declared: Any) -> Any:
    annotation, *default = declared if isinstance(declared, tuple) else (declared,)

    async def endpoint(v: Any) -> None: ...

    endpoint.__annotations__ = {"v": annotation}
    endpoint.__defaults__ = tuple(default) or None
    return endpoint


@pytest.mark.parametrize("name", [*MARKERS, *TYPES, *MODELS, *CLASSES])
def test_it_is_rejected_with_the_import_to_change(name: str) -> None:
    declared = (MARKERS | TYPES | MODELS | CLASSES)[name]
    with pytest.raises(SignatureError, match="another framework"):
        App().post("/")(endpoint_of(declared))


@pytest.mark.parametrize("name", [*MARKERS, *TYPES])
def test_it_is_rejected_in_dependencies_and_sockets_too(name: str) -> None:
    endpoint = endpoint_of((MARKERS | TYPES)[name])
    with pytest.raises(SignatureError, match="another framework"):
        App().get("/")(endpoint_of(Annotated[Any, Depends(endpoint)]))
    with pytest.raises(SignatureError, match="another framework"):
        App().websocket("/")(endpoint)


def test_it_is_rejected_as_an_entry_of_dependencies() -> None:
    for declare in (
        lambda declared: App(dependencies=declared).get("/")(login),
        lambda declared: Router(dependencies=declared).get("/")(login),
        lambda declared: App().get("/", dependencies=declared)(login),
    ):
        with pytest.raises(SignatureError):
            declare([fastapi.Depends(login)])
