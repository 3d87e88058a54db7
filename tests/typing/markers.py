"""Read by the checkers only: markers fit each type as defaults, and know their options."""

from collections.abc import Sequence
from typing import Annotated

from signette import App, Body, Cookie, Depends, File, Form, Header, Path, Query, Security, UploadFile, params

app = App()


@app.post("/items/{item_id}")
async def old_style(
    item_id: int = Path(ge=1),
    q: str = Query("all", min_length=2),
    tags: list[str] = Query(default_factory=list),
    x_token: str | None = Header(None, convert_underscores=False),
    session: str = Cookie(alias="sid"),
    name: str = Form(allow_empty=True),
    photo: UploadFile = File(max_bytes=10),
) -> int:
    return item_id


@app.put("/items")
async def annotated(count: Annotated[int, Body(embed=True)], at: Annotated[int, Query(le=3)] = 1) -> int:
    return count


Query(min_lenght=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Query(max_bytes=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def current() -> str:
    return "ann"


def admin() -> str:
    return "root"


@app.get("/users")
async def users(name: str = Depends(current), other: str = Security(admin, scopes=["read"])) -> str:
    return name + other


def targets(dependencies: Sequence[params.Depends]) -> list[object]:
    return [each.dependency for each in dependencies]


def is_dependency(marker: object) -> bool:
    return isinstance(marker, params.Depends)


targets([params.Depends(current), params.Security(admin, scopes=["read"])])
Depends(current, use_chache=False)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
params.Depends(current, use_chache=False)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
