"""Points on a spherical Earth, and lengths in metric and imperial units."""

from enum import StrEnum
from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_KM = 6371.0088  # the mean radius
KM_IN_A_MILE = 1.609344
METRES_IN_A_FOOT = 0.3048

Vector = tuple[float, float, float]


class Units(StrEnum):
    """The units of lengths: metres and kilometres, or feet and miles."""

    METRIC = "metric"
    IMPERIAL = "imperial"


def unit_vector(latitude: float, longitude: float) -> Vector:
    """The point as a unit vector from the centre of the Earth: the nearer two points, the greater their dot product.

    So the database can sort by distance with three multiplications per row.
    """
    lat, lon = radians(latitude), radians(longitude)
    return cos(lat) * cos(lon), cos(lat) * sin(lon), sin(lat)


def distance_km(one: Vector, other: Vector) -> float:
    """The great-circle distance between two points."""
    # By the chord: the arc cosine of the dot product would round small distances to 0.
    chord = sqrt(sum((a - b) ** 2 for a, b in zip(one, other, strict=True)))
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, chord / 2))
