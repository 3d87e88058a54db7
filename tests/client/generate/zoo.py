"""Models of every kind that a generated module can define."""

from __future__ import annotations

import builtins
import datetime as dt
import enum
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from http import HTTPStatus
from ipaddress import IPv4Address
from pathlib import Path
from typing import (
    Annotated,
    Any,
    ClassVar,
    Generic,
    Literal,
    NamedTuple,
    NewType,
    NotRequired,
    Optional,
    TypeVar,
    Union,
)
from uuid import UUID, uuid4

import pydantic
from annotated_types import Ge, Interval, Len, MultipleOf
from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasPath,
    AwareDatetime,
    Base64Bytes,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    FilePath,
    HttpUrl,
    Json,
    NonNegativeInt,
    PrivateAttr,
    RootModel,
    SecretStr,
    StrictBool,
    StringConstraints,
    Tag,
    WithJsonSchema,
    computed_field,
    conlist,
    field_validator,
    model_validator,
    with_config,
)
from typing_extensions import TypeAliasType, TypedDict

T = TypeVar("T")
N = TypeVar("N", bound=float)
Key = TypeVar("Key", str, int)


class Color(enum.Enum):
    """The colors of a shirt."""

    RED = "red"
    DEEP_BLUE = "deep blue"
    CRIMSON = "red"  # noqa: PIE796 - an alias


class Size(enum.IntEnum):
    SMALL = 1
    LARGE = 2


class Unit(enum.StrEnum):
    KG = "kg"
    G = "g"


class Mood(str, enum.Enum):  # noqa: UP042 - as many write it
    GOOD = "good"


