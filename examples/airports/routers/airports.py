"""Reading airports: by code, by search."""

from typing import Annotated

from examples.airports.dependencies import FoundAirport, InLanguage, InUnits, Reading
from examples.airports.languages import summary_of
from examples.airports.models import Airport, AirportPage, AirportSearch
from signette import Query, Response, Router, Tagged

router = Router(prefix="/airports", tags=["airports"])


@router.get("", summary="Search airports")
def search_airports(search: Annotated[AirportSearch, Query()], catalogue: Reading, units: InUnits) -> AirportPage:
    """Airports by country, name, bounding box and elevation, sorted, a page at a time."""
    total, airports = catalogue.search(search)
    return AirportPage(
        items=[airport.converted(units) for airport in airports],
        total=total,
        page=search.page,
        pages=-(-total // search.page_size),
    )


@router.get("/{code}", summary="Look an airport up")
def get_airport(airport: FoundAirport, units: InUnits) -> Tagged[Airport]:
    """One airport by its ICAO or IATA code, with its version."""
    return airport.converted(units).tagged()


@router.get("/{code}/summary", summary="Describe an airport")
def summarize_airport(airport: FoundAirport, units: InUnits, language: InLanguage, response: Response) -> str:
    """A sentence about the airport in the client's language."""
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Language, Cookie"
    return summary_of(airport.converted(units), language)
