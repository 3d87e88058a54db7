"""What a request carries: models, models in models, several at once, parts of them."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, HttpUrl

from signette import App, Body, HTTPException, Path
from signette.encoders import jsonable_encoder

app = App(title="Workshop")


class Picture(BaseModel):
    url: HttpUrl
    name: str


class Part(BaseModel):
    name: str = Field(examples=["axle"])
    note: str | None = Field(default=None, title="A note", max_length=20)
    price: float = Field(gt=0, description="In euros.")
    tax: float | None = None
    tags: set[str] = set()
    pictures: list[Picture] | None = None


class Kit(BaseModel):
    name: str
    parts: list[Part]


class Worker(BaseModel):
    name: str
    age: int | None = None


@app.post("/parts/", status_code=201)
async def create(part: Part) -> dict[str, object]:
    known = part.model_dump(mode="json", exclude={"tags"})
    if part.tax is not None:
        known["with_tax"] = part.price + part.tax
    return known | {"tags": sorted(part.tags)}


@app.put("/parts/{part_id}")
async def replace(
    part_id: Annotated[int, Path(ge=0, le=1000)], part: Part | None = None, q: str | None = None
) -> dict[str, object]:
    found: dict[str, object] = {"part_id": part_id}
    if q:
        found["q"] = q
    if part:
        found["name"] = part.name
    return found


@app.post("/kits/")
async def kit(kit: Kit) -> Kit:
    return kit


@app.post("/several")
async def several(part: Part, worker: Worker, urgency: Annotated[int, Body(gt=0)]) -> dict[str, object]:
    return {"part": part.name, "worker": worker.name, "urgency": urgency}


@app.post("/embedded")
async def embedded(worker: Annotated[Worker, Body(embed=True)]) -> Worker:
    return worker


@app.post("/weights")
async def weights(weights: dict[int, float]) -> dict[int, float]:
    return weights


@app.post("/pictures")
async def pictures(pictures: list[Picture]) -> list[Picture]:
    return pictures


@app.post("/anything")
async def anything(value: Annotated[object, Body()]) -> object:
    return {"value": value}


@app.put("/shifts/{shift_id}")
async def shift(
    shift_id: UUID,
    begins: Annotated[datetime, Body()],
    ends: Annotated[datetime, Body()],
    after: Annotated[timedelta, Body()],
    break_at: Annotated[time | None, Body()] = None,
    wage: Annotated[Decimal, Body(ge=0)] = Decimal("9.50"),
) -> dict[str, object]:
    start = begins + after
    return {
        "shift_id": shift_id,
        "start": start,
        "seconds": (ends - start).total_seconds(),
        "break_at": break_at,
        "wage": wage,
    }


STORE: dict[str, dict[str, object]] = {"axle": {"name": "axle", "price": 5.5, "tags": ["steel"]}}


@app.patch("/store/{name}")
async def change(name: str, changes: Annotated[dict[str, object], Body()]) -> Part:
    if name not in STORE:
        raise HTTPException(404, detail="There is no such part")
    stored = Part.model_validate(STORE[name])
    STORE[name] = jsonable_encoder(stored.model_copy(update={key: changes[key] for key in changes if key == "price"}))
    return Part.model_validate(STORE[name])
