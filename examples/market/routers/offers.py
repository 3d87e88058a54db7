"""Offers: list, create, buy, withdraw."""

from typing import Annotated

from examples.market.dependencies import Buyer, Notices, Offers, Pictures, Postman, Seller
from examples.market.models import MOST, NewOffer, Notice, Number, Offer, Page
from examples.market.problems import AlreadySold, NoSuchOffer, NotYours, OwnOffer
from signette import BackgroundTasks, Created, NoContent, Query, Router

router = Router(prefix="/offers", tags=["offers"])


@router.get("")
def list_offers(
    offers: Offers,
    after: Annotated[int, Query(ge=0, le=MOST, description="The `next` of the page before.")] = 0,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
    word: Annotated[str, Query(max_length=40, description="In the title.")] = "",
    sold: bool = False,
) -> Page[Offer]:
    """The offers, the oldest first."""
    return offers.page(after, size, word, sold)


@router.get("/{offer}")
def read_offer(offer: Number, offers: Offers) -> Offer | NoSuchOffer:
    return offers.get(offer)


@router.post("")
def offer_something(
    new: NewOffer, seller: Seller, offers: Offers, board: Notices, after: BackgroundTasks
) -> Created[Offer]:
    """Create an offer, and send a notice."""
    made = offers.add(new, seller.name)
    after.add_task(board.post, Notice(kind="offered", offer=made.id, title=made.title))
    return Created(made, headers={"Location": f"/offers/{made.id}"})


@router.post("/{offer}/buy")
def buy(
    offer: Number, buyer: Buyer, offers: Offers, board: Notices, send: Postman, after: BackgroundTasks
) -> Offer | NoSuchOffer | OwnOffer | AlreadySold:
    """Buy an item. The seller gets a letter, and a notice is sent."""
    bought = offers.buy(offer, buyer.name)
    after.add_task(send, bought.seller, f"{buyer.name} buys {bought.title} for {bought.price}")
    after.add_task(board.post, Notice(kind="sold", offer=offer, title=bought.title))
    return bought


@router.delete("/{offer}")
def withdraw(
    offer: Number, seller: Seller, offers: Offers, pictures: Pictures, board: Notices, after: BackgroundTasks
) -> NoContent | NoSuchOffer | NotYours | AlreadySold:
    """Withdraw an offer that is not sold."""
    mine = offers.owned(offer, seller.name)
    offers.remove(offer)
    after.add_task(pictures.remove_files, mine.pictures)
    after.add_task(board.post, Notice(kind="withdrawn", offer=offer, title=mine.title))
    return NoContent()
