"""`File(max_bytes=..., media_types=[...], sniff=True)`: what is rejected, when, and what is in the document."""

from contextlib import nullcontext
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from signette import App, Depends, File, Form, Request, Router, Security, UploadFile
from signette.exceptions import LimitExceeded
from signette.forms.errors import MultiPartException
from signette.forms.file_types import SNIFFED_BYTES
from signette.forms.rules import FileRule
from signette.forms.scanner import PartScanner
from signette.limits import Limits
from tests.asgi import MULTIPART, URLENCODED, Exchange, call, fetch
from tests.declarative.uploads.parts import END, HEADERS, part

PNG = b"\x89PNG\r\n\x1a\n"
GIF = b"GIF89a"

Picture = Annotated[UploadFile, File(max_bytes=20, media_types=["image/png", "IMAGE/GIF"])]
Sniffed = Annotated[UploadFile, File(media_types=["image/*"], sniff=True)]


class Profile(BaseModel):
    name: str
    picture: Picture
    more: Annotated[list[UploadFile], File(media_types=["application/pdf"])] = []


APP = App()


@APP.post("/one")
async def one(picture: Picture) -> str:
    return f"{picture.size} {picture.content_type}"


@APP.post("/optional")
def optional(picture: Annotated[UploadFile | None, File(max_bytes=20, media_types=["image/*"])] = None) -> str:
    return "none" if picture is None else str(picture.size)


@APP.post("/many")
async def many(picture: Annotated[list[UploadFile], File(max_bytes=20, media_types=["image/*"])]) -> str:
    return str([each.size for each in picture])


@APP.post("/content")
async def content(picture: Annotated[bytes, File(max_bytes=20, media_types=["image/*", "text/plain"])]) -> bytes:
    return picture


@APP.post("/sniffed")
async def sniffed(picture: Sniffed) -> bytes:
    return await picture.read()


@APP.post("/model")
async def model(profile: Annotated[Profile, Form()]) -> str:
    return f"{profile.name} {profile.picture.size}"


@APP.post("/alias")
async def alias(file: Annotated[UploadFile, File(alias="picture", media_types=["image/*"])]) -> None: ...


async def stored(picture: Picture) -> int | None:
    return picture.size


@APP.post("/dependency")
async def dependency(size: Annotated[int | None, Depends(stored)]) -> str:
    return str(size)


async def reads_form(request: Request) -> None:
    await request.form()


@APP.post("/read-before", dependencies=[Security(reads_form)])
async def read_before(picture: Picture) -> str:
    return str(picture.size)


@APP.post("/sniffed-after", dependencies=[Security(reads_form)])
async def sniffed_after(picture: Sniffed) -> bytes:
    return await picture.read()


