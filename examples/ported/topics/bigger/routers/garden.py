"""Plants: behind a token for the whole router."""

from examples.ported.topics.bigger.needs import header_token
from examples.ported.topics.bigger.trouble import Frost
from signette import Depends, HTTPException, Router

router = Router(
    prefix="/plants",
    tags=["plants"],
    dependencies=[Depends(header_token)],
    responses={404: {"description": "There is no such plant"}},
)

PLANTS = {"rose": {"name": "Rose"}, "fern": {"name": "Fern"}}


@router.get("/")
async def plants() -> dict[str, dict[str, str]]:
    return PLANTS


@router.get("/{plant}", name="plant")
async def plant(plant: str) -> dict[str, str]:
    if plant == "cactus":
        raise Frost(-4)
    if plant not in PLANTS:
        raise HTTPException(status_code=404, detail="There is no such plant")
    return PLANTS[plant]


@router.put("/{plant}", tags=["change"], responses={403: {"description": "Roses are not changed"}})
async def change(plant: str) -> dict[str, str]:
    if plant != "fern":
        raise HTTPException(status_code=403, detail="Only ferns are changed")
    return {"plant": plant, "name": "A greater fern"}
