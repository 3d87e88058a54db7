from signette import App
from signette.middleware.cors import CORSMiddleware


def declare(app: App) -> None:
    app.add_middleware(CORSMiddleware, allow_origins=["*"])
