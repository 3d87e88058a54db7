"""Models in all places, declared problems, `Created` with a location, and a DELETE that may be repeated."""

from typing import Annotated

from pydantic import BaseModel, Field, model_validator

from signette import App, Created, NoContent, Problem, Query


class NewItem(BaseModel):
    name: Annotated[str, Field(min_length=1)]
    price: Annotated[float, Field(ge=0)]
    sale: float | None = None

    @model_validator(mode="after")
    def check_sale(self) -> "NewItem":
        if self.sale is not None and self.sale > self.price:
            raise ValueError("the sale price is above the price")
        return self


class Item(NewItem):
    number: int


class ItemNotFound(Problem, status=404):
    """There is no such item."""


class NameTaken(Problem, status=409):
    """Another item has the name."""


app = App()
items: dict[int, Item] = {}


@app.post("/items")
async def create_item(item: NewItem) -> Created[Item] | NameTaken:
    if any(each.name == item.name for each in items.values()):
        return NameTaken()
    number = len(items) + 1
    items[number] = Item(number=number, **item.model_dump())
    return Created(items[number], headers={"Location": f"/items/{number}"})


@app.get("/items")
async def list_items(name: Annotated[str | None, Query(max_length=20)] = None) -> list[Item]:
    return [each for each in items.values() if name is None or each.name == name]


@app.get("/items/{number}")
async def read_item(number: int) -> Item | ItemNotFound:
    return items.get(number) or ItemNotFound()


@app.put("/items/{number}")
async def replace_item(number: int, item: NewItem) -> Item | ItemNotFound:
    if number not in items:
        return ItemNotFound()
    items[number] = Item(number=number, **item.model_dump())
    return items[number]


@app.delete("/items/{number}")
async def delete_item(number: int) -> NoContent | ItemNotFound:
    return NoContent() if items.pop(number, None) is not None else ItemNotFound()


REPORTED: set[tuple[str, str]] = set()
