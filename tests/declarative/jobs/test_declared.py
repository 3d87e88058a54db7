"""Jobs as they are declared: their arguments, options, names and types."""

from datetime import date, datetime
from decimal import Decimal
from math import inf, nan
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, SecretStr

from signette import App, Depends, Router, UploadFile
from signette.declarative.errors.base import SignatureError
from signette.declarative.jobs.declared import JobDefinition
from signette.jobs import Job, JobArgumentsError, JobRun, Jobs, Progress


class Book(BaseModel):
    title: str
    price: Decimal = Field(alias="unitPrice")
    tags: tuple[str, ...] = ()


def store() -> dict[str, int]:
    return {}


async def ship(
    order_id: int,
    run: JobRun,
    progress: Progress[int],
    jobs: Jobs,
    stock: Annotated[dict[str, int], Depends(store)],
    express: bool = False,
) -> str:
    return f"{order_id} {express}"


def test_arguments_are_the_parameters_that_nothing_else_fills() -> None:
    assert {name: each.required for name, each in JobDefinition(ship, {}).arguments.items()} == {
        "order_id": True,
        "express": False,
    }


@pytest.mark.parametrize(
    ("args", "kwargs", "problem"),
    [
        ((), {}, "missing arguments: order_id"),
        ((), {"order": 1}, "unexpected keyword argument 'order'"),
        ((1, 2), {}, "`run` is not an argument"),
        ((), {"order_id": 1, "stock": {}}, "`stock` is not an argument"),
        ((1,), {"order_id": 1}, "multiple values for argument 'order_id'"),
    ],
)
def test_arguments_that_do_not_fit_are_named(args: Any, kwargs: Any, problem: str) -> None:
    with pytest.raises(JobArgumentsError, match=problem):
        JobDefinition(ship, {}).named(args, kwargs)


def test_an_invalid_argument_is_named_without_its_value() -> None:
    definition = JobDefinition(ship, {})
    with pytest.raises(JobArgumentsError) as raised:
        definition.dump({"order_id": "s3cret"})
    assert str(raised.value).startswith("job `ship`: argument `order_id`: Input should be a valid integer")
    assert "s3cret" not in str(raised.value)


def test_arguments_of_another_version_of_the_program_are_errors() -> None:
    definition = JobDefinition(ship, {})
    with pytest.raises(JobArgumentsError, match="unknown arguments: sku"):
        definition.load({"order_id": 1, "sku": "a"})
    with pytest.raises(JobArgumentsError, match="missing arguments: order_id"):
        definition.load({})


every_type = st.fixed_dictionaries(
    {
        "day": st.dates(),
        "at": st.datetimes(),
        "amount": st.decimals(allow_nan=False, allow_infinity=False),
        "key": st.uuids(),
        "data": st.text().map(str.encode),
        "ratio": st.floats(allow_nan=False, allow_infinity=False),
        "numbers": st.lists(st.integers()),
        "names": st.sets(st.text()),
        "pairs": st.dictionaries(st.integers(), st.tuples(st.booleans(), st.none() | st.text())),
        "kind": st.sampled_from(["a", "b"]),
        "book": st.builds(
            Book, title=st.text(), unitPrice=st.decimals(0, 1000, places=2), tags=st.lists(st.text()).map(tuple)
        ),
    }
)


async def record(
    day: date,
    at: datetime,
    amount: Decimal,
    key: UUID,
    data: bytes,
    ratio: float,
    numbers: list[int],
    names: set[str],
    pairs: dict[int, tuple[bool, str | None]],
    kind: Literal["a", "b"],
    book: Book,
) -> None: ...


@given(every_type)
def test_arguments_come_back_from_json_as_they_were(values: dict[str, Any]) -> None:
    definition = JobDefinition(record, {})
    assert definition.load(definition.dump(values)) == values


async def measure(value: float | str | list[float], other: Any = None) -> None: ...


@pytest.mark.parametrize("value", [nan, inf, [1.0, -inf], "\ud800"], ids=repr)
def test_an_argument_that_json_does_not_have_is_rejected(value: Any) -> None:
    definition = JobDefinition(measure, {})
    with pytest.raises(JobArgumentsError, match="argument `value`"):
        definition.dump({"value": value})
    if value != "\ud800":
        with pytest.raises(JobArgumentsError, match="argument `other`: cannot be stored as JSON"):
            definition.dump({"value": 1.0, "other": {"a": value}})


