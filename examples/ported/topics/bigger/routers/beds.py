"""What grows in a bed: a router below the path of a bed, and functions that are under several paths."""

from typing import Annotated

from pydantic import AliasChoices

from signette import Depends, Path, Router

router = Router(tags=["beds"])


def bed_of(bed: Annotated[int, Path(ge=1)]) -> str:
    return f"bed {bed}"


@router.get("/seeds")
async def seeds(bed: Annotated[int, Path(ge=1)], named: Annotated[str, Depends(bed_of)]) -> dict[str, object]:
    return {"bed": bed, "named": named}


rows = Router()


@rows.get("/")
async def row(
    bed: Annotated[str, Path()], row: Annotated[int, Path(validation_alias=AliasChoices("row", "line"))]
) -> dict[str, object]:
    return {"bed": bed, "row": row}


router.include_router(rows, prefix="/rows/{row}")
router.include_router(rows, prefix="/lines/{line}")

tools = Router()


@tools.get("/tools")
@tools.get("/tools/{kind}")
async def find(kind: str = "all", bed: int | None = None) -> dict[str, object]:
    return {"kind": kind, "bed": bed}
