"""Creating, replacing, changing and deleting airports. The API key is checked before the body is read."""

from typing import Annotated

from examples.airports.dependencies import AirportCode, InUnits, Writing, needs_key
from examples.airports.models import Airport, Icao
from examples.airports.problems import AirportNotFound, CodeMismatch, DuplicateCode
from signette import Conditional, Created, NoContent, Patch, Path, Request, Router, Tagged

router = Router(prefix="/airports", tags=["editing"], dependencies=[needs_key])


@router.post("", summary="Create an airport")
def create_airport(
    airport: Airport, catalogue: Writing, units: InUnits, request: Request
) -> Created[Airport] | DuplicateCode:
    """Add an airport with new codes."""
    if catalogue.find(airport.icao):
        return DuplicateCode(code=airport.icao, holder=airport.icao)
    if holder := catalogue.holder_of(airport.iata, other_than=airport.icao):
        return DuplicateCode(code=str(airport.iata), holder=holder)
    catalogue.put(airport)
    address = request.url_for("get_airport", code=airport.icao).path
    return Created(airport.converted(units), headers={"Location": address})


@router.put("/{code}", summary="Replace an airport")
def replace_airport(
    code: Annotated[Icao, Path()], airport: Airport, catalogue: Writing, units: InUnits, cond: Conditional
) -> Tagged[Airport] | AirportNotFound | CodeMismatch | DuplicateCode:
    """Replace an airport; with `If-Match`, only the version that the client has read."""
    if airport.icao != code:
        return CodeMismatch(in_path=code, in_body=airport.icao)
    current = catalogue.find(code)
    if current is None:
        return AirportNotFound(code=code)
    cond.check(etag=current.converted(units).version)
    if holder := catalogue.holder_of(airport.iata, other_than=code):
        return DuplicateCode(code=str(airport.iata), holder=holder)
    catalogue.put(airport)
    return airport.converted(units).tagged()


@router.patch("/{code}", summary="Change an airport")
def change_airport(
    code: Annotated[Icao, Path()], patch: Patch[Airport], catalogue: Writing, units: InUnits, cond: Conditional
) -> Tagged[Airport] | AirportNotFound | CodeMismatch | DuplicateCode:
    """Change some members of an airport: those that are not sent stay, `null` deletes one."""
    airport = catalogue.find(code)
    if airport is None:
        return AirportNotFound(code=code)
    cond.check(etag=airport.converted(units).version)
    changed = patch.apply(airport)
    if changed.icao != airport.icao:
        return CodeMismatch(in_path=airport.icao, in_body=changed.icao)
    if holder := catalogue.holder_of(changed.iata, other_than=airport.icao):
        return DuplicateCode(code=str(changed.iata), holder=holder)
    catalogue.put(changed)
    return changed.converted(units).tagged()


@router.delete("/{code}", summary="Delete an airport")
def delete_airport(code: AirportCode, catalogue: Writing) -> NoContent | AirportNotFound:
    """Delete an airport and its reviews."""
    airport = catalogue.find(code)
    if airport is None:
        return AirportNotFound(code=code)
    catalogue.delete(airport.icao)
    return NoContent()
