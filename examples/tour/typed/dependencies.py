"""Dependencies of endpoints in several files."""

from typing import Annotated

from examples.tour.backstage import Backstage
from signette import Depends, Query, Request


async def backstage_of(request: Request) -> Backstage:
    """The data that the lifespan created."""
    backstage: Backstage = request.state.backstage
    return backstage


Stage = Annotated[Backstage, Depends(backstage_of)]
Pause = Annotated[float, Query(ge=0, le=1, description="Seconds between two pieces.")]
