"""Query parameters: defaults, choices, lists, validation, models."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from signette import App, Query

app = App(title="Search")

STOCK = [{"sku": f"tea-{number}", "grams": number * 50} for number in range(1, 9)]


@app.get("/stock")
async def stock(skip: int = 0, limit: int = 3) -> list[dict[str, object]]:
    return STOCK[skip : skip + limit]


@app.get("/stock/{sku}")
async def one(sku: str, q: str | None = None, short: bool = False) -> dict[str, object]:
    found: dict[str, object] = {"sku": sku}
    if q:
        found["q"] = q
    if not short:
        found["text"] = "Leaves, dried and rolled."
    return found


@app.get("/needed")
async def needed(word: str, times: int, pause: float | None = None) -> dict[str, object]:
    return {"word": word, "times": times, "pause": pause}


@app.get("/texts")
async def texts(
    q: Annotated[
        str | None,
        Query(
            alias="search-for",
            title="Search for",
            description="Words, at least two letters of them.",
            min_length=2,
            max_length=12,
            pattern="^[a-z ]+$",
            deprecated=True,
        ),
    ] = None,
    hidden: Annotated[str | None, Query(include_in_schema=False)] = None,
) -> dict[str, str | None]:
    return {"q": q, "hidden": hidden}


@app.get("/older")
async def older(
    q: str = Query(default="green", min_length=3),
    page: int = Query(1, ge=1),
) -> dict[str, object]:
    return {"q": q, "page": page}


@app.get("/lists")
async def lists(
    tag: Annotated[list[str], Query()] = ["new", "dry"],
    size: Annotated[list[int] | None, Query(max_length=3)] = None,
    kinds: Annotated[set[Literal["green", "black"]], Query(alias="kind")] = set(),
) -> dict[str, object]:
    return {"tag": tag, "size": size, "kinds": sorted(kinds)}


def known(code: str) -> str:
    """A code begins with its publisher."""
    if not code.startswith(("isbn-", "imdb-")):
        raise ValueError("a code begins with isbn- or imdb-")
    return code


@app.get("/codes")
async def codes(code: Annotated[str, AfterValidator(known)] = "isbn-1") -> dict[str, str]:
    return {"code": code}


class Page(BaseModel):
    """The page of a list, and its order."""

    model_config = {"extra": "forbid"}

    limit: int = Field(100, gt=0, le=100)
    offset: int = Field(0, ge=0)
    order_by: Literal["sku", "grams"] = "sku"
    tags: list[str] = []


@app.get("/pages")
async def pages(page: Annotated[Page, Query()]) -> Page:
    return page
