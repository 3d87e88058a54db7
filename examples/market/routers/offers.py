"""Offers: list, create, buy, withdraw.

SQLite blocks, so its functions run in worker threads. What follows from a change (a notice, a letter, a cached list
that is no longer right) is done before the response: without one, a client sends its request again, with the same key.
"""

from typing import Annotated

from examples.market.dependencies import Buyer, Notices, Offers, Pictures, Seller, name_of
from examples.market.letters import send_sale_letter
from examples.market.models import MOST, NewOffer, Notice, Number, Offer, Page
from examples.market.problems import AlreadySold, NoSuchOffer, NotYours, OwnOffer
from signette import BackgroundTasks, Created, NoContent, Query, Router
from signette.concurrency import run_in_threadpool
from signette.jobs import Jobs
from signette.policies import Cache, Cached, IdempotencyKey, Idempotent, RateLimit

router = Router(prefix="/offers", tags=["offers"])

LIST = "offers"
"""The tag of cached lists."""
CHANGES = [RateLimit("600/minute", by=name_of), Idempotent(by=name_of, lease=5)]


@router.get("", policies=[Cached(10, tags=[LIST])])
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


@router.post("", policies=CHANGES)
async def offer_something(
    new: NewOffer, seller: Seller, offers: Offers, board: Notices, cache: Cache, key: IdempotencyKey
) -> Created[Offer]:
    """Create an offer, and send a notice."""
    made = await run_in_threadpool(offers.add, new, seller.name, key.value)
    await board.publish(Notice(kind="offered", offer=made.id, title=made.title), key=f"offered-{made.id}")
    await cache.invalidate(LIST)
    return Created(made, headers={"Location": f"/offers/{made.id}"})


@router.post("/{offer}/buy", policies=CHANGES)
async def buy(
    offer: Number, buyer: Buyer, offers: Offers, board: Notices, jobs: Jobs, cache: Cache, key: IdempotencyKey
) -> Offer | NoSuchOffer | OwnOffer | AlreadySold:
    """Buy an item. The seller gets a letter, and a notice is sent."""
    bought = await run_in_threadpool(offers.buy, offer, buyer.name, key.value)
    await jobs.enqueue(send_sale_letter, sale=offer)
    await board.publish(Notice(kind="sold", offer=offer, title=bought.title), key=f"sold-{offer}")
    await cache.invalidate(LIST)
    return bought


@router.delete("/{offer}")
async def withdraw(
    offer: Number,
    seller: Seller,
    offers: Offers,
    pictures: Pictures,
    board: Notices,
    cache: Cache,
    after: BackgroundTasks,
) -> NoContent | NoSuchOffer | NotYours | AlreadySold:
    """Withdraw an offer that is not sold."""
    mine = await run_in_threadpool(offers.withdraw, offer, seller.name)
    after.add_task(pictures.remove_files, mine.pictures)
    await board.publish(Notice(kind="withdrawn", offer=offer, title=mine.title))
    await cache.invalidate(LIST)
    return NoContent()
