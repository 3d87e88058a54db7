"""What endpoints of several files ask for."""

from typing import Annotated

from examples.tour.backstage import Backstage
from signette import Depends, Query, Request


async def backstage_of(request: Request) -> Backstage:
    """What the application made at its start."""
    backstage: Backstage = request.state.backstage
    return backstage


Stage = Annotated[Backstage, Depends(backstage_of)]
Pause = Annotated[float, Query(ge=0, le=1, description="Seconds between two pieces.")]
