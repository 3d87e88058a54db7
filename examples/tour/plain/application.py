"""The application: the routes of all files."""

# ruff: noqa: ERA001 - the tests send the last lines

from examples.tour.backstage import lifespan
from examples.tour.plain import answers, background, bodies, cookies, files, requests, streams
from signette.applications import Application

app = Application(
    lifespan=lifespan,
    routes=[
        *requests.routes,
        *bodies.routes,
        *answers.routes,
        *files.routes,
        *streams.routes,
        *cookies.routes,
        *background.routes,
    ],
)

# try: GET /users/3/posts/0 -> 200 {"user_id": 3, "post_id": 0}
# try: GET /search?q=tour&page=two -> 400 {"error": "Invalid parameters"}
# try: POST /form form name=Ada&interest=a&interest=b -> 200 {"name": "Ada", "email": "", "interests": ["a", "b"]}