class Base(BaseModel):
    """What all of them have."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    id: int = 0


class Derived(Base):
    model_config = ConfigDict(title="A derived one", json_schema_extra={"examples": [{"id": 1, "note": 'a "b" \\ c'}]})

    id: Annotated[int, Field(ge=1)] = 1
    note: str | None = None

    count: ClassVar[int] = 3
    _hidden: int = PrivateAttr(default=1)

    @property
    def double(self) -> int:
        return self.id * 2


class Mixin:
    def shout(self) -> str:
        return "!"


class Mixed(Mixin, Base):
    """Three lines.

    With a quote: "quoted", ''' and \"\"\".
        An indented one, with a backslash: \\d.
    """

    name: str


class Constrained(BaseModel):
    text: Annotated[str, StringConstraints(pattern=r"^\w+'\"$", to_upper=True), Field(description="d", examples=["x"])]
    between: Annotated[int | None, Field(ge=1, description='It\'s "quoted".'), AfterValidator(lambda x: x)] = Field(
        None, alias="betweenBoth", le=7
    )
    many: list[Annotated[int, Field(ge=2, title="An item")]] = Field(default_factory=list, min_length=2)
    price: Annotated[Decimal, Field(decimal_places=2, max_digits=5, allow_inf_nan=False, gt=0)] = Decimal("1.50")
    interval: Annotated[int, Interval(ge=1, le=4), MultipleOf(2)]
    twice: Annotated[NonNegativeInt, Ge(5)]
    lengths: Annotated[list[str], Len(1, 3)]
    more: conlist(int, min_length=2)  # type: ignore[valid-type]
    strict: StrictBool = False
    choice: int = Field(3, validation_alias=AliasChoices("x", AliasPath("y", 0)), serialization_alias="zz")
    old: str = Field("", deprecated="use `text`", json_schema_extra={"x-order": 1}, frozen=True)
    ordered: int | str = Field(union_mode="left_to_right")
    split: Annotated[list[str], BeforeValidator(lambda text: text.split(",") if isinstance(text, str) else text)] = []
    documented: Annotated[bytes, WithJsonSchema({"type": "string", "format": "custom"})] = b"a\"'\x00"
    infinite: float = float("inf")
    hidden: int = Field(1, exclude=True)


class Times(BaseModel):
    """Fields with the names of types."""

    date: dt.date | None = None
    datetime: dt.datetime = dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC)
    time: dt.time = dt.time(12)
    timedelta: dt.timedelta = dt.timedelta(days=1, seconds=30)
    fixed: dt.datetime = dt.datetime(2026, 1, 2, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    made: dt.datetime = pydantic.Field(default_factory=dt.datetime.now)
    uuid: UUID = UUID(int=1)
    key: UUID = pydantic.Field(default_factory=uuid4)
    list: builtins.list[str] = []
    int: builtins.int = 3
    Field: str = pydantic.Field("x", max_length=3)


class Kinds(BaseModel):
    url: HttpUrl = HttpUrl("https://example.org")
    when: AwareDatetime | None = None
    file: FilePath | None = None
    path: Path = Path("a/b")
    image: Base64Bytes = b""
    json_text: Json[list[int]] = [1]
    secret: SecretStr | None = None
    ip: IPv4Address | None = None
    status: HTTPStatus = HTTPStatus.OK
    color: Color = Color.RED
    colors: dict[Color, Size] = {Color.RED: Size.LARGE}
    unit: Unit | Mood = Unit.KG
    literal: Literal["a", 1, True, Color.RED] = "a"
    anything: Any = None
    pair: tuple[int, str] = (1, "a")
    row: tuple[int, ...] = (1,)
    nothing: tuple[()] = ()
    bag: set[str] = {"b", "a"}
    frozen: frozenset[int] = frozenset({1})
    queue: deque[int] = deque([1], maxlen=3)
    mapping: Mapping[str, Sequence[int]] = {}
    optional: Optional[int] = None  # noqa: UP045
    union: Union[int, str] = 1  # noqa: UP007
    fixed_list: list[int] = Field(default_factory=lambda: [1, 2])
    derived: Derived = Derived(id=2, note="x")


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    friend: Animal | None = None


Animal = Annotated[Cat | Dog, Field(discriminator="kind")]


class House(BaseModel):
    animals: list[Animal]
    first: Cat | Dog = Field(discriminator="kind")
    second: Annotated[Cat | Dog, Discriminator("kind")]
    tagged: Annotated[Cat, Tag("cat")] | None = None


class Tree(BaseModel):
    value: int
    children: list[Tree] = []
    forest: Forest | None = None


class Forest(BaseModel):
    trees: dict[str, Tree]


class Folder(RootModel[dict[str, "Folder | int"]]):
    """A folder of folders."""


class Tags(RootModel[list[str]]):
    root: list[str] = Field(min_length=1)


class Names(RootModel[list[str]]):
    pass


class Page(BaseModel, Generic[T]):
    """A page."""

    items: list[T]
    next: T | None = None


class Pair(BaseModel, Generic[Key, N]):
    key: Key
    number: N


class CatPage(Page[Cat]):
    total: int


class Pages(BaseModel):
    cats: Page[Cat]
    nested: Page[Page[int]]
    pair: Pair[str, float]
    special: CatPage


@dataclass
class Point:
    """A point on a map."""

    x: Annotated[float, Field(ge=0)]
    y: float = field(default=0.0)
    tags: list[str] = field(default_factory=list)
    z: int = field(default=1, kw_only=True)


@dataclass(frozen=True, kw_only=True)
class Box(Generic[T]):
    content: T
    label: str = pydantic.Field(default="a", max_length=3)  # type: ignore[assignment,unused-ignore]


@pydantic.dataclasses.dataclass(config=ConfigDict(extra="forbid"))
class Circle:
    center: Point
    radius: float = pydantic.Field(gt=0, default=1.0)
    colors: list[Color] = pydantic.Field(default_factory=list)


class Options(TypedDict):
    """Options."""

    name: str
    depth: NotRequired[Annotated[int, Field(ge=1)]]


class Loose(TypedDict, total=False):
    a: int


Odd = TypedDict("Odd", {"not-a-name": int, "class": NotRequired[str]})


@with_config(ConfigDict(extra="forbid"))
class Closed(TypedDict):
    a: int


class Coordinates(NamedTuple):
    latitude: float
    longitude: float = 0.0


UserId = NewType("UserId", int)
JsonValue = TypeAliasType("JsonValue", "dict[str, JsonValue] | list[JsonValue] | str | int | None")
Positive = TypeAliasType("Positive", Annotated[int, Field(gt=0)])
Twins = TypeAliasType("Twins", tuple[T, T], type_params=(T,))


class Others(BaseModel):
    point: Point = Point(1.0, 2.0)
    box: Box[int] | None = None
    circle: Circle | None = None
    options: Options = {"name": "x"}
    loose: Loose | None = None
    odd: Odd | None = None
    closed: Closed | None = None
    coordinates: Coordinates = Coordinates(1.0)
    user: UserId = UserId(1)
    json_value: JsonValue = None
    positive: Positive = 1
    twins: Twins[int] | None = None


def to_camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.title, rest))


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, use_attribute_docstrings=True, populate_by_name=True)

    first_name: str
    """The first name."""
    last_name: str = "x"


class Validated(BaseModel):
    a: int = 1

    @field_validator("a")
    @classmethod
    def check(cls, value: int) -> int:
        return value

    @model_validator(mode="after")
    def check_all(self) -> Validated:
        return self


class Area(BaseModel):
    model_config = ConfigDict(extra="forbid")

    width: int
    height: int

    @computed_field(description="In square metres.")  # type: ignore[prop-decorator]
    @property
    def size(self) -> int:
        return self.width * self.height


class Outer:
    class Line(BaseModel):
        text: str


class Another:
    class Line(BaseModel):
        number: int


class Client(BaseModel):
    """It has the name of the client."""

    lines: list[Outer.Line]
    others: list[Another.Line]
