"""An admin interface by starlette-admin: its pages make URLs by the names of their routes."""

import re

from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import StaticPool
from starlette_admin.contrib.sqla import Admin, ModelView

from signette import App
from tests.interop.serving import served


class Base(DeclarativeBase): ...


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


def test_it_shows_its_pages() -> None:
    engine = create_engine("sqlite://", connect_args={"check_same_thread": False}, poolclass=StaticPool)
    Base.metadata.create_all(engine)
    app, admin = App(), Admin(engine, title="Shop", secret_key="keep it out of the code")
    admin.add_view(ModelView(User))
    admin.mount_to(app)
    with served(app) as client:
        page = client.get("/admin/user/list")
        assert page.status_code == 200
        styles = re.search(r'href="([^"]+\.css[^"]*)"', page.text)
        assert styles is not None
        assert client.get(styles[1]).status_code == 200
        assert "Shop" in client.get("/admin/").text
    engine.dispose()
