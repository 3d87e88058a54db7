from signette import App, Router
from signette.middleware import Middleware
from signette.middleware.cors import CORSMiddleware


def declare(app: App) -> None:
    app.include_router(Router(middleware=[Middleware(CORSMiddleware, allow_origins=["*"])]))
