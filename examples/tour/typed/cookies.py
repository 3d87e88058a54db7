"""Setting and deleting cookies."""

from typing import Annotated

from signette import Cookie, Response, Router

router = Router(tags=["cookies"])


@router.get("/cookies/set")
async def set_cookie(response: Response) -> dict[str, str]:
    response.set_cookie("simple", "value")
    response.set_cookie(
        "preferences", "dark_theme", max_age=30 * 24 * 60 * 60, secure=True, httponly=True, samesite="strict"
    )
    return {"message": "Cookie set"}


@router.get("/cookies/delete")
async def delete_cookie(response: Response) -> dict[str, str]:
    response.delete_cookie("preferences")
    return {"message": "Cookie deleted"}


@router.get("/cookies/mine")
async def my_cookie(mycookie: Annotated[str | None, Cookie()] = None) -> str | None:
    return mycookie


@router.put("/cookies/mine")
async def set_my_cookie(response: Response) -> None:
    response.set_cookie("mycookie", "value")


@router.delete("/cookies/mine")
async def delete_my_cookie(response: Response) -> None:
    response.delete_cookie("mycookie")