TOO_LARGE = (413, "the file 'picture' exceeds 20 bytes")
NOT_AN_IMAGE = (415, "the file 'picture' has an unsupported media type; expected `image/*`")
WRONG_TYPE = (415, "the file 'picture' has an unsupported media type; expected `image/png` or `image/gif`")
WRONG_CONTENT = (415, "the content of the file 'picture' is not `image/*`")
BAD = {
    "too large": ("/one", [part("picture", b"x" * 21, "image/png")], TOO_LARGE),
    "another type": ("/one", [part("picture", b"x", "image/jpeg")], WRONG_TYPE),
    "the beginning of a type": ("/one", [part("picture", b"x", "image/pngs")], WRONG_TYPE),
    "no type": ("/one", [part("picture", b"x")], WRONG_TYPE),
    "an empty type": ("/one", [part("picture", b"x", "")], WRONG_TYPE),
    "no type but a name": ("/one", [part("picture", PNG, filename="a.png")], WRONG_TYPE),
    "a text": ("/one", [part("picture", b"x", filename=None)], WRONG_TYPE),
    "a text that says it is an image": ("/one", [part("picture", b"x" * 21, "image/png", None)], WRONG_TYPE),
    "optional, too large": ("/optional", [part("picture", b"x" * 21, "image/png")], TOO_LARGE),
    "optional, another type": ("/optional", [part("picture", b"x", "text/html")], NOT_AN_IMAGE),
    "unnamed but not empty": ("/optional", [part("picture", b"x", "text/html", "")], NOT_AN_IMAGE),
    "the second": ("/many", [part("picture", b"x", "image/a"), part("picture", b"x", "text/a")], NOT_AN_IMAGE),
    "the second is large": ("/many", [part("picture", b"x" * n, "image/a") for n in (20, 21)], TOO_LARGE),
    "content": ("/content", [part("picture", b"x" * 21, "image/png")], TOO_LARGE),
    "content as text": ("/content", [part("picture", b"x" * 21, filename=None)], TOO_LARGE),
    "a model": ("/model", [part("name", b"A", None, None), part("picture", b"x" * 21, "image/png")], TOO_LARGE),
    "an alias": ("/alias", [part("picture", b"x", "text/a")], NOT_AN_IMAGE),
    "a dependency": ("/dependency", [part("picture", b"x" * 21, "image/png")], TOO_LARGE),
    "other content": ("/sniffed", [part("picture", b"<html>", "image/png")], WRONG_CONTENT),
    "no content": ("/sniffed", [part("picture", b"", "image/png")], WRONG_CONTENT),
    "content of no known type": ("/sniffed", [part("picture", b"\0" * 1000, "image/png")], WRONG_CONTENT),
    "an image that says it is a page": ("/sniffed", [part("picture", PNG, "text/html")], NOT_AN_IMAGE),
    "a page of an unknown type": ("/sniffed", [part("picture", b"<a>", "application/octet-stream")], WRONG_CONTENT),
    "read before, too large": ("/read-before", [part("picture", b"x" * 21, "image/png")], TOO_LARGE),
    "read before, another type": ("/read-before", [part("picture", b"x", "text/a")], WRONG_TYPE),
    "read before, other content": ("/sniffed-after", [part("picture", b"<a>", "image/png")], WRONG_CONTENT),
    "read before, a text": ("/sniffed-after", [part("picture", b"<a>", None, None)], NOT_AN_IMAGE),
}  # fmt: skip
GOOD = {
    "a file": ("/one", [part("picture", b"x" * 20, "Image/PNG; q=1")], "20 Image/PNG; q=1"),
    "a file by a range": ("/optional", [part("picture", b"x", "image/x")], "1"),
    "an empty input": ("/optional", [part("picture", b"", "application/octet-stream", "")], "none"),
    "none": ("/optional", [], "none"),
    "several": ("/many", [part("picture", b"x" * 20, "image/a")] * 2, "[20, 20]"),
    "several with an empty input": (
        "/many",
        [part("picture", b"", "a/b", ""), part("picture", b"x", "image/a")],
        "[1]",
    ),
    "content": ("/content", [part("picture", b"x", "image/a")], "x"),
    "content as text": ("/content", [part("picture", b"x", filename=None)], "x"),
    "others have no rule": ("/optional", [part("other", b"x" * 1000, "text/html")], "none"),
    "a model": ("/model", [part("name", b"A", None, None), part("picture", b"x", "image/png")], "A 1"),
    "a dependency": ("/dependency", [part("picture", b"x", "image/png")], "1"),
    "sniffed": ("/sniffed", [part("picture", GIF, "image/png")], "GIF89a"),
    "sniffed, of an unknown type": ("/sniffed", [part("picture", GIF, "application/octet-stream")], "GIF89a"),
    "sniffed, without a type": ("/sniffed", [part("picture", GIF)], "GIF89a"),
    "read before": ("/read-before", [part("picture", b"x", "image/png")], "1"),
    "sniffed after": ("/sniffed-after", [part("picture", GIF, "image/png")], "GIF89a"),
}


async def post(path: str, parts: list[bytes]) -> Exchange:
    return await fetch(APP, f"POST {path}", b"".join(parts) + END, MULTIPART)


@pytest.mark.parametrize("name", BAD)
async def test_a_file_that_breaks_its_rule_is_rejected_by_name(name: str) -> None:
    path, parts, (status, detail) = BAD[name]
    response = await post(path, parts)
    assert (response.status, response.json["detail"]) == (status, detail)
    assert response["content-type"] == "application/problem+json"


@pytest.mark.parametrize("name", GOOD)
async def test_a_file_that_fits_its_rule_is_read(name: str) -> None:
    path, parts, expected = GOOD[name]
    response = await post(path, parts)
    assert (response.status, response.text) == (200, expected)


@pytest.mark.parametrize(("sent", "status"), [(b"x" * 20, 200), (b"x" * 21, 413)])
async def test_a_urlencoded_text_in_place_of_a_file_has_its_rule(sent: bytes, status: int) -> None:
    assert (await fetch(APP, "POST /content", b"picture=" + sent, URLENCODED)).status == status
    assert (await fetch(APP, "POST /sniffed", b"picture=" + sent, URLENCODED)).status == 415


