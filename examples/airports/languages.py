"""The languages of texts: choosing one for a client, and describing an airport in it."""

from enum import StrEnum
from typing import NamedTuple

from examples.airports.models import Airport


class Language(StrEnum):
    """The languages of the texts."""

    EN = "en"
    DE = "de"
    FR = "fr"


class Texts(NamedTuple):
    """The sentences of one language."""

    above: str
    below: str
    decimal_point: str


TEXTS = {
    Language.EN: Texts(
        "{name} ({codes}) lies in {place}, {height} above sea level.",
        "{name} ({codes}) lies in {place}, {height} below sea level.",
        ".",
    ),
    Language.DE: Texts(
        "{name} ({codes}) liegt in {place}, {height} über dem Meeresspiegel.",
        "{name} ({codes}) liegt in {place}, {height} unter dem Meeresspiegel.",
        ",",
    ),
    Language.FR: Texts(
        "{name} ({codes}) se trouve à {place}, à {height} au-dessus du niveau de la mer.",
        "{name} ({codes}) se trouve à {place}, à {height} au-dessous du niveau de la mer.",
        ",",
    ),
}


def preferred(accept_language: str) -> Language:
    """The available language that an `Accept-Language` header prefers (RFC 9110 §12.5.4); English by default."""
    wanted: list[tuple[float, Language]] = []
    for item in accept_language.split(","):
        tag, _, weight = item.partition(";")
        name = tag.strip().partition("-")[0].lower()
        if name in {"*", *Language}:
            wanted.append((quality(weight), Language.EN if name == "*" else Language(name)))
    # `max` returns the first of equals: languages that are named first are preferred.
    best = max(wanted, key=lambda each: each[0], default=(0.0, Language.EN))
    return best[1] if best[0] > 0 else Language.EN


def quality(weight: str) -> float:
    """The number in `q=0.5`: 1 without a number, 0 (not acceptable) if it is not a number from 0 to 1."""
    if not weight.strip():
        return 1.0
    name, _, number = weight.partition("=")
    try:
        value = float(number)
    except ValueError:
        return 0.0
    return value if name.strip().lower() == "q" and 0 <= value <= 1 else 0.0


def summary_of(airport: Airport, language: Language) -> str:
    """The airport in a sentence."""
    texts = TEXTS[language]
    height = f"{abs(airport.elevation.value):g}".replace(".", texts.decimal_point)
    return (texts.below if airport.elevation.value < 0 else texts.above).format(
        name=airport.name,
        codes=" / ".join(filter(None, (airport.icao, airport.iata))),
        place=", ".join(filter(None, (airport.city, airport.region, airport.country))),
        height=f"{height} {airport.elevation.unit}",
    )
