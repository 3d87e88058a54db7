"""Calls the market by its generated module, in a process without signette."""

import sys
from decimal import Decimal

import anyio
import market_client as api
from pydantic import SecretStr

PICTURE = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"


def members(client: api.AsyncClient, token: str) -> tuple[api.AsyncClient, api.AsyncClient]:
    ada = client.with_options(auth=api.OAuth2Token("ada", "correct horse", scope="sell"))
    bob = client.with_options(auth=api.Bearer(token))
    return ada, bob


async def offer_and_watch(ada: api.AsyncClient, bob: api.AsyncClient, token: str) -> api.Offer:
    async with ada.stream_notices() as notices, bob.notices(token=token) as socket:
        assert await socket.receive() == api.Watching(watching="bob")
        offer = await ada.offer_something(new=api.NewOffer(title="A chair", price=Decimal("12.50")))
        notice = await anext(aiter(notices))
        assert (notice.kind, notice.offer) == ("offered", offer.id)
        await socket.send(api.Look(look=offer.id))
        received = [await socket.receive(), await socket.receive()]  # the notice, and the offer
        assert offer in received
        assert notice in received
    return offer


async def main(url: str) -> None:
    anonymous = api.AsyncClient(url)
    await anonymous.sign_up(new=api.SignUp(name="ada", password=SecretStr("correct horse")))
    await anonymous.sign_up(new=api.SignUp(name="bob", password=SecretStr("battery staple")))
    again = await anonymous.sign_up(new=api.SignUp(name="ada", password=SecretStr("correct horse")))
    assert again == api.NameTaken()
    token = await anonymous.log_in(username="bob", password="battery staple", scope="buy sell")
    assert isinstance(token, api.Token)

    ada, bob = members(anonymous, token.access_token)
    assert (await ada.me()).name == "ada"
    offer = await offer_and_watch(ada, bob, token.access_token)
    assert offer.price == Decimal("12.50")
    listed = await anonymous.list_offers(word="chair")
    assert listed.items == [offer]
    assert await anonymous.read_offer(offer=99) == api.NoSuchOffer(offer=99)

    number = await ada.add_picture(offer=offer.id, picture=("chair.gif", PICTURE, "image/gif"))
    assert number == 1
    assert await anonymous.read_picture(offer=offer.id, picture=number) == PICTURE
    bought = await bob.buy(offer=offer.id)
    assert isinstance(bought, api.Offer)
    assert bought.buyer == "bob"
    await anonymous.aclose()


if __name__ == "__main__":
    anyio.run(main, sys.argv[1])
