"""Content negotiation: which format of an operation a request gets (RFC 9110 §12.5.1)."""

from dataclasses import field

from signette._dataclasses import dataclass
from signette._http.accept import Offer, accept_of, choose_media_type, offer_of
from signette._scope_keys import FORMAT
from signette.declarative.formats.base import Format
from signette.problems import Problem
from signette.types import Scope


class NotAcceptable(Problem, status=406):
    """The response is not available in a media type that the request accepts."""

    available: list[str]


@dataclass(frozen=True, slots=True)
class Negotiation:
    """The formats of an operation, the preferred one first, and what is compared with the header `Accept`."""

    formats: tuple[Format, ...]
    offers: tuple[Offer, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "offers", tuple(offer_of(each.media_type, each.media_types) for each in self.formats))

    def choose(self, scope: Scope) -> int:
        """The index of the format for a request.

        Raises NotAcceptable.
        """
        index = choose_media_type(accept_of(scope["headers"]), self.offers)
        if index is None:
            raise NotAcceptable(available=[each.media_type for each in self.formats])
        if index:  # an entity tag of the first format has no end, so that it stays when others are added
            scope[FORMAT] = f";{self.formats[index].names[0].partition('/')[2]}"
        return index

    def name(self, scope: Scope) -> str:
        """The media type of the response to a request; "" if no format is acceptable."""
        index = choose_media_type(accept_of(scope["headers"]), self.offers)
        return "" if index is None else self.formats[index].media_type
