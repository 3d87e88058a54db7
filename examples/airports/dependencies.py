"""What handlers ask for by type: the catalogue, an airport by its code, units and language, a writer's key."""

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
    """Refuse keys that may not write, in the same time whatever was sent."""
    expected = os.environ.get("AIRPORTS_KEY", "demo")
    if not secrets.compare_digest(key.encode(), expected.encode()):
        raise KeyNotKnown


async def store_of(request: Request) -> Store:
    """The store that the application opened at its start."""
    store: Store = request.state.store
    return store


OpenStore = Annotated[Store, Depends(store_of)]


# Who comes later waits on the event loop, and not in one of the worker threads. SQLite has one writer at a time.
READERS, EXPORTS, WRITERS = 20, 5, 1


def reading(store: OpenStore) -> Iterator[Catalogue]:
    """The catalogue, over a connection that is given back."""
    with store.connection() as connection:
        yield Catalogue(connection)


def writing(store: OpenStore) -> Iterator[Catalogue]:
    """The catalogue in a transaction. It ends before the answer is sent: what a client reads of is on disk.

    Whatever is raised undoes all of it, a problem that a handler returns among that.
    """
    with store.connection() as connection, transaction(connection):
        yield Catalogue(connection)


def reading_reviews(catalogue: "Reading") -> ReviewBook:
    """The reviews, over the catalogue's connection."""
    return ReviewBook(catalogue.connection)


def writing_reviews(catalogue: "Writing") -> ReviewBook:
    """The reviews, in the catalogue's transaction."""
    return ReviewBook(catalogue.connection)


async def chosen_units(
    units: Annotated[Units, Cookie(description="In which units lengths are told.")] = Units.METRIC,
) -> Units:
    """The units that the client chose earlier."""
    return units


async def chosen_language(
    accept_language: Annotated[str, Header(description="Languages, the best first: en, de, fr.")] = "",
) -> Language:
    """The best of our languages for the client; English where none of them is wanted."""
    return preferred(accept_language)


Reading = Annotated[Catalogue, Depends(reading, scope="function", max_concurrency=READERS)]
# Until the last byte is out: clients that read slowly keep away other exports, and no one else.
Exporting = Annotated[Catalogue, Depends(reading, max_concurrency=EXPORTS)]
Writing = Annotated[Catalogue, Depends(writing, scope="function", max_concurrency=WRITERS)]
Reviews = Annotated[ReviewBook, Depends(reading_reviews)]
ReviewsInTransaction = Annotated[ReviewBook, Depends(writing_reviews)]
InUnits = Annotated[Units, Depends(chosen_units)]
InLanguage = Annotated[Language, Depends(chosen_language)]
AirportCode = Annotated[Code, Path(examples=["EDDF", "FRA"])]
needs_key = Security(known_key)


def found_airport(code: AirportCode, catalogue: Reading) -> Annotated[Airport, Raises(AirportNotFound)]:
    """The airport that the path names."""
    airport = catalogue.find(code)
    if airport is None:
        raise AirportNotFound(code=code)
    return airport


FoundAirport = Annotated[Airport, Depends(found_airport)]
