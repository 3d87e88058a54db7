"""Query parameters, path parameters, headers, cookies."""

from signette.requests import Request
from signette.responses import JSONResponse, Response
from signette.routing import Route


async def request_info(request: Request) -> Response:
    return JSONResponse(
        {
            "method": request.method,
            "url": str(request.url),
            "path": request.url.path,
            "query": str(request.query_params),
            "headers": dict(request.headers),
            "client": request.client and request.client.host,
        }
    )


async def search(request: Request) -> Response:
    # Access query parameters
    query = request.query_params.get("q", "")
    page = request.query_params.get("page", "1")
    per_page = request.query_params.get("per_page", "10")
    # Convert to appropriate types
    try:
        numbers = {"page": int(page), "per_page": int(per_page)}
    except ValueError:
        return JSONResponse({"error": "Invalid parameters"}, status_code=400)
    # Multiple values for same parameter
    tags = request.query_params.getlist("tag")  # ?tag=python&tag=web
    return JSONResponse({"query": query, **numbers, "tags": tags})


async def user_posts(request: Request) -> Response:
    # Extract path parameters, which the convertor has converted to numbers
    user_id = request.path_params["user_id"]
    # Optional parameters
    post_id = request.path_params.get("post_id")
    return JSONResponse({"user_id": user_id, "post_id": post_id})


async def post(request: Request) -> Response:
    # A path parameter without a convertor is a string; a missing query parameter is None
    return JSONResponse({"postid": request.path_params["postid"], "name": request.query_params.get("name")})


async def header_info(request: Request) -> Response:
    # Case-insensitive header access
    content_type = request.headers.get("content-type")
    user_agent = request.headers.get("user-agent")
    authorization = request.headers.get("authorization")
    # Custom headers
    api_key = request.headers.get("x-api-key")
    # Get all values for header (rare)
    accept_values = request.headers.getlist("accept")
    return JSONResponse(
        {
            "content_type": content_type,
            "user_agent": user_agent,
            "has_auth": bool(authorization),
            "api_key": bool(api_key),
            "accept": accept_values,
        }
    )


async def cookie_info(request: Request) -> Response:
    # Access cookies
    session_id = request.cookies.get("session_id")
    preferences = request.cookies.get("preferences", "{}")
    return JSONResponse(
        {
            "session_id": bool(session_id),
            "preferences": preferences,
            "all_cookies": list(request.cookies.keys()),
        }
    )


routes = [
    Route("/info", request_info),
    Route("/search", search),
    Route("/users/{user_id:int}", user_posts, name="user_profile"),
    Route("/users/{user_id:int}/posts/{post_id:int}", user_posts),
    Route("/post/{postid}", post),
    Route("/headers", header_info),
    Route("/cookies", cookie_info),
]