def test_arguments_are_validated_as_those_of_an_endpoint() -> None:
    async def pay(amount: Annotated[int, Field(gt=0)]) -> None: ...

    definition = JobDefinition(pay, {})
    assert definition.dump({"amount": "3"}) == {"amount": 3}
    with pytest.raises(JobArgumentsError, match="argument `amount`: Input should be greater than 0"):
        definition.dump({"amount": 0})


async def takes_file(file: UploadFile) -> None: ...


async def takes_any(*args: int) -> None: ...


class Account(BaseModel):
    password: SecretStr


async def takes_secret(accounts: list[Account]) -> None: ...


@pytest.mark.parametrize("function", [takes_file, takes_any, takes_secret])
def test_parameters_that_no_queue_can_keep_are_rejected(function: Any) -> None:
    with pytest.raises(SignatureError):
        App().job(function)


def current_client(agent: str) -> str:
    return agent


def test_a_dependency_that_reads_the_request_is_rejected() -> None:
    async def send(order_id: int, client: Annotated[str, Depends(current_client)]) -> None: ...

    with pytest.raises(SignatureError, match="`agent` is read from the request") as raised:
        App().job(send)
    assert "current_client" in str(raised.value)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"name": ""}, "name=''"),
        ({"name": "two words"}, "without spaces"),
        ({"retries": True}, "whole number"),
        ({"retry_delay": float("nan")}, "retry_delay=nan"),
        ({"timeout": 0}, "positive number of seconds, or None"),
        ({"key": "receipt"}, "a function of the arguments"),
        ({"result_ttl": 0}, "positive number of seconds"),
        ({"result_ttl": 1e300}, "at most a century"),
        ({"retry_delay": 1e300}, "from 0 to a century"),
        ({"delay": 1}, r"unexpected job option `delay=`\n.*`await jobs.options\(delay=...\)"),
    ],
)
def test_invalid_options_are_rejected(options: Any, problem: str) -> None:
    async def send() -> None: ...

    with pytest.raises(SignatureError, match=problem):
        App().job(**options)(send)


def test_a_thread_cannot_have_a_timeout() -> None:
    def send() -> None: ...

    with pytest.raises(SignatureError, match="a thread cannot be cancelled"):
        App().job(timeout=3)(send)
    assert JobDefinition(send, {"timeout": None}).timeout is None


def test_a_decorator_returns_the_function() -> None:
    app = App()

    @app.job
    async def send() -> None: ...

    @app.job(name="other")
    async def receive() -> None: ...

    assert send.__name__ == "send"
    assert {name: job.function for name, job in app.router.jobs_by_name().items()} == {"send": send, "other": receive}


def test_jobs_of_routers_belong_to_the_application_also_later() -> None:
    app, outer, inner = App(), Router(), Router()
    outer.include_router(inner)
    app.include_router(outer)

    @inner.job
    async def send() -> None: ...

    assert list(app.router.jobs_by_name()) == ["send"]

    with pytest.raises(SignatureError, match="the job name `send` is also that of"):

        @app.job(name="send")
        async def receive() -> None: ...


def test_a_router_with_a_job_of_the_same_name_is_not_included() -> None:
    app, router = App(), Router()

    @app.job
    async def send() -> None: ...

    @router.job(name="send")
    async def receive() -> None: ...

    with pytest.raises(SignatureError, match="the job name `send`"):
        app.include_router(router)


def test_the_delay_doubles_up_to_an_hour() -> None:
    definition = JobDefinition(ship, {"retries": 99, "retry_delay": 2})
    assert [definition.delay_after(attempt) for attempt in (1, 2, 3, 11, 99)] == [2, 4, 8, 2048, 3600]


def test_names_that_are_defined_later_are_resolved_when_the_application_starts() -> None:
    app = App()

    @app.job
    async def later(value: "Later") -> None: ...  # noqa: F821 - defined later

    with pytest.raises(SignatureError, match="`Later`"):
        app._before_first_request()


async def other(order_id: int) -> None: ...


def test_a_parameter_names_the_job_that_it_enqueues() -> None:
    app = App()

    @app.post("/orders")
    async def order(receipt: Job[ship]) -> None: ...  # type: ignore[valid-type, type-arg]

    app.job(ship)
    app._before_first_request()
    assert "application: Job[ship]" in app.explain("POST /orders")


def test_a_job_may_enqueue_another_one_which_must_be_a_job() -> None:
    app = App()

    @app.job
    async def first(then: Job[other]) -> None: ...  # type: ignore[valid-type, type-arg]

    with pytest.raises(SignatureError, match=r"`then` enqueues .*other.*, which is not a job"):
        app._before_first_request()
