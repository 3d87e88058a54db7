"""What gzip leaves as it is, and the fields of what it compresses, are those of Starlette."""

from typing import Any

import pytest

from tests.asgi import call
from tests.differential.names import SIGNETTE, STARLETTE, Names

pytestmark = pytest.mark.either_loop

LONG = b"x" * 4000
TYPES = (
    "application/grpc application/grpc+proto APPLICATION/GRPC+Proto;a=b application/grpc-web+proto application/grpcx"
    " application/zip application/zip;a=b application/zip+x audio/mp4 image/svg+xml text/event-stream;charset=utf-8"
    " text/event-stream+x a/b A/B;c=d a/b+json a/c"
).split()
EXCLUDED: list[dict[str, Any]] = [
    {},
    {"exclude_content_types": ()},
    {"exclude_content_types": ("Application/Zip; charset=utf-8", " a/b ;x")},
    {"exclude_content_types": ("a/*; q=1", "application/grpc;x=y")},
    {"exclude_content_types": ["application/grpc+proto", "A/B"]},
]


async def compressed(names: Names, start: Any, chunks: list[bytes], method: str = "GET", **options: Any) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        # Starlette changes the list.
        await send({"type": "http.response.start", "status": 200, **start, "headers": list(start["headers"])})
        for number, chunk in enumerate(chunks, start=1):
            await send({"type": "http.response.body", "body": chunk, "more_body": number < len(chunks)})
        if start.get("trailers"):
            await send({"type": "http.response.trailers", "headers": [(b"grpc-status", b"0")]})

    options = {"compresslevel": 6, **options}
    scope: dict[str, Any] = {"extensions": {"http.response.trailers": {}}, "headers": {"accept-encoding": "gzip"}}
    response = await call(names.GZipMiddleware(app, **options), "/", method, **scope)
    return response.types, sorted(response.fields), response.body, response.messages[-1]


@pytest.mark.parametrize("options", EXCLUDED, ids=str)
@pytest.mark.parametrize("kind", TYPES)
async def test_the_same_types_are_compressed(kind: str, options: dict[str, Any]) -> None:
    start = {"headers": [(b"content-type", kind.encode()), (b"vary", b"Accept-Encoding")]}
    theirs, ours = [await compressed(names, start, [LONG], **options) for names in (STARLETTE, SIGNETTE)]
    assert dict(ours[1]).get("content-encoding") == dict(theirs[1]).get("content-encoding")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("trailers", [True, False])
@pytest.mark.parametrize("chunks", [[LONG], [LONG, b""], [b"x"], [b"x", LONG]], ids=len)
@pytest.mark.parametrize("declared", [True, False])
async def test_fields_with_and_without_trailers_are_the_same(
    declared: bool, chunks: list[bytes], trailers: bool, method: str
) -> None:
    whole = b"".join(chunks)
    length = [(b"content-length", b"%d" % len(whole))] if declared else []
    start = {"headers": [*length, (b"vary", b"Accept-Encoding")], "trailers": trailers}
    theirs, ours = [await compressed(names, start, chunks, method) for names in (STARLETTE, SIGNETTE)]
    assert (ours[0], [name for name, _ in ours[1]]) == (theirs[0], [name for name, _ in theirs[1]])
    assert ours[3]["type"] == theirs[3]["type"]
