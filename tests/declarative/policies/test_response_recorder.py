import pytest

from signette.declarative.policies.response_recorder import ResponseRecorder
from signette.declarative.policies.stored_response import StoredResponse

pytestmark = [pytest.mark.anyio, pytest.mark.either_loop]


def start(*headers, status=200, **more):
    return {"type": "http.response.start", "status": status, "headers": list(headers), **more}


def body(chunk, *, more=False):
    return {"type": "http.response.body", "body": chunk, "more_body": more}


async def record(*messages, max_bytes=10, wants=None):
    """What was sent, and what the recorder has called, in order."""
    log = []

    async def send(message):
        log.append(message)

    async def completed(response):
        log.append(response)
        return response.with_headers((b"etag", b'"a"'))

    async def passing(status):
        log.append(status)

    recorder = ResponseRecorder(send, max_bytes, completed=completed, passing=passing, wants=wants)
    for message in messages:
        await recorder.send(message)
    return log


@pytest.mark.parametrize(
    "chunks", [[b"abc"], [b"a", b"bc"], [bytearray(b"ab"), memoryview(b"c")], [b"", b"abc", b""]]
)  # fmt: skip
async def test_a_response_is_sent_when_it_is_complete(chunks):
    bodies = [body(chunk, more=number < len(chunks)) for number, chunk in enumerate(chunks, 1)]
    log = await record(start((b"X-Id", b"1"), status=201), *bodies)
    assert log == [
        StoredResponse(201, ((b"x-id", b"1"),), b"abc"),
        start((b"x-id", b"1"), (b"etag", b'"a"'), status=201),
        body(b"abc"),
    ]


async def test_nothing_is_sent_before_the_response_is_complete():
    assert await record(start(), body(b"a", more=True)) == []


async def test_a_buffer_may_be_used_again():
    buffer = bytearray(b"abc")
    log = []

    async def completed(response):
        log.append(response.body)
        return response

    async def ignore(_):
        pass

    recorder = ResponseRecorder(ignore, 10, completed=completed, passing=ignore)
    await recorder.send(start())
    await recorder.send(body(buffer, more=True))
    buffer[:] = b"xyz"
    await recorder.send(body(buffer))
    assert log == [b"abcxyz"]


@pytest.mark.parametrize(
    "messages",
    [
        [start(status=203), body(b"123456", more=True), body(b"78901", more=True), body(b"2")],
        [start(status=203), body(b"12345678901")],
        [start(status=203), {"type": "http.response.pathsend", "path": "/f"}],
        [start(status=203, trailers=True), body(b""), {"type": "http.response.trailers", "headers": []}],
        [start((b"Content-Type", b"text/event-stream; charset=utf-8"), status=203), body(b"a", more=True)],
    ],
    ids=["many", "large", "path", "trailers", "events"],
)
async def test_other_responses_are_passed_on_unchanged(messages):
    assert await record(*messages) == [203, *messages]


async def test_a_response_that_is_not_wanted_is_passed_on():
    messages = [start(status=404), body(b"a")]
    assert await record(*messages, wants=lambda message: message["status"] == 200) == [404, *messages]


async def test_informational_responses_are_sent_at_once():
    hint = {"type": "http.response.early_hint", "links": []}
    assert await record(hint, start()) == [hint]
