"""Parts of a form that no parameter reads: they count for the limits, and are kept only where somebody may look."""

import tempfile
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict

from signette import App, Body, Depends, File, Form, Query, Request, UploadFile
from signette.declarative.sources.form import FORM
from signette.declarative.sources.source import Phase, Source
from signette.forms import files
from signette.limits import Limits
from tests.asgi import Exchange, call

MIB = 1024 * 1024


def part(name: str, content: bytes, *, file: bool = False) -> bytes:
    filename = '; filename="f"' if file else ""
    return f'--cut\r\nContent-Disposition: form-data; name="{name}"{filename}\r\n\r\n'.encode() + content + b"\r\n"


async def post(app: Any, *parts: bytes, path: str = "/") -> Exchange:
    headers = [(b"content-type", b"multipart/form-data; boundary=cut")]
    return await call(app, path, "POST", headers=headers, body=b"".join(parts) + b"--cut--\r\n")


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The temporary files that were opened for forms."""
    found: list[Any] = []

    def open_one(**options: Any) -> Any:
        found.append(tempfile.TemporaryFile(**options))  # noqa: SIM115 - closed with the form
        return found[-1]

    monkeypatch.setattr(files, "TemporaryFile", open_one)
    return found


class Profile(BaseModel):
    name: str
    picture: UploadFile | None = None


class Everything(Profile):
    model_config = ConfigDict(extra="allow")


class Meta(BaseModel):
    title: str


async def one_file(f: Annotated[UploadFile, File(max_bytes=1000)]) -> Any:
    return f.size


async def content(f: Annotated[bytes, File(max_bytes=1000)]) -> Any:
    return len(f)


async def a_model(profile: Annotated[Profile, Form()]) -> Any:
    return profile.name


async def a_json_part(meta: Annotated[Meta, Body()], f: UploadFile) -> Any:
    return meta.title


LARGE = part("other", b"x" * 2 * MIB, file=True)
KNOWN = {
    one_file: part("f", b"12345", file=True),
    content: part("f", b"12345", file=True),
    a_model: part("name", b"n"),
    a_json_part: part("meta", b'{"title": "t"}') + part("f", b"1", file=True),
}


@pytest.mark.parametrize("endpoint", KNOWN)
async def test_a_file_that_no_parameter_reads_is_not_written_to_disk(endpoint: Any, opened: list[Any]) -> None:
    app = App()
    app.add_api_route("/", endpoint, ["POST"])
    assert (await post(app, KNOWN[endpoint], LARGE)).status == 200
    assert (await post(app, LARGE, KNOWN[endpoint])).status == 200
    assert opened == []


async def test_it_counts_for_each_limit() -> None:
    limits = Limits(form_files=2, form_fields=1, form_part_bytes=10, body_bytes=4 * MIB)
    app = App(limits=limits)
    app.add_api_route("/", one_file, ["POST"])
    known = KNOWN[one_file]
    assert (await post(app, known, LARGE, part("t", b"0123456789"))).status == 200
    for status, more in (
        (400, [part("other", b"", file=True)] * 2),
        (400, [part("t", b"")] * 2),
        (413, [part("t", b"0123456789a")]),
        (413, [LARGE] * 2),
        (413, [part("f", b"x" * 1001, file=True)]),
    ):
        assert (await post(app, known, *more)).status == status


async def test_a_name_that_is_read_in_parts_is_kept() -> None:
    app = App()

    @app.post("/")
    async def read(rows: Annotated[list[Meta], Form()]) -> Any:
        return [row.title for row in rows]

    response = await post(app, part("rows[0][title]", b"a"), part("rows[1][title]", b"b"), LARGE)
    assert (response.status, response.body) == (200, b'["a","b"]')


async def test_a_model_that_keeps_what_it_does_not_know_gets_it() -> None:
    app = App()

    @app.post("/")
    async def read(profile: Annotated[Everything, Form()]) -> Any:
        return sorted(profile.model_extra or ())

    assert (await post(app, part("name", b"n"), part("more", b"m"))).body == b'["more"]'


class Count(Query):
    """A marker of the application's own."""


class Parts(Source):
    place = "parts"
    marker = Count
    phase = Phase.BODY
    after = (FORM,)

    def open(self, scope: Any, form: dict[str, Any]) -> dict[str, Any]:
        return form

    def get(self, form: dict[str, Any], key: str) -> Any:
        return len(form)


async def test_a_source_of_the_applications_own_over_a_form_finds_all_parts() -> None:
    app = App(sources=[Parts()])

    @app.post("/")
    async def read(count: Annotated[int, Count()], a: Annotated[str, Form()]) -> int:
        return count

    assert (await post(app, part("a", b"1"), part("b", b"2"), part("c", b"3"))).body == b"3"


@pytest.mark.parametrize("place", ["endpoint", "dependency"])
async def test_an_injected_request_has_all_parts_in_its_form(place: str, opened: list[Any]) -> None:
    async def names(request: Request) -> list[str]:
        return [name for name, _ in (await request.form()).multi_items()]

    async def by_dependency(f: UploadFile, found: Annotated[list[str], Depends(names)]) -> Any:
        return found

    async def by_endpoint(f: UploadFile, request: Request) -> Any:
        return await names(request)

    app = App()
    app.add_api_route("/", by_endpoint if place == "endpoint" else by_dependency, ["POST"])
    response = await post(app, part("f", b"1", file=True), part("t", b"2"), LARGE)
    assert response.body == b'["f","t","other"]'
    assert len(opened) == 1
    assert opened[0].closed
