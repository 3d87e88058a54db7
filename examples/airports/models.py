"""The models of requests and responses. They validate their values, so that endpoints never see invalid ones."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from examples.airports.geometry import KM_IN_A_MILE, METRES_IN_A_FOOT, Units
from signette import Tagged

# Thirteen codes begin with an underscore: airfields without an ICAO code.
Icao = Annotated[str, Field(pattern="^[A-Z0-9_][A-Z0-9]{3}$", description="The ICAO code.", examples=["EDDF"])]
Iata = Annotated[str, Field(pattern="^[A-Z]{3}$", description="The IATA code, where there is one.", examples=["FRA"])]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2.", examples=["DE"])]
CountryWanted = Annotated[
    str, StringConstraints(pattern="^[A-Za-z]{2}$", to_upper=True), Field(description="ISO 3166-1 alpha-2, any case.")
]
Code = Annotated[
    str,
    StringConstraints(pattern="^[A-Za-z0-9_]?[A-Za-z0-9]{3}$", to_upper=True),
    Field(description="An ICAO code (four characters) or an IATA code (three), any case."),
]
Timezone = Annotated[
    str,
    Field(
        pattern="^[A-Za-z_]+(/[A-Za-z0-9_+-]+){0,2}$",
        max_length=40,
        description="A name of the IANA time zone database.",
        examples=["Europe/Berlin"],
    ),
]
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")
]
Prose = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=2000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
    ),
]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False, description="Degrees; south is negative.")]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False, description="Degrees; west is negative.")]
Metres = Annotated[float, Field(ge=-500, le=9000, allow_inf_nan=False, description="Metres above the sea.")]


class Strict(BaseModel):
    """The base class of request models: unknown fields are rejected."""

    model_config = ConfigDict(extra="forbid")


class Elevation(Strict):
    """A height above sea level."""

    value: Annotated[float, Field(allow_inf_nan=False, examples=[111])]
    unit: Literal["m", "ft"] = "m"

    @model_validator(mode="after")
    def on_this_planet(self) -> Self:
        if not -500 <= self.metres <= 9000:
            raise ValueError("an airport lies between 500 m below and 9,000 m above the sea")
        return self

    @property
    def metres(self) -> float:
        return self.value if self.unit == "m" else self.value * METRES_IN_A_FOOT

    @classmethod
    def rounded(cls, metres: float, units: Units) -> Self:
        """Rounded to 10 cm or one foot, as on charts."""
        if units is Units.METRIC:
            return cls(value=round(metres, 1) + 0.0, unit="m")  # no minus zero
        return cls(value=round(metres / METRES_IN_A_FOOT), unit="ft")


class Distance(BaseModel):
    """A distance along the ground."""

    value: float
    unit: Literal["km", "mi"]

    @classmethod
    def rounded(cls, km: float, units: Units) -> Self:
        if units is Units.METRIC:
            return cls(value=round(km, 1), unit="km")
        return cls(value=round(km / KM_IN_A_MILE, 1), unit="mi")


class Airport(Strict):
    """An airport, in requests and responses."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "icao": "EDDF",
                    "iata": "FRA",
                    "name": "Frankfurt am Main Airport",
                    "city": "Frankfurt-am-Main",
                    "region": "Hesse",
                    "country": "DE",
                    "latitude": 50.0264,
                    "longitude": 8.54313,
                    "elevation": {"value": 111, "unit": "m"},
                    "timezone": "Europe/Berlin",
                }
            ]
        }
    )

    icao: Icao
    iata: Iata | None = None
    name: Line
    city: Line | None = None
    region: Line | None = None
    country: Country
    latitude: Latitude
    longitude: Longitude
    elevation: Elevation
    timezone: Timezone

    def converted(self, units: Units) -> Self:
        """A copy with its elevation in these units."""
        return self.model_copy(update={"elevation": Elevation.rounded(self.elevation.metres, units)})

    def tagged(self) -> Tagged[Self]:
        """Itself, with its version."""
        return Tagged(self, etag=self.version)

    @property
    def version(self) -> bytes:
        """All of its members: an entity tag is their digest."""
        return self.model_dump_json().encode()


