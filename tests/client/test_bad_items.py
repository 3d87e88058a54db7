"""Items that cannot be sent, in process and over HTTP: the error names the operation, the argument and the item."""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from signette import App, File, Items, Stream, UploadFile
from signette.client import ArgumentError, AsyncClient, Client
from tests.client.ways import WAYS, generated, url_of

pytestmark = [pytest.mark.anyio, pytest.mark.either_loop]


class Pet(BaseModel):
    name: str


app = App()


@app.post("/pets")
async def import_pets(rows: Stream[Pet]) -> int:
    return len([row async for row in rows])


@app.post("/echo")
async def echo_pets(rows: Stream[Pet]) -> AsyncIterator[Pet]:
    async for row in rows:
        yield row


@app.post("/table")
async def import_table(rows: Annotated[Stream[Pet], Items(media_types=["text/csv"])]) -> int:
    return len([row async for row in rows])


@app.post("/picture")
async def add_picture(picture: Annotated[UploadFile, File()]) -> int:
    return len(await picture.read())


GOOD, BAD = {"name": "Rex"}, {"name": 1}


def iterated() -> Iterator[Any]:
    yield GOOD
    yield BAD


async def iterated_async() -> AsyncIterator[Any]:
    yield GOOD
    yield BAD


async def broken() -> AsyncIterator[Any]:
    yield GOOD
    raise KeyError("mine")


@pytest.fixture(params=WAYS)
def base_url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    with url_of(app, request.param) as url:
        yield url


def check(error: ArgumentError, operation: str) -> None:
    assert (error.operation, error.argument) == (operation, "rows")
    assert error.reason.startswith("has an item that is not valid, the 2nd one: name: "), error.reason


async def test_a_bad_item_is_an_error_of_the_argument(base_url: str | None) -> None:
    async with AsyncClient(app, base_url) as client:
        for operation in ("import_pets", "import_table"):
            for rows in ([GOOD, BAD], (GOOD, BAD), iterated(), iterated_async()):
                with pytest.raises(ArgumentError) as caught:
                    await client.call(operation, rows=rows)
                check(caught.value, operation)
        assert await client.import_pets(rows=[]) == 0
        assert await client.import_pets(rows=[GOOD, Pet(name="Tom")]) == 2


async def test_the_exception_of_an_iterator_is_raised(base_url: str | None) -> None:
    async with AsyncClient(app, base_url) as client:
        with pytest.raises(KeyError, match="mine"):
            await client.import_pets(rows=broken())


async def test_a_bad_item_ends_a_stream_in_both_directions(base_url: str | None) -> None:
    async with AsyncClient(app, base_url) as client:
        with pytest.raises(ArgumentError) as caught:
            async for _ in client.echo_pets(rows=iterated_async()):
                pass
        check(caught.value, "echo_pets")


def test_so_it_is_without_async(base_url: str | None) -> None:
    with Client(app, base_url) as client:
        for rows in ([GOOD, BAD], iterated()):
            with pytest.raises(ArgumentError) as caught:
                client.import_pets(rows=rows)
            check(caught.value, "import_pets")
        with pytest.raises(
            ArgumentError, match=r"`import_pets`: argument `rows` is an async iterable, .* an async client"
        ):
            client.import_pets(rows=iterated_async())


def test_so_it_is_in_a_generated_module() -> None:
    with generated(app, "bad_items_client") as module, url_of(app, "over HTTP") as url, module.Client(url) as client:
        for rows in ([GOOD, BAD], iterated()):
            with pytest.raises(
                module.ArgumentError, match=r"`import_pets`: argument `rows` has an item .* the 2nd one: name"
            ):
                client.import_pets(rows=rows)


@pytest.mark.parametrize("picture", [None, 5, "text"])
async def test_a_required_file_is_a_file(picture: Any) -> None:
    async with AsyncClient(app) as client:
        with pytest.raises(ArgumentError, match="`add_picture`: argument `picture` is "):
            await client.add_picture(picture=picture)
