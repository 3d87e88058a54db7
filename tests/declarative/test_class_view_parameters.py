"""Which attributes and arguments of a class-based view are parameters, and which classes are rejected."""

from abc import ABC, abstractmethod
from dataclasses import InitVar, dataclass, field
from typing import Annotated, Any, ClassVar, Final, NamedTuple

import fastapi
import pydantic.dataclasses
import pytest
from pydantic import BaseModel

from signette import App, Depends, Header, HTTPException, Path, Query
from signette.cbv import cbv
from signette.declarative.errors.base import SignatureError
from signette.testclient import TestClient


def guard() -> str:
    raise HTTPException(401)


MARKED: list[tuple[Any, Any]] = [
    (Any, Depends(guard)),
    (Any, fastapi.Depends(guard)),
    (Any, fastapi.Security(guard)),
    (Annotated[Any, Depends(guard)], ...),
    (Annotated[Any, fastapi.Depends(guard)], ...),
    (Annotated[Any, fastapi.Security(guard)] | None, ...),
    (Final[Any], Depends(guard)),
    (Final, fastapi.Depends(guard)),
    (Final[Annotated[Any, fastapi.Depends(guard)]], ...),
]


def name() -> str:
    return "ann"


def views_of(app: App, **values: Any) -> type[Any]:
    """A class in whose body these attributes are, and the endpoint `/`."""

    class Views:
        @app.get("/")
        async def read(self) -> str:
            return "secret"

    annotations = {name: hint for name, (hint, _) in values.items() if hint is not None}
    Views.__annotations__ = annotations
    for name, (_, value) in values.items():
        if value is not ...:
            setattr(Views, name, value)
    return Views


@pytest.mark.parametrize("name", ["user", "_user", "__user", "_Views__user"])
@pytest.mark.parametrize("declared", MARKED)
def test_a_dependency_of_an_attribute_runs_by_any_name(name: str, declared: tuple[Any, Any]) -> None:
    app = App()
    cbv(app)(views_of(app, **{name: declared}))
    assert TestClient(app).get("/").status_code == 401


@pytest.mark.parametrize(
    "declared",
    [
        (str, Header(alias="x-tenant")),
        (str, fastapi.Header(alias="x-tenant")),
        (Annotated[str, Header(alias="x-tenant")], ...),
        (Annotated[str, fastapi.Header(alias="x-tenant")], ...),
    ],
)
def test_a_parameter_of_a_private_attribute_is_read(declared: tuple[Any, Any]) -> None:
    app = App()
    cbv(app)(views_of(app, _tenant=declared))
    assert TestClient(app).get("/").status_code == 422
    assert TestClient(app).get("/", headers={"x-tenant": "a"}).status_code == 200


MARKERS: list[Any] = [
    Depends(guard), fastapi.Depends(guard), fastapi.Security(guard), Query(), Header(), Path(),
    fastapi.Query(), fastapi.Header(), fastapi.Cookie(), fastapi.Body(), fastapi.Form(),
]  # fmt: skip


@pytest.mark.parametrize("inherited", [False, True])
@pytest.mark.parametrize("name", ["user", "_user"])
@pytest.mark.parametrize("marker", MARKERS, ids=[f"{type(each).__module__}.{type(each).__name__}" for each in MARKERS])
def test_a_marker_that_would_have_no_effect_is_rejected(marker: Any, name: str, inherited: bool) -> None:
    kinds = [
        ((None, marker), f"the attribute `{name}` has a marker, but no annotation"),
        ((ClassVar[Any], marker), f"the attribute `{name}` is a `ClassVar`"),
        ((ClassVar, marker), f"the attribute `{name}` is a `ClassVar`"),
        ((ClassVar[Annotated[Any, marker]], ...), f"the attribute `{name}` is a `ClassVar`"),
        ((Annotated[ClassVar[Any], marker], ...), f"the attribute `{name}` is a `ClassVar`"),
    ]
    for declared, problem in kinds:
        app = App()
        views = views_of(app, **{name: declared})
        with pytest.raises(SignatureError, match=problem):
            cbv(app)(type("Inner", (views,), {}) if inherited else views)