class AirportRow(BaseModel):
    """An airport as a row of a table: each field is a single value."""

    icao: Icao
    iata: Iata | None
    name: Line
    city: Line | None
    region: Line | None
    country: Country
    latitude: Latitude
    longitude: Longitude
    elevation_m: float
    timezone: Timezone

    @classmethod
    def of(cls, airport: Airport) -> Self:
        """The row of an airport, with its elevation in metres."""
        return cls(**airport.model_dump(exclude={"elevation"}), elevation_m=airport.elevation.metres)


class AirportSearch(Strict):
    """The query parameters of a search: filters, order and page."""

    country: CountryWanted | None = None
    name: Annotated[Line | None, Field(description="Words out of the name, city or region; accents do not count.")] = (
        None
    )
    south: Latitude | None = None
    west: Annotated[Longitude | None, Field(description="May be east of `east`: the box then lies over 180°.")] = None
    north: Latitude | None = None
    east: Longitude | None = None
    min_elevation_m: Metres | None = None
    max_elevation_m: Metres | None = None
    has_iata: Annotated[bool | None, Field(description="Only those with an IATA code, or only those without.")] = None
    sort: Literal["icao", "name", "country", "elevation"] = "icao"
    descending: bool = False
    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    page_size: Annotated[int, Field(ge=1, le=200)] = 20

    @model_validator(mode="after")
    def box_is_whole(self) -> Self:
        sides = (self.south, self.west, self.north, self.east)
        if any(side is not None for side in sides) and None in sides:
            raise ValueError("a box has four sides: give south, west, north and east, or none of them")
        if self.south is not None and self.north is not None and self.south > self.north:
            raise ValueError("the box's south lies north of its north")
        return self


class AirportPage(BaseModel):
    """A page of the airports that match a search."""

    items: list[Airport]
    total: Annotated[int, Field(description="How many were found, on all pages together.")]
    page: int
    pages: int


class Neighbour(BaseModel):
    """An airport and its distance."""

    airport: Airport
    distance: Distance


class CountryEntry(BaseModel):
    """A country of the list."""

    country: Country
    airports: Annotated[int, Field(description="How many it has.")]
    highest: Annotated[str, Field(description="The ICAO code of the highest of them.")]


def not_in_the_future(day: date) -> date:
    # In some time zones (UTC+14) it is already tomorrow.
    if (day - datetime.now(UTC).date()).days > 1:
        raise ValueError("the date is in the future")
    return day


class ReviewForm(Strict):
    """A review, as sent by an HTML form."""

    author: Line
    rating: Annotated[int, Field(ge=1, le=5, description="From 1, bad, to 5, good.")]
    text: Prose | None = None
    visited: Annotated[date, AfterValidator(not_in_the_future)] | None = None


class Review(BaseModel):
    """A review of an airport."""

    id: UUID
    icao: Icao
    author: str
    rating: int
    text: str | None
    visited: date | None
    written: datetime


class Correction(Strict):
    """A line of a file with corrections: the airport, and the changes."""

    icao: Icao
    iata: Iata | None = None
    name: Line | None = None
    city: Line | None = None
    region: Line | None = None
    country: Country | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    elevation_m: Metres | None = None
    timezone: Timezone | None = None


class Fault(BaseModel):
    """The error of an invalid value in a line."""

    column: Annotated[str | None, Field(description="None where the line as a whole is meant.")]
    code: str
    message: str


class RejectedLine(BaseModel):
    """A rejected line."""

    line: Annotated[int, Field(description="Counted from 1, the header among them.")]
    faults: list[Fault]


class RejectedCorrection(BaseModel):
    """A correction that cannot be applied."""

    icao: Icao
    faults: list[Fault]


class StreamReport(BaseModel):
    """The result of a stream of corrections."""

    applied: int
    skipped: Annotated[int, Field(description="How many are not valid.")]
    rejected: Annotated[list[RejectedCorrection], Field(description="Those that cannot be applied, the first 100.")]


class CorrectionPreview(BaseModel):
    """What a correction would do."""

    icao: Icao
    airport: Annotated[Airport | None, Field(description="As it would be. None where the correction has faults.")]
    faults: list[Fault]


class CorrectionReport(BaseModel):
    """The result of a file with corrections."""

    applied: int
    rejected: list[RejectedLine]
    dry_run: bool
