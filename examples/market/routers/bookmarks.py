"""Bookmarks: offers that a visitor wants to see again, without an account, in the session."""

from examples.market.dependencies import Offers
from examples.market.models import Number
from examples.market.problems import NoSuchOffer
from signette import NoContent, Request
from signette.resources import Resource, get, put

MOST = 100


class Bookmarks(Resource, prefix="/bookmarks", tags=["bookmarks"]):
    """The bookmarks of a visitor."""

    def __init__(self, request: Request) -> None:
        self.session = request.session

    @get()
    async def read(self) -> list[int]:
        """The bookmarks of this visitor, the last one first."""
        return self._numbers()

    @put("/{offer}")
    def add(self, offer: Number, offers: Offers) -> NoContent | NoSuchOffer:
        """Add an offer. Only the last hundred are kept."""
        offers.get(offer)
        others = [each for each in self._numbers() if each != offer]
        self.session["bookmarks"] = [offer, *others][:MOST]
        return NoContent()

    def _numbers(self) -> list[int]:
        found: list[int] = self.session.get("bookmarks", [])
        return found
