"""Setting and deleting cookies."""

from signette.requests import Request
from signette.responses import JSONResponse, Response
from signette.routing import Route


async def set_cookie(request: Request) -> Response:
    response = JSONResponse({"message": "Cookie set"})
    # Simple cookie
    response.set_cookie("simple", "value")
    # Cookie with options
    response.set_cookie(
        key="preferences",
        value="dark_theme",
        max_age=30 * 24 * 60 * 60,  # 30 days
        secure=True,
        httponly=True,
        samesite="strict",
    )
    return response


async def delete_cookie(request: Request) -> Response:
    response = JSONResponse({"message": "Cookie deleted"})
    response.delete_cookie("preferences")
    return response


async def my_cookie(request: Request) -> Response:
    return JSONResponse(request.cookies.get("mycookie"))


async def set_my_cookie(request: Request) -> Response:
    response = Response(status_code=204)
    response.set_cookie("mycookie", "value")
    return response


async def delete_my_cookie(request: Request) -> Response:
    response = Response(status_code=204)
    response.delete_cookie("mycookie")
    return response


routes = [
    Route("/cookies/set", set_cookie),
    Route("/cookies/delete", delete_cookie),
    Route("/cookies/mine", my_cookie),
    Route("/cookies/mine", set_my_cookie, methods=["PUT"]),
    Route("/cookies/mine", delete_my_cookie, methods=["DELETE"]),
]
