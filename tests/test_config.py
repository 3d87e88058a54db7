import enum
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.config import Config, Environ, EnvironError
from signette.datastructures import URL, CommaSeparatedStrings, Secret


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def read(env_file: Path, text: str | bytes, **options: Any) -> dict[str, str]:
    env_file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Config(env_file, environ={}, **options).file_values


# -- where a value comes from ------------------------------------------------------------------------------------------


def test_the_environment_overrides_the_file_and_the_file_the_default(env_file: Path) -> None:
    env_file.write_text("A=file\nB=file\n")
    config = Config(env_file, environ={"A": "environment"})
    assert [config(key, default="default") for key in "ABC"] == ["environment", "file", "default"]


def test_an_empty_variable_is_there() -> None:
    assert Config(environ={"A": ""})("A", default="default") == ""


def test_a_missing_key_raises_a_key_error_with_its_name() -> None:
    with pytest.raises(KeyError, match=r"Config 'A' is missing, and has no default\."):
        Config(environ={})("A")


def test_a_prefix_is_added_to_each_key(env_file: Path) -> None:
    env_file.write_text("APP_B=2\nB=0")
    config = Config(env_file, environ={"APP_A": "1", "A": "0"}, env_prefix="APP_")
    assert (config("A"), config("B"), config("C", default="3")) == ("1", "2", "3")
    with pytest.raises(KeyError, match="APP_C"):
        config("C")


def test_a_file_that_is_not_there_is_warned_of(env_file: Path) -> None:
    with pytest.warns(UserWarning, match="not found") as caught:
        config = Config(env_file, environ={"A": "1"})
    assert str(caught[0].message) == f"Config file '{env_file}' not found."
    assert caught[0].filename == __file__
    assert config("A") == "1"


def test_call_and_get_are_one() -> None:
    config = Config(environ={"A": "1"})
    assert config.get("A", cast=int) == config("A", cast=int) == 1
    assert config.get("B", int, "2") == config("B", int, "2") == 2


def test_without_arguments_the_process_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNETTE_TEST_A", "here")
    assert Config()("SIGNETTE_TEST_A") == "here"


# -- what it becomes ---------------------------------------------------------------------------------------------------


def test_values_are_cast() -> None:
    config = Config(environ={"N": "3", "S": "secret", "L": "a, b", "U": "https://example.org/x"})
    assert config("N", cast=int) == 3
    assert str(config("S", cast=Secret)) == "secret"
    assert list(config("L", cast=CommaSeparatedStrings)) == ["a", "b"]
    assert config("U", cast=URL).path == "/x"


def test_a_default_is_cast_too_unless_it_is_none() -> None:
    config = Config(environ={})
    assert config("A", cast=int, default="3") == 3
    assert config("A", cast=bool, default=True) is True
    assert config("A", cast=bool, default="0") is False
    assert config("A", cast=int, default=None) is None
    assert config("A", default=None) is None


@pytest.mark.parametrize("word", ["true", "True", "TRUE", "1"])
def test_values_for_true(word: str) -> None:
    assert Config(environ={"A": word})("A", cast=bool) is True


@pytest.mark.parametrize("word", ["false", "False", "FALSE", "0"])
def test_values_for_false(word: str) -> None:
    assert Config(environ={"A": word})("A", cast=bool, default=True) is False


@pytest.mark.parametrize("word", ["yes", "on", "", "2", " true"])
def test_other_values_are_not_booleans(word: str) -> None:
    with pytest.raises(ValueError, match=f"Config 'A' has value '{word}'. Not a valid bool."):
        Config(environ={"A": word})("A", cast=bool)


class Colour(enum.Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("cast", "name"),
    [(int, "int"), (Colour, "Colour"), (Colour.__members__.__getitem__, "__getitem__")],
)
def test_the_error_for_an_invalid_value_names_the_cast(cast: Any, name: str) -> None:
    with pytest.raises(ValueError, match=f"Config 'A' has value 'x'. Not a valid {name}.") as caught:
        Config(environ={"A": "x"})("A", cast=cast)
    assert caught.value.__cause__ is not None