def test_an_attribute_of_a_base_class_can_have_another_value() -> None:
    app = App()

    class Base:
        user: str = Depends(guard)
        other = Depends(guard)

    @cbv(app)
    class Views(Base):
        user = Depends(lambda: "ann")
        other = None

        @app.get("/")
        def read(self) -> str:
            return self.user

    assert TestClient(app).get("/").text == "ann"


@pytest.mark.parametrize("options", [{}, {"frozen": True}, {"slots": True}, {"frozen": True, "slots": True}])
def test_the_fields_of_a_dataclass_are_the_arguments_of_its_init(options: dict[str, Any]) -> None:
    app = App()

    @cbv(app)
    @dataclass(**options)
    class Views:
        q: int
        user: str = Depends(lambda: "ann")
        _tenant: str = field(default=fastapi.Header("none", alias="x-tenant"))
        z: int = 1
        more: InitVar[int] = 0
        _private: int = 5
        log: list[int] = field(init=False, default_factory=list)

        def __post_init__(self, more: int) -> None:
            self.log.append(self.z + more)

        @app.get("/")
        def read(self) -> list[Any]:
            return [self.q, self.user, self._tenant, self.z, self._private, self.log]

    client = TestClient(app)
    assert client.get("/?q=1").json() == [1, "ann", "none", 1, 5, [1]]
    sent = client.get("/?q=2&z=3&more=4&_private=6", headers={"x-tenant": "a"})
    assert sent.json() == [2, "ann", "a", 3, 5, [7]]
    names = [each["name"] for each in app.openapi()["paths"]["/"]["get"]["parameters"]]
    assert sorted(names) == ["more", "q", "x-tenant", "z"]
    assert client.get("/").status_code == 422


def test_an_attribute_with_the_name_of_an_argument_is_set_and_passed() -> None:
    app = App()

    @cbv(app)
    class Views:
        k: int = 1
        user: Any = Depends(lambda: "ann")
        kept: int = 2

        def __init__(self, first: int, /, user: Any = None, *, k: int = 3, kept: int = 4) -> None:
            self.passed = [first, user, k, kept]
            self.k = k * 10

        @app.get("/")
        def read(self) -> list[Any]:
            return [*self.passed, self.user, self.k, self.kept]

    client = TestClient(app)
    assert client.get("/?first=0").json() == [0, "ann", 3, 4, "ann", 30, 4]
    assert client.get("/?first=0&k=5&kept=6").json() == [0, "ann", 5, 6, "ann", 50, 6]


def test_a_guard_of_an_attribute_is_not_replaced_by_a_plain_argument() -> None:
    app = App()

    @cbv(app)
    class Views:
        user: Annotated[Any, fastapi.Depends(guard)]

        def __init__(self, user: str = "anyone") -> None:
            self.user = user

        @app.get("/")
        def read(self) -> str:
            return "secret"

    assert TestClient(app).get("/?user=root").status_code == 401


def test_the_same_marker_in_both_is_one_parameter() -> None:
    app = App()

    @cbv(app)
    class Views:
        user: str = Depends(name)

        def __init__(self, user: str = Depends(name)) -> None:
            self.passed = user

        @app.get("/")
        def read(self) -> str:
            return self.passed

    assert TestClient(app).get("/").text == "ann"


@pytest.mark.parametrize("options", [{}, {"slots": True}])
@pytest.mark.parametrize("marker", [Depends(guard), fastapi.Depends(guard)], ids=["own", "fastapi"])
def test_a_class_may_give_a_field_of_its_dataclass_a_guard(marker: Any, options: dict[str, Any]) -> None:
    @dataclass(**options)
    class Base:
        user: Any = None
        _tenant: Any = None

    for name in ("user", "_tenant"):
        app = App()
        inner = type("Views", (Base, views_of(app)), {name: marker, "__annotations__": {name: Any}})
        cbv(app)(inner)
        assert TestClient(app).get("/").status_code == 401


