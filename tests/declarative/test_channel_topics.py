"""Topics: their grammar, values in them, and the paths that these come from; and which types can be published."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, SecretBytes, computed_field

from signette.app import App, Router
from signette.cbv import cbv
from signette.channels import Channel, InvalidMessage, Topic
from signette.declarative.adapters.messages import codec_of
from signette.declarative.channels.topic import topic_of
from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.topics import TopicSyntaxError, parts_of
from tests.asgi import fetch

NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,5}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_characters="{}", exclude_categories=["Cs"]), min_size=1, max_size=8)
TEMPLATES = st.lists(st.one_of(TEXTS.map(lambda text: (text, False)), NAMES.map(lambda name: (name, True))), min_size=1)
VALUES = st.text(st.characters(exclude_categories=["Cs"]))


def written(parts: list[tuple[str, bool]]) -> str:
    return "".join(f"{{{part}}}" if is_name else part for part, is_name in parts)


@given(TEMPLATES)
def test_the_parts_of_a_topic_are_those_that_it_was_written_from(parts: list[tuple[str, bool]]) -> None:
    # Two placeholders need a slash between them, say.
    parts = [each for part in parts for each in ((part, ("/", False)) if part[1] else (part,))]
    template = written(parts)
    assert written(list(parts_of(template))) == template
    assert [part for part, is_name in parts_of(template) if is_name] == [part for part, is_name in parts if is_name]


@given(VALUES, VALUES, VALUES, VALUES)
def test_different_values_make_different_topics(one: str, two: str, three: str, four: str) -> None:
    first, second = ({"a": one, "b": two}, {"a": three, "b": four})
    assert (topic_of("t/{a}/{b}", first) == topic_of("t/{a}/{b}", second)) == (first == second)


@pytest.mark.parametrize("between", ["", "-", "x", ".", "%"])
def test_two_placeholders_with_nothing_between_that_separates_them_are_rejected(between: str) -> None:
    with pytest.raises(TopicSyntaxError, match="may be part of a value"):
        list(parts_of(f"chat/{{room}}{between}{{user}}"))
    assert len(list(parts_of(f"chat/{{room}}{between}:{{user}}"))) == 4


@given(VALUES)
def test_a_value_leads_to_no_topic_of_another_template(value: str) -> None:
    assert topic_of("rooms/{name}", {"name": value}) != topic_of("rooms/{name}/staff", {"name": "x"})
    assert topic_of("rooms/{name}", {"name": value}).count("/") == 1


@pytest.mark.parametrize("template", ["", "{", "}", "a{b", "a}b", "{}", "{a-b}", "{{a}}", "{a}}", "{1}"])
def test_an_invalid_topic_is_rejected(template: str) -> None:
    with pytest.raises(TopicSyntaxError):
        list(parts_of(template))


@pytest.mark.parametrize(
    ("value", "text"),
    [(7, "7"), (True, "true"), ("a b", "a%20b"), (UUID(int=1), str(UUID(int=1))), (Decimal("1.50"), "1.50")],
)
def test_a_value_has_the_text_that_it_has_in_json(value: Any, text: str) -> None:
    assert topic_of("{a}", {"a": value}) == text


# -- paths -------------------------------------------------------------------------------------------------------------

Notices = Annotated[Channel[str], Topic("notices/{user_id}")]


async def topic_read(user_id: int, notices: Notices) -> str:
    return notices.topic


async def topic_alone(notices: Notices) -> str:
    return notices.topic


def by_a_prefix(app: App, router: Router) -> None:
    app.include_router(router, prefix="/users/{user_id}")


def by_a_mount(app: App, router: Router) -> None:
    app.mount("/users/{user_id:int}", router)


@pytest.mark.parametrize("add", [by_a_prefix, by_a_mount])
async def test_a_placeholder_may_be_a_path_parameter_of_what_is_around_the_router(add: Any) -> None:
    router, app = Router(), App()
    router.get("/notices")(topic_alone)
    add(app, router)
    assert (await fetch(app, "GET /users/7/notices")).text == "notices/7"


async def test_a_placeholder_of_a_prefix_has_the_value_that_is_read() -> None:
    router, app = Router(), App()
    router.get("/notices")(topic_read)
    app.include_router(router, prefix="/users/{user_id}")
    assert (await fetch(app, "GET /users/007/notices")).text == "notices/7"


async def test_class_based_views_have_channels() -> None:
    router, app = Router(), App()

    @cbv(router)
    class View:
        notices: Notices

        @router.get("/{user_id}")
        async def topic(self) -> str:
            return self.notices.topic

    app.include_router(router)
    assert (await fetch(app, "GET /7")).text == "notices/7"


async def test_an_optional_channel_is_injected_like_others() -> None:
    app = App()

    @app.get("/")
    async def topic(notices: Channel[str] | None = None) -> str:
        assert notices is not None
        return notices.topic

    assert (await fetch(app, "GET /")).text == "notices"


# -- types that can be published ---------------------------------------------------------------------------------------


class Price(BaseModel):
    amount: Decimal
    since: datetime
    tags: set[str] = set()


class Renamed(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    number: int = Field(alias="n")


class Total(BaseModel):
    a: int

    @computed_field  # type: ignore[prop-decorator]  # as pydantic documents it
    @property
    def twice(self) -> int:
        return 2 * self.a


@dataclass
class Point:
    x: float
    label: bytes = b""


@pytest.mark.parametrize(
    ("item", "value"),
    [
        (int, 3),
        (str | None, None),
        (list[Point], [Point(1.5, b"a")]),
        (Price, Price(amount=Decimal("1.10"), since=datetime(2026, 1, 1, 12, tzinfo=UTC), tags={"a"})),
        (Renamed, Renamed(number=3)),
        (Total, Total(a=2)),
        (Literal["a"] | Point, Point(2)),
        (dict[UUID, int], {UUID(int=2): 3}),
        (Any, {"a": [1, None]}),
    ],
    ids=str,
)
def test_what_is_published_is_what_subscribers_receive(item: Any, value: Any) -> None:
    codec = codec_of(item)
    assert codec.decode(codec.encode(value)) == value


class Twice(BaseModel):
    """Serializes its field in a way that it does not validate."""

    model_config = ConfigDict(extra="forbid")
    a: int

    @computed_field  # type: ignore[prop-decorator]
    @property
    def twice(self) -> int:
        return 2 * self.a


def test_a_message_that_subscribers_could_not_read_is_not_published() -> None:
    with pytest.raises(InvalidMessage, match="`Twice`: twice"):
        codec_of(Twice).encode(Twice(a=1))


class Hidden(BaseModel):
    a: int = Field(exclude=True)


class TwoNames(BaseModel):
    a: int = Field(validation_alias="in", serialization_alias="out")


class Handle:
    """pydantic has no schema for it."""


@pytest.mark.parametrize(
    ("item", "why"),
    [
        (SecretBytes, "it contains a `SecretBytes`"),
        (list[Hidden], "`a` is required and has `exclude=True`"),
        (TwoNames, "serialized as `out` and validated as `in`"),
        (Handle, "Unable to generate pydantic-core schema"),
        (type, "it contains an instance of `type`"),
    ],
    ids=str,
)
def test_a_type_that_subscribers_cannot_read_is_rejected(item: Any, why: str) -> None:
    async def endpoint(messages: Any) -> None: ...

    endpoint.__annotations__["messages"] = Channel[item]
    with pytest.raises(SignatureError, match=why):
        App().post("/")(endpoint)
    with pytest.raises(SignatureError, match=why):
        App().channel(item, "messages")