def test_the_error_for_a_cast_without_a_name_shows_it() -> None:
    assert Config(environ={"A": "ff"})("A", cast=partial(int, base=16)) == 255
    with pytest.raises(ValueError, match=r"functools\.partial"):
        Config(environ={"A": "x"})("A", cast=partial(int, base=16))


# -- the file ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("A=1", {"A": "1"}),
        ("  A  =  a b  ", {"A": "a b"}),
        ("A=a=b", {"A": "a=b"}),
        ("A=", {"A": ""}),
        ('A=""', {"A": ""}),
        ('A="', {"A": '"'}),
        ('A="a b "', {"A": "a b "}),
        ("A='a'", {"A": "a"}),
        ("A='\"a\"'", {"A": '"a"'}),
        ("A=\"a'", {"A": "\"a'"}),
        ("A=a # b", {"A": "a # b"}),
        ("export A=1", {"A": "1"}),
        ("export=1", {"export": "1"}),
        ("# A=1", {}),
        ("   # A=1", {}),
        ("A", {}),
        ("=1", {}),
        ("", {}),
        ("A=1\nA=2", {"A": "2"}),
        ("A=1\r\nB=2\rC=3", {"A": "1", "B": "2", "C": "3"}),
        ("A=a\u2028b\x0bc\x85d", {"A": "a\u2028b\x0bc\x85d"}),
    ],
)
def test_a_line_of_the_file(env_file: Path, line: str, expected: dict[str, str]) -> None:
    assert read(env_file, line) == expected


def test_a_byte_order_mark_is_not_part_of_a_key(env_file: Path) -> None:
    assert read(env_file, b"\xef\xbb\xbfA=1") == {"A": "1"}


def test_the_file_may_have_another_encoding(env_file: Path) -> None:
    assert read(env_file, "A=\u00fc".encode("latin-1"), encoding="latin-1") == {"A": "\u00fc"}


KEYS = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
LINES = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=20)


@given(values=st.dictionaries(KEYS, LINES, max_size=5), quote=st.sampled_from("\"'"), export=st.booleans())
def test_a_value_in_quotes_is_read_unchanged(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, str], quote: str, export: bool
) -> None:
    word = "export " if export else ""
    text = "\n".join(f"{word}{key}={quote}{value}{quote}" for key, value in values.items())
    assert read(tmp_path_factory.getbasetemp() / "quoted.env", text) == values


@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_is_too_odd_for_a_file(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    values = read(tmp_path_factory.getbasetemp() / "any.env", text)
    assert all(key.strip() == key != "" and not key.startswith("#") for key in values)
    assert all("\n" not in value for value in values.values())


# -- the environment ---------------------------------------------------------------------------------------------------


def test_a_variable_can_be_changed_until_it_is_read() -> None:
    plain: dict[str, str] = {"A": "1"}
    environ = Environ(plain)
    environ["A"] = "2"
    environ["B"] = "3"
    del environ["B"]
    assert plain == {"A": "2"}
    assert environ["A"] == "2"
    with pytest.raises(EnvironError, match=r"Attempting to set environ\['A'\], but the value has already been read\."):
        environ["A"] = "3"
    with pytest.raises(EnvironError, match=r"Attempting to delete environ\['A'\], but the value has already been read"):
        del environ["A"]
    assert plain == {"A": "2"}


@pytest.mark.parametrize(
    "look", [lambda e: e.get("A"), lambda e: "A" in e, lambda e: Config(environ=e)("A", default="")]
)
def test_a_variable_that_was_missed_counts_as_read(look: Any) -> None:
    environ = Environ({})
    look(environ)
    with pytest.raises(EnvironError):
        environ["A"] = "1"


def test_a_variable_that_is_not_there_cannot_be_deleted() -> None:
    environ = Environ({})
    with pytest.raises(KeyError):
        del environ["A"]


def test_names_and_number_are_those_of_the_environment_and_count_as_no_read() -> None:
    environ = Environ({"A": "1", "B": "2"})
    assert (list(environ), len(environ)) == (["A", "B"], 2)
    environ["A"] = "3"


def test_the_repr_shows_no_values() -> None:
    assert repr(Environ({"KEY": "secret"})) == "Environ(1 variables)"
