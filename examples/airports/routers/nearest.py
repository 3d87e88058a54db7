"""Airports by distance. Not below `/airports/`, where `nearest` would be a code to each other method."""

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
    """The nearest first, as the crow flies."""
    return [
        Neighbour(airport=airport.told_in(units), distance=Distance.told(km, units))
        for airport, km in catalogue.nearest(latitude, longitude, limit, within_km)
    ]
