"""The airports in the database, and the queries for them, on one connection.

Each SQL statement below is built from constants of this file; values are passed as parameters (`?`) only.
"""

import sqlite3
import unicodedata
from typing import Any

from examples.airports.geometry import EARTH_RADIUS_KM, Units, distance_km, unit_vector
from examples.airports.models import Airport, AirportSearch, Correction, CountryEntry, Elevation

SORTS = {"icao": "icao", "name": "name, icao", "country": "country, icao", "elevation": "elevation_m, icao"}
SORTS_DESCENDING = {key: order.replace(",", " DESC,") + " DESC" for key, order in SORTS.items()}


class Catalogue:
    """The airports, on a connection that the caller opens and closes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def find(self, code: str) -> Airport | None:
        """The airport with this ICAO code, or, for three letters, IATA code."""
        column = "iata" if len(code) == 3 else "icao"
        row = self.connection.execute(f"SELECT * FROM airports WHERE {column} = ?", [code]).fetchone()  # noqa: S608 - see above
        return airport_of(row) if row else None

    def search(self, wanted: AirportSearch) -> tuple[int, list[Airport]]:
        """The number of airports that match a search, and those on the requested page."""
        where, values = conditions(wanted)
        order = (SORTS_DESCENDING if wanted.descending else SORTS)[wanted.sort]
        total = self.connection.execute(f"SELECT count(*) FROM airports{where}", values).fetchone()[0]  # noqa: S608 - see above
        found = self.connection.execute(
            f"SELECT * FROM airports{where} ORDER BY {order} LIMIT ? OFFSET ?",  # noqa: S608 - see above
            [*values, wanted.page_size, (wanted.page - 1) * wanted.page_size],
        )
        return total, [airport_of(row) for row in found]

    def nearest(
        self, latitude: float, longitude: float, limit: int, within_km: float | None = None
    ) -> list[tuple[Airport, float]]:
        """The nearest airports to a point, each with its distance in km, the nearest first."""
        point = unit_vector(latitude, longitude)
        found = self.connection.execute(
            "SELECT * FROM airports ORDER BY x * ? + y * ? + z * ? DESC, icao LIMIT ?", [*point, limit]
        )
        pairs = [(airport_of(row), distance_km(point, (row["x"], row["y"], row["z"]))) for row in found]
        reach = EARTH_RADIUS_KM * 4 if within_km is None else within_km
        return [(airport, km) for airport, km in pairs if km <= reach]

    def batch(self, after: str, size: int, country: str | None = None) -> list[Airport]:
        """The next airports after an ICAO code, in the order of these codes."""
        where = " AND country = ?" if country else ""
        found = self.connection.execute(
            f"SELECT * FROM airports WHERE icao > ?{where} ORDER BY icao LIMIT ?",  # noqa: S608 - see above
            [after, country, size] if country else [after, size],
        )
        return [airport_of(row) for row in found]

    def countries(self) -> list[CountryEntry]:
        """Each country with the number of its airports and the highest of them."""
        # SQLite takes `icao` from the row with the maximum (https://sqlite.org/lang_select.html#bareagg).
        found = self.connection.execute(
            "SELECT country, count(*) AS airports, icao AS highest, max(elevation_m) FROM airports "
            "GROUP BY country ORDER BY country"
        )
        return [CountryEntry(**{key: row[key] for key in ("country", "airports", "highest")}) for row in found]

    def holder_of(self, iata: str | None, other_than: str) -> str | None:
        """The ICAO code of another airport that has this IATA code."""
        row = self.connection.execute(
            "SELECT icao FROM airports WHERE iata = ? AND icao <> ?", [iata, other_than]
        ).fetchone()
        return row["icao"] if row else None

    def put(self, airport: Airport) -> None:
        """Insert an airport, or replace the one with its ICAO code."""
        row = row_of(airport)
        columns = COLUMNS.split(", ")
        changes = ", ".join(f"{column} = excluded.{column}" for column in columns)
        self.connection.execute(
            f"INSERT INTO airports ({COLUMNS}) VALUES ({', '.join('?' * len(columns))}) "  # noqa: S608 - see above
            f"ON CONFLICT (icao) DO UPDATE SET {changes}",
            row,
        )

    def correct(self, correction: Correction) -> None:
        """Apply a correction to an existing airport."""
        airport = self.find(correction.icao)
        assert airport is not None, "the caller has checked that it exists"
        self.put(corrected(airport, correction))

    def delete(self, icao: str) -> bool:
        """Delete an airport and its reviews. Returns whether it existed."""
        return self.connection.execute("DELETE FROM airports WHERE icao = ?", [icao]).rowcount > 0


def corrected(airport: Airport, correction: Correction) -> Airport:
    """A copy of the airport with the values of a correction."""
    changes: dict[str, Any] = correction.model_dump(exclude_none=True)
    if "elevation_m" in changes:
        changes["elevation"] = Elevation(value=changes.pop("elevation_m"))
    return airport.model_copy(update=changes)


def conditions(wanted: AirportSearch) -> tuple[str, list[Any]]:
    """The `WHERE` clause of a search, and its parameters."""
    parts: list[tuple[str, list[Any]]] = []
    if wanted.country is not None:
        parts.append(("country = ?", [wanted.country]))
    if wanted.name is not None:
        parts += [("instr(folded, ?) > 0", [word]) for word in folded(wanted.name).split()]
    if wanted.west is not None and wanted.east is not None:
        parts.append(("latitude BETWEEN ? AND ?", [wanted.south, wanted.north]))
        either = "longitude BETWEEN ? AND ?" if wanted.west <= wanted.east else "(longitude >= ? OR longitude <= ?)"
        parts.append((either, [wanted.west, wanted.east]))
    if wanted.min_elevation_m is not None:
        parts.append(("elevation_m >= ?", [wanted.min_elevation_m]))
    if wanted.max_elevation_m is not None:
        parts.append(("elevation_m <= ?", [wanted.max_elevation_m]))
    if wanted.has_iata is not None:
        parts.append(("iata IS NOT NULL" if wanted.has_iata else "iata IS NULL", []))
    where = " AND ".join(sql for sql, _ in parts)
    return (f" WHERE {where}" if where else ""), [value for _, values in parts for value in values]


def folded(text: str) -> str:
    """The text for searches: without case and accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in apart if not unicodedata.combining(character))


COLUMNS = "icao, iata, name, city, region, country, latitude, longitude, elevation_m, timezone, folded, x, y, z"


def row_of(airport: Airport) -> tuple[Any, ...]:
    """An airport as a row of the database: in metres, with the text for searches and the vector for sorting."""
    words = " ".join(filter(None, (airport.name, airport.city, airport.region)))
    return (
        airport.icao,
        airport.iata,
        airport.name,
        airport.city,
        airport.region,
        airport.country,
        airport.latitude,
        airport.longitude,
        airport.elevation.metres,
        airport.timezone,
        folded(words),
        *unit_vector(airport.latitude, airport.longitude),
    )


def airport_of(row: sqlite3.Row) -> Airport:
    """An airport from a row of the database, with its elevation in metres."""
    return Airport(
        icao=row["icao"],
        iata=row["iata"],
        name=row["name"],
        city=row["city"],
        region=row["region"],
        country=row["country"],
        latitude=row["latitude"],
        longitude=row["longitude"],
        elevation=Elevation.rounded(row["elevation_m"], Units.METRIC),
        timezone=row["timezone"],
    )
