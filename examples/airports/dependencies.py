"""Dependencies: the catalogue, an airport by its code, units and language, the API key for writing."""

import os
import secrets
from collections.abc import Iterator
from typing import Annotated

from examples.airports.catalogue import Catalogue
from examples.airports.geometry import Units
from examples.airports.languages import Language, preferred
from examples.airports.models import Airport, Code
from examples.airports.problems import AirportNotFound, KeyNotKnown
from examples.airports.reviewbook import ReviewBook
from examples.airports.store import Store, transaction
from signette import Cookie, Depends, Header, Path, Raises, Request, Security
from signette.security import APIKeyHeader

api_key = APIKeyHeader(name="X-API-Key", description="`demo`, unless the server's `AIRPORTS_KEY` says otherwise.")


async def known_key(key: Annotated[str, Depends(api_key)]) -> Annotated[None, Raises(KeyNotKnown)]:
    """Reject invalid API keys, in constant time."""
    expected = os.environ.get("AIRPORTS_KEY", "demo")
    if not secrets.compare_digest(key.encode(), expected.encode()):
        raise KeyNotKnown


async def store_of(request: Request) -> Store:
    """The store that the lifespan opened."""
    store: Store = request.state.store
    return store


OpenStore = Annotated[Store, Depends(store_of)]


# Later requests wait on the event loop, and not in a worker thread. SQLite has one writer at a time.
READERS, EXPORTS, WRITERS = 20, 5, 1


def reading(store: OpenStore) -> Iterator[Catalogue]:
    """The catalogue, on a connection that is returned to the store."""
    with store.connection() as connection:
        yield Catalogue(connection)


def writing(store: OpenStore) -> Iterator[Catalogue]:
    """The catalogue in a transaction, which ends before the response is sent: what the response confirms is on disk.

    Any exception rolls it back, and so does a problem that an endpoint returns.
    """
    with store.connection() as connection, transaction(connection):
        yield Catalogue(connection)


def reading_reviews(catalogue: "Reading") -> ReviewBook:
    """The reviews, on the connection of the catalogue."""
    return ReviewBook(catalogue.connection)


def writing_reviews(catalogue: "Writing") -> ReviewBook:
    """The reviews, in the transaction of the catalogue."""
    return ReviewBook(catalogue.connection)


async def chosen_units(
    units: Annotated[Units, Cookie(description="The units of lengths.")] = Units.METRIC,
) -> Units:
    """The units that the client has chosen."""
    return units


async def chosen_language(
    accept_language: Annotated[str, Header(description="Languages, the best first: en, de, fr.")] = "",
) -> Language:
    """The best available language for the client; English by default."""
    return preferred(accept_language)


Reading = Annotated[Catalogue, Depends(reading, scope="function", max_concurrency=READERS)]
# Until the last byte is sent: slow clients block other exports only.
Exporting = Annotated[Catalogue, Depends(reading, max_concurrency=EXPORTS)]
Writing = Annotated[Catalogue, Depends(writing, scope="function", max_concurrency=WRITERS)]
Reviews = Annotated[ReviewBook, Depends(reading_reviews)]
ReviewsInTransaction = Annotated[ReviewBook, Depends(writing_reviews)]
InUnits = Annotated[Units, Depends(chosen_units)]
InLanguage = Annotated[Language, Depends(chosen_language)]
AirportCode = Annotated[Code, Path(examples=["EDDF", "FRA"])]
needs_key = Security(known_key)


def found_airport(code: AirportCode, catalogue: Reading) -> Annotated[Airport, Raises(AirportNotFound)]:
    """The airport with the code in the path."""
    airport = catalogue.find(code)
    if airport is None:
        raise AirportNotFound(code=code)
    return airport


FoundAirport = Annotated[Airport, Depends(found_airport)]
