"""Airports by distance. Not below `/airports/`, where `nearest` would be a code for other methods."""

from typing import Annotated

from examples.airports.dependencies import InUnits, Reading
from examples.airports.models import Distance, Latitude, Longitude, Neighbour
from signette import Query, Router

router = Router(tags=["airports"])


@router.get("/nearest", summary="Find the airports nearest to a point")
def nearest_airports(
    latitude: Annotated[Latitude, Query(examples=[50.11])],
    longitude: Annotated[Longitude, Query(examples=[8.68])],
    catalogue: Reading,
    units: InUnits,
    limit: Annotated[int, Query(ge=1, le=100)] = 5,
    within_km: Annotated[float | None, Query(gt=0, le=20_100, description="Leave out what is further away.")] = None,
) -> list[Neighbour]:
    """Airports by their distance from a point, the nearest first."""
    return [
        Neighbour(airport=airport.converted(units), distance=Distance.rounded(km, units))
        for airport, km in catalogue.nearest(latitude, longitude, limit, within_km)
    ]