@pytest.mark.parametrize(
    "first", [part("picture", b"x" * 21, "image/png"), part("picture", b"x", "text/html")], ids=["size", "type"]
)
async def test_the_rest_of_the_body_is_not_received(first: bytes) -> None:
    received = 0

    async def receive() -> dict[str, Any]:
        nonlocal received
        received += 1
        return {"type": "http.request", "body": first if received == 1 else b"x", "more_body": True}

    scope = {"type": "http", "method": "POST", "path": "/one", "query_string": b"", "root_path": "", "headers": HEADERS}
    sent = []

    async def send(message: Any) -> None:
        sent.append(message)

    await APP(scope, receive, send)
    assert (sent[0]["status"] in (413, 415), received) == (True, 1)


class Kept(PartScanner):
    """Notes what it would store."""

    kept = b""

    def _open_part(self, part: Any) -> None: ...

    def _keep(self, part: Any, data: bytes, start: int, end: int) -> None:
        self.kept += data[start:end]

    def _close_part(self, part: Any) -> None: ...


@given(
    content=st.binary(max_size=3 * SNIFFED_BYTES) | st.binary(max_size=3 * SNIFFED_BYTES).map(GIF.__add__),
    step=st.integers(1, 700),
)
def test_content_is_stored_only_after_its_first_bytes_are_checked(content: bytes, step: int) -> None:
    body = part("f", content.replace(b"\r", b""), "image/gif") + END
    scanner = Kept(MULTIPART, file_rules={"f": FileRule(media_types=("image/gif",), sniff=True)})
    scanner.begin()
    expected = content.replace(b"\r", b"")
    is_gif = expected.startswith((b"GIF87a", GIF))
    with nullcontext() if is_gif else pytest.raises(MultiPartException, match="is not `image/gif`"):
        for start in range(0, len(body), step):
            scanner.scan(body[start : start + step])
    assert scanner.kept == (expected if is_gif else b"")


def test_a_size_is_a_limit_of_the_option() -> None:
    with pytest.raises(MultiPartException) as caught:
        FileRule(max_bytes=1).check_size("f", 2)
    exc = caught.value.as_http_exception()
    assert isinstance(exc, LimitExceeded)
    assert (exc.limit, exc.limit_value, exc.hint) == ("max_bytes", 1, "`File(max_bytes=...)`")


def test_the_document_has_sizes_and_types() -> None:
    def content_of(path: str) -> Any:
        return APP.openapi()["paths"][path]["post"]["requestBody"]["content"]["multipart/form-data"]

    one, sniffed, model = content_of("/one"), content_of("/sniffed"), content_of("/model")
    file = {"type": "string", "format": "binary"}
    assert one["schema"]["properties"] == {"picture": {**file, "maxLength": 20}}
    assert one["encoding"] == {"picture": {"contentType": "image/png, image/gif"}}
    assert sniffed["schema"]["properties"] == {"picture": file}
    assert sniffed["encoding"] == {"picture": {"contentType": "image/*"}}
    properties = model["schema"]["properties"]
    assert {key: properties["picture"][key] for key in ("format", "maxLength")} == {"format": "binary", "maxLength": 20}
    assert properties["more"]["items"] == {**file, "contentMediaType": "application/pdf"}
    assert model["encoding"]["more"] == {"contentType": "application/pdf"}
    assert content_of("/many")["schema"]["properties"]["picture"]["items"] == {**file, "maxLength": 20}


def test_explain_has_the_rule() -> None:
    lines = {each.path: each.explain() for each in APP.routes if hasattr(each, "explain")}
    assert "at most 20 bytes, image/png or image/gif" in lines["/one"]
    assert "image/*, by content too" in lines["/sniffed"]
    assert "picture: at most 20 bytes, image/png or image/gif; more: application/pdf" in lines["/model"]


async def test_rules_hold_in_routers_and_below_limits() -> None:
    app, router = App(limits=Limits(body_bytes=10_000)), Router(prefix="/in")

    @router.post("/one")
    async def one(picture: Picture) -> str:
        return str(picture.size)

    app.include_router(router)
    large = await call(app, "/in/one", "POST", headers=HEADERS, body=part("picture", b"x" * 21, "image/png") + END)
    assert large.status == 413
