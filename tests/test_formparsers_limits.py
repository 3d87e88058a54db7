"""The limits of multipart forms: each applies while the form arrives, and has a hint on how to raise it."""

import pickle
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

import pytest

from signette.exceptions import LimitExceeded
from signette.formparsers import MultiPartException, MultiPartParser

HEADERS = {"content-type": "multipart/form-data; boundary=b"}
END = b"--b--\r\n"


def field(content: bytes = b"", name: str = "a") -> bytes:
    return f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + content + b"\r\n"


def file(content: bytes = b"", name: str = "f") -> bytes:
    return f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="x"\r\n\r\n'.encode() + content + b"\r\n"


def with_headers(*headers: bytes) -> bytes:
    return b"--b\r\n" + b"\r\n".join([b'Content-Disposition: form-data; name="a"', *headers]) + b"\r\n\r\n\r\n"


async def names_of(body: bytes, **limits: Any) -> list[str]:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    async with aclosing(stream()) as chunks:
        form = await MultiPartParser(HEADERS, chunks, **limits).parse()
    await form.close()
    return [name for name, _ in form.multi_items()]


async def error_of(body: bytes, **limits: Any) -> MultiPartException:
    """The error of the form, which must be raised before the chunk after `body` is read."""

    async def stream() -> AsyncGenerator[bytes, None]:
        yield body
        raise AssertionError("read after the limit was exceeded")

    async with aclosing(stream()) as chunks:
        with pytest.raises(MultiPartException) as caught:
            await MultiPartParser(HEADERS, chunks, **limits).parse()
    return caught.value


async def test_too_many_fields_are_rejected() -> None:
    assert len(await names_of(field() * 3 + file() * 2 + END, max_fields=3)) == 5
    error = await error_of(field() * 4, max_fields=3)
    assert str(error) == error.message == "Too many fields. Maximum number of fields is 3."
    assert (error.status_code, error.limit, error.limit_value) == (400, "form_fields", 3)
    assert error.hint == "`request.form(max_fields=...)` or `App(limits=Limits(form_fields=...))`"


async def test_too_many_files_are_rejected() -> None:
    assert len(await names_of(field() * 3 + file() * 2 + END, max_files=2)) == 5
    error = await error_of(file() * 3, max_files=2)
    assert error.message == "Too many files. Maximum number of files is 2."
    assert (error.status_code, error.limit, error.limit_value) == (400, "form_files", 2)


async def test_a_thousand_fields_and_files_are_the_default() -> None:
    assert len(await names_of(field() * 1000 + file() * 1000 + END)) == 2000
    assert (await error_of(field() * 1001)).limit == "form_fields"
    assert (await error_of(file() * 1001)).limit == "form_files"


async def test_a_field_that_is_too_large_is_rejected_and_a_file_is_not() -> None:
    assert await names_of(field(b"x" * 10) + file(b"x" * 11) + END, max_part_size=10) == ["a", "f"]
    error = await error_of(field(b"x" * 11), max_part_size=10)
    assert (error.status_code, error.limit, error.limit_value) == (413, "form_part_bytes", 10)
    error = await error_of(field(b"x" * (1024 * 1024 + 1)))
    assert error.message == "Part exceeded maximum size of 1024KB."


async def test_a_field_is_rejected_before_it_ends() -> None:
    assert (await error_of(field(b"x" * 40)[:-10], max_part_size=10)).limit == "form_part_bytes"


async def test_too_much_text_in_total_is_rejected() -> None:
    assert await names_of(field(b"x" * 5) * 2 + file(b"x" * 50) + END, max_text_size=10) == ["a", "a", "f"]
    error = await error_of(field(b"x" * 5) * 2 + field(b"x"), max_text_size=10)
    assert (error.status_code, error.limit, error.limit_value) == (413, "form_text_bytes", 10)
    megabyte = field(b"x" * 1024 * 1024)
    assert (await error_of(megabyte * 4 + field(b"x"))).limit_value == 4 * 1024 * 1024


@pytest.mark.parametrize("max_size", [10, {"f": 10, "g": 1}])
async def test_a_file_that_is_too_large_is_rejected_while_it_arrives(max_size: object) -> None:
    assert await names_of(file(b"x" * 10) + field(b"x" * 11) + END, max_file_size=max_size) == ["f", "a"]
    error = await error_of(file(b"x" * 11)[:-2], max_file_size=max_size)
    assert error.message == "File exceeded maximum size of 10 bytes."
    assert (error.status_code, error.limit) == (413, None)
    assert "File(max_bytes=...)" in error.hint


async def test_a_file_limit_by_name_applies_to_that_field() -> None:
    assert await names_of(file(b"x" * 100, "other") + END, max_file_size={"f": 10}) == ["other"]


async def test_a_part_has_at_most_8_headers() -> None:
    assert await names_of(with_headers(*[b"X: y"] * 7) + END) == ["a"]
    error = await error_of(with_headers(*[b"X: y"] * 8))
    assert error.message.startswith("Invalid multipart data.")


async def test_a_header_of_a_part_has_at_most_4_kib() -> None:
    assert await names_of(with_headers(b"X: " + b"y" * 4000) + END) == ["a"]
    for header in (b"X: " + b"y" * 4096, b"X" * 4097 + b": y"):
        # Neither the end of the header nor that of the part has to come for it.
        for body in (with_headers(header), with_headers(header)[: -len(b"\r\n\r\n\r\n")]):
            error = await error_of(body)
            assert error.message.startswith("Invalid multipart data.")


async def test_a_boundary_has_at_most_256_bytes() -> None:
    async def form_of(boundary: str) -> object:
        async def stream() -> AsyncGenerator[bytes, None]:
            yield f"--{boundary}--".encode()

        headers = {"content-type": f"multipart/form-data; boundary={boundary}"}
        async with aclosing(stream()) as chunks:
            return (await MultiPartParser(headers, chunks).parse()).multi_items()

    assert await form_of("b" * 256) == []
    with pytest.raises(MultiPartException, match="256"):
        await form_of("b" * 257)


def over_a_limit() -> MultiPartException:
    return MultiPartException("Too many files.", 400, "form_files", 2, "raise it")


def over_no_limit() -> MultiPartException:
    return MultiPartException("Invalid multipart data.")


def test_the_response_describes_the_exceeded_limit() -> None:
    response = over_a_limit().as_http_exception()
    assert isinstance(response, LimitExceeded)
    assert (response.status_code, response.limit, response.limit_value) == (400, "form_files", 2)
    assert (response.detail, response.hint) == ("form has more than 2 files", "raise it")
    plain = over_no_limit().as_http_exception()
    assert not isinstance(plain, LimitExceeded)
    assert (plain.status_code, plain.detail) == (400, "Invalid multipart data.")


@pytest.mark.parametrize("make", [over_a_limit, over_no_limit])
def test_a_multipart_exception_can_be_pickled(make: Callable[[], MultiPartException]) -> None:
    exc = make()
    again = pickle.loads(pickle.dumps(exc))
    assert (str(again), vars(again)) == (str(exc), vars(exc))