def test_the_value_of_such_a_field_reaches_the_instance() -> None:
    app = App()

    @dataclass
    class Base:
        _user: Any = None

    @cbv(app)
    class Views(Base):
        _user: Any = Depends(lambda: "ann")

        @app.get("/")
        def read(self) -> str:
            return self._user

    assert TestClient(app).get("/").text == "ann"


@pytest.mark.parametrize(
    "marker",
    [Depends, fastapi.Depends, Header, fastapi.Header],
    ids=["Depends", "fastapi.Depends", "Header", "fastapi.Header"],
)
def test_a_marker_without_its_call_is_rejected_in_private_attributes(marker: Any) -> None:
    for declared in ((Annotated[str, marker], ...), (str, marker)):
        app = App()
        with pytest.raises(SignatureError):
            cbv(app)(views_of(app, _user=declared))


@pytest.mark.parametrize("name", ["users", "_users"])
@pytest.mark.parametrize("marker", [Depends(guard), fastapi.Depends(guard)], ids=["own", "fastapi"])
def test_a_marker_inside_a_type_is_rejected_by_any_name(marker: Any, name: str) -> None:
    for hint in (list[Annotated[Any, marker]], dict[str, list[Annotated[Any, marker]]]):
        app = App()
        with pytest.raises(SignatureError):
            cbv(app)(views_of(app, **{name: (hint, ...)}))


def test_a_private_attribute_may_have_any_type_without_a_marker() -> None:
    app = App()
    cbv(app)(views_of(app, _known=(dict[str, type[Header]], {}), _all=(list[Header], ...)))
    assert TestClient(app).get("/").text == "secret"


def test_a_marker_on_args_or_kwargs_of_init_is_rejected() -> None:
    def positional(self: Any, *users: Annotated[Any, Depends(guard)]) -> None: ...

    def keywords(self: Any, **users: Annotated[Any, fastapi.Depends(guard)]) -> None: ...

    for init in (positional, keywords):
        app = App()
        with pytest.raises(SignatureError, match=r"`\*+users: .* is not supported: each parameter needs a name"):
            cbv(app)(views_of(app, __init__=(None, init)))


def test_an_unknown_name_in_an_annotation_of_init_is_rejected() -> None:
    def init(self: Any, user: Any = None) -> None: ...

    init.__annotations__["user"] = "Missing"
    app = App()
    with pytest.raises(SignatureError, match="Missing"):
        cbv(app)(views_of(app, __init__=(None, init)))


def test_attributes_in_slots_are_set() -> None:
    app = App()

    @cbv(app)
    class Views:
        __slots__ = ("_user", "q")
        q: int
        _user: Annotated[str, Depends(lambda: "ann")]

        @app.get("/")
        def read(self) -> list[Any]:
            return [self.q, self._user]

    assert TestClient(app).get("/?q=2").json() == [2, "ann"]


def test_a_class_of_which_no_instance_can_be_made_is_rejected() -> None:
    app = App()

    class Model(BaseModel):
        q: int = 1

        @app.get("/model")
        def read(self) -> int:
            return self.q

    @pydantic.dataclasses.dataclass
    class Data:
        q: int = 1

        @app.get("/data")
        def read(self) -> int:
            return self.q

    class Row(NamedTuple):
        q: int = 1

        @app.get("/row")
        def read(self) -> int:
            return self.q

    class Abstract(ABC):
        @app.get("/abstract")
        @abstractmethod
        def read(self) -> int: ...

    invalid: list[tuple[Any, str]] = [
        (Model, "a pydantic model"),
        (Data, "a pydantic model"),
        (Row, "a `__new__` with parameters"),
        (Abstract, "is abstract"),
    ]
    for cls, problem in invalid:
        with pytest.raises(SignatureError, match=problem):
            cbv(app)(cls)
