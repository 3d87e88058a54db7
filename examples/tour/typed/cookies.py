"""Cookies that are set and deleted."""

from signette import Response, Router

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
