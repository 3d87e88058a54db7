"""The units of a client, stored in a cookie."""

from examples.airports.geometry import Units
from signette import Response, Router

router = Router(prefix="/units", tags=["preferences"])
YEAR_SECONDS = 365 * 24 * 3600


@router.put("/{units}", summary="Choose the units")
async def choose_units(units: Units, response: Response) -> None:
    """Use these units for lengths from now on."""
    response.set_cookie("units", units, max_age=YEAR_SECONDS, samesite="lax")
