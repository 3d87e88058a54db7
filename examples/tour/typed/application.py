"""The application: the routers of all files."""

# ruff: noqa: ERA001 - the tests send the last lines

from examples.tour.backstage import lifespan
from examples.tour.typed import answers, background, bodies, cookies, files, requests, streams
from signette import App

app = App(title="Tour", lifespan=lifespan)
for each in (requests, bodies, answers, files, streams, cookies, background):
    app.include_router(each.router)

# try: GET /users/3/posts/0 -> 200 {"user_id": 3, "post_id": 0}
# try: GET /search?q=tour&page=two -> 422 has {"detail": "1 value is not valid"}
# try: POST /form form name=Ada&interest=a&interest=b -> 200 {"name": "Ada", "email": "", "interests": ["a", "b"]}
