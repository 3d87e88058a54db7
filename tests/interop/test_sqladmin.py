"""An admin interface by sqladmin: its pages make URLs by the names of their routes."""

from sqladmin import Admin, ModelView
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import StaticPool

from signette import App
from tests.interop.serving import served


class Base(DeclarativeBase): ...


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class UserAdmin(ModelView, model=User):
    column_list = ["id", "name"]


def test_it_lists_and_creates_rows() -> None:
    engine = create_engine("sqlite://", connect_args={"check_same_thread": False}, poolclass=StaticPool)
    Base.metadata.create_all(engine)
    app = App()
    Admin(app, engine).add_view(UserAdmin)
    with served(app) as client:
        assert "Users" in client.get("/admin/").text
        created = client.post("/admin/user/create", data={"name": "ann", "save": "Save"})
        assert (created.status_code, created.headers["location"]) == (302, f"{client.base_url}/admin/user/list")
        listed = client.get("/admin/user/list").text
        assert "ann" in listed
        assert f"{client.base_url}/admin/statics/" in listed
        assert client.get("/admin/statics/css/main.css").status_code == 200
    engine.dispose()
