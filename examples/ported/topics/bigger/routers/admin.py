"""What only the gardener does. Knows nothing of the prefix it is included under."""

from examples.ported.topics.bigger.needs import header_token
from signette import Depends, Router

router = Router()
tools = Router(prefix="/tools")


@tools.get("/{tool}")
async def tool(tool: int) -> dict[str, int]:
    return {"tool": tool}


@router.post("/", dependencies=[Depends(header_token)])
async def update() -> dict[str, str]:
    return {"message": "The gardener was here"}


router.include_router(tools, dependencies=[Depends(header_token)])
