"""The market by its client, in process and over HTTP: events that resume, typed messages, files and credentials."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from examples.market import app
from examples.market.models import Gone, Look, NewOffer, Notice, Offer, Watching
from examples.market.problems import NoSuchOffer, NotYours
from signette.client import AsyncClient, Client, UnexpectedResponse
from signette.client.runtime.auth import Bearer, OAuth2Token
from signette.client.runtime.sockets import MessageRejected
from tests.client.ways import WAYS, url_of

# httpx leaves generators behind when a response is closed before its end.
pytestmark = [
    pytest.mark.anyio,
    pytest.mark.either_loop,
    pytest.mark.filterwarnings("ignore:Async generator .http(x|core)2:ResourceWarning"),
]

Headers = dict[str, str]
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
POT = NewOffer(title="Tea pot", price="3")


def token_in(headers: Headers) -> str:
    return headers["Authorization"].removeprefix("Bearer ")


@pytest.fixture(params=WAYS)
def base_url(request: pytest.FixtureRequest, folder: Path) -> Iterator[str | None]:
    with url_of(app, request.param) as url:
        yield url


@pytest.fixture
async def shop(base_url: str | None, ada: Headers) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(app, base_url, auth=Bearer(token_in(ada))) as client:
        yield client


async def test_notices_arrive_with_their_types_and_resume(shop: AsyncClient) -> None:
    async with shop.stream_notices() as notices:
        await shop.offer_something(new=POT)
        assert await anext(notices) == Notice(kind="offered", offer=1, title="Tea pot")
        last_id = notices.last_event_id
    assert last_id
    await shop.withdraw(offer=1)
    resumed = shop.with_options(headers={"Last-Event-ID": last_id})
    async with resumed.stream_notices() as notices:
        assert await anext(notices) == Notice(kind="withdrawn", offer=1, title="Tea pot")


async def test_messages_have_types_in_both_directions(shop: AsyncClient, ada: Headers) -> None:
    await shop.offer_something(new=POT)
    async with shop.notices(token=token_in(ada)) as socket:
        assert await socket.receive() == Watching(watching="ada")
        await socket.send(Look(look=1))
        offer = await socket.receive()
        assert isinstance(offer, Offer)
        assert offer == await shop.read_offer(offer=1)
        await socket.send(Look(look=2))
        assert await socket.receive() == Gone(gone=2)
        await socket.send(Look.model_construct(look="x"))
        with pytest.raises(MessageRejected) as rejected:
            await socket.receive()
        assert rejected.value.problem["errors"][0]["pointer"] == "/look"
        await shop.withdraw(offer=1)
        assert await anext(socket) == Notice(kind="withdrawn", offer=1, title="Tea pot")
        with pytest.raises(TypeError, match="`notices`: argument `message` is not valid"):
            await socket.send(Gone(gone=1))


async def test_a_rejected_websocket_raises_its_response(shop: AsyncClient) -> None:
    with pytest.raises(UnexpectedResponse, match="401"):
        async with shop.notices(token="forged"):
            pass


async def test_a_picture_goes_up_and_comes_back(shop: AsyncClient, tmp_path: Path) -> None:
    await shop.offer_something(new=POT)
    path = tmp_path / "pot.png"
    path.write_bytes(PNG)
    reply = await shop.add_picture.reply(offer=1, picture=path)
    assert (reply.value, reply.location) == (1, "/offers/1/pictures/1")
    assert await shop.add_picture(offer=1, picture=("pot.png", PNG, "image/png")) == 2
    assert await shop.read_picture(offer=1, picture=1) == PNG
    async with shop.read_picture(offer=1, picture=2) as picture:
        assert ("content-type", "image/png") in picture.headers
        saved = await picture.save(tmp_path / "copy.png")
    assert saved.read_bytes() == PNG
    with pytest.raises(UnexpectedResponse, match="415"):
        await shop.add_picture(offer=1, picture=b"text")
    assert isinstance(await shop.add_picture(offer=7, picture=PNG), NoSuchOffer)


async def test_credentials_are_those_of_the_client(shop: AsyncClient, bo: Headers) -> None:
    await shop.offer_something(new=POT)
    assert (await shop.me()).name == "ada"
    other = shop.with_options(auth=Bearer(token_in(bo)))
    assert (await other.me()).name == "bo"
    result: Any = await other.withdraw(offer=1)
    assert isinstance(result, NotYours)
    with pytest.raises(UnexpectedResponse, match="401"):
        await shop.with_options(auth=None).me()


async def test_a_token_is_requested_for_a_password(shop: AsyncClient) -> None:
    token = OAuth2Token("bo", "the password of bo", scope="buy sell")
    client = shop.with_options(auth=token)
    assert (await client.me()).name == "bo"
    assert (await client.offer_something(new=POT)).seller == "bo"


def test_the_same_without_async(base_url: str | None, ada: Headers, tmp_path: Path) -> None:
    with Client(app, base_url, auth=Bearer(token_in(ada))) as shop:
        with shop.notices(token=token_in(ada)) as socket, shop.stream_notices() as notices:
            assert socket.receive(timeout=5) == Watching(watching="ada")
            shop.offer_something(new=POT)
            notice = Notice(kind="offered", offer=1, title="Tea pot")
            assert next(notices) == socket.receive(timeout=5) == notice
        path = tmp_path / "pot.png"
        path.write_bytes(PNG)
        assert shop.add_picture(offer=1, picture=path) == 1
        assert shop.read_picture(offer=1, picture=1).read() == PNG
        assert shop.read_picture(offer=1, picture=1).save(tmp_path / "copy.png").read_bytes() == PNG
        with pytest.raises(UnexpectedResponse, match="401"), shop.notices(token="forged"):
            pass
