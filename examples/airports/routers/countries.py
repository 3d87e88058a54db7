"""The countries of the list."""

from examples.airports.dependencies import Reading
from examples.airports.models import CountryEntry
from signette import Router

router = Router(prefix="/countries", tags=["airports"])


@router.get("", summary="List the countries")
def list_countries(catalogue: Reading) -> list[CountryEntry]:
    """Each country with the number of its airports and the highest of them."""
    return catalogue.countries()
