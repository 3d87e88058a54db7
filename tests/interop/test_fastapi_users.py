"""Users by fastapi-users: its dependencies in typed endpoints, and its routers."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated, Any

import fastapi
from fastapi_users import BaseUserManager, FastAPIUsers, UUIDIDMixin, schemas
from fastapi_users.authentication import AuthenticationBackend, BearerTransport, JWTStrategy
from fastapi_users.db import BaseUserDatabase

from signette import App, Depends, Security
from tests.interop.serving import served

SECRET = "keep it out of the code, and long"


@dataclass
class User:
    email: str
    hashed_password: str
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    is_active: bool = True
    is_superuser: bool = False
    is_verified: bool = False


class Database(BaseUserDatabase[User, uuid.UUID]):
    def __init__(self) -> None:
        self.users: dict[uuid.UUID, User] = {}

    async def get(self, id: uuid.UUID) -> User | None:  # noqa: A002 - the name of the base class
        return self.users.get(id)

    async def get_by_email(self, email: str) -> User | None:
        return next((user for user in self.users.values() if user.email == email), None)

    async def create(self, create_dict: dict[str, Any]) -> User:
        user = User(**create_dict)
        self.users[user.id] = user
        return user


class Manager(UUIDIDMixin, BaseUserManager[User, uuid.UUID]):
    reset_password_token_secret = verification_token_secret = SECRET


database = Database()


async def manager_of(database: Annotated[Database, fastapi.Depends(lambda: database)]) -> AsyncIterator[Manager]:
    yield Manager(database)


def strategy() -> JWTStrategy[User, uuid.UUID]:
    return JWTStrategy(SECRET, 3600)


backend = AuthenticationBackend("jwt", BearerTransport("accounts/login"), strategy)
users = FastAPIUsers[User, uuid.UUID](manager_of, [backend])


class Shown(schemas.BaseUser[uuid.UUID]): ...


class Created(schemas.BaseUserCreate): ...


def test_current_users_are_dependencies() -> None:
    app = App()
    app.include_router(users.get_register_router(Shown, Created), prefix="/accounts")  # type: ignore[arg-type]
    app.include_router(users.get_auth_router(backend), prefix="/accounts")  # type: ignore[arg-type]

    @app.get("/me")
    async def me(user: Annotated[User, Security(users.current_user(active=True))]) -> str:
        return user.email

    @app.get("/admin")
    async def admin(user: Annotated[User, Depends(users.current_user(superuser=True))]) -> str:
        return user.email

    @app.get("/greeting")
    async def greeting(user: Annotated[User | None, Depends(users.current_user(optional=True))]) -> str:
        return user.email if user else "nobody"

    with served(app) as client:
        assert client.get("/me").status_code == 401
        assert client.get("/greeting").text == "nobody"
        account = {"email": "ann@example.org", "password": "secret word"}
        assert client.post("/accounts/register", json=account).status_code == 201
        form = {"username": account["email"], "password": account["password"]}
        token = client.post("/accounts/login", data=form).json()["access_token"]
        headers = {"authorization": f"Bearer {token}"}
        assert client.get("/me", headers=headers).text == "ann@example.org"
        assert client.get("/greeting", headers=headers).text == "ann@example.org"
        assert client.get("/admin", headers=headers).status_code == 403
        assert client.get("/me", headers={"authorization": "Bearer wrong"}).status_code == 401
    document = app.openapi()
    assert document["paths"].keys() >= {"/accounts/register", "/accounts/login", "/accounts/logout"}
    assert document["paths"]["/me"]["get"]["security"] == [{"OAuth2PasswordBearer": []}, {}]  # it checks on its own
