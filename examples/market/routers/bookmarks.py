"""Bookmarks: offers that a visitor wants to see again, without an account, in the session."""

from examples.market.dependencies import Offers
from examples.market.models import Number
from examples.market.problems import NoSuchOffer
from signette import NoContent, Request, Router

router = Router(prefix="/bookmarks", tags=["bookmarks"])
MOST = 100


@router.get("")
async def read_bookmarks(request: Request) -> list[int]:
    """The bookmarks of this visitor, the last one first."""
    found: list[int] = request.session.get("bookmarks", [])
    return found


@router.put("/{offer}")
def add_bookmark(offer: Number, offers: Offers, request: Request) -> NoContent | NoSuchOffer:
    """Add an offer. Only the last hundred are kept."""
    offers.get(offer)
    others = [each for each in request.session.get("bookmarks", []) if each != offer]
    request.session["bookmarks"] = [offer, *others][:MOST]
    return NoContent()
