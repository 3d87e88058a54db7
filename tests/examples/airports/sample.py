"""Ten real airports: enough to search, sort, page and measure, and quick to write down."""

from examples.airports.models import Airport, Elevation

FIELDS = (
    ("EDDF", "FRA", "Frankfurt am Main Airport", "Frankfurt", "Hesse", "DE", 50.0264, 8.54313, 111, "Europe/Berlin"),
    ("EDFE", None, "Frankfurt-Egelsbach Airport", "Egelsbach", "Hesse", "DE", 49.96, 8.6436, 117, "Europe/Berlin"),
    ("EDDM", "MUC", "Munich Airport", "Munich", "Bavaria", "DE", 48.3538, 11.7861, 453, "Europe/Berlin"),
    ("LFPG", "CDG", "Charles de Gaulle Airport", "Paris", None, "FR", 49.0128, 2.55, 119, "Europe/Paris"),
    ("BIRK", "RKV", "Reykjavík Airport", "Reykjavik", None, "IS", 64.13, -21.9406, 15, "Atlantic/Reykjavik"),
    ("NFFN", "NAN", "Nadi International Airport", "Nadi", None, "FJ", -17.7554, 177.443, 5, "Pacific/Fiji"),
    ("NIUE", "IUE", "Niue International Airport", "Alofi", None, "NU", -19.0795, -169.925, 64, "Pacific/Niue"),
    ("LLMZ", "MTZ", "Bar Yehuda Airfield", "Masada", None, "IL", 31.3282, 35.3886, -378, "Asia/Jerusalem"),
    ("ZUDC", "DCY", "Daocheng Yading Airport", "Daocheng", "Sichuan", "CN", 29.323, 100.0533, 4411, "Asia/Shanghai"),
    ("KJFK", "JFK", "John F Kennedy Airport", "New York", None, "US", 40.6399, -73.7787, 3.9624, "America/New_York"),
)


def airports() -> list[Airport]:
    """The ten as models."""
    return [
        Airport(
            icao=icao, iata=iata, name=name, city=city, region=region, country=country, latitude=latitude,
            longitude=longitude, elevation=Elevation(value=metres), timezone=timezone,
        )
        for icao, iata, name, city, region, country, latitude, longitude, metres, timezone in FIELDS
    ]  # fmt: skip


NEW = {
    "icao": "ZZ01",
    "iata": None,
    "name": "My Meadow",
    "city": None,
    "region": None,
    "country": "DE",
    "latitude": 50.1,
    "longitude": 8.7,
    "elevation": {"value": 100.0, "unit": "m"},
    "timezone": "Europe/Berlin",
}
KEY = {"X-API-Key": "demo"}
