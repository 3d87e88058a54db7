"""`signette lock` writes the contract of an application, and `--check` and `assert_contract` compare it."""

import json
from pathlib import Path

import pytest

from signette import App
from signette.cli import main
from signette.contract import assert_contract
from signette.contract.application import contract_of
from signette.contract.changes import changes
from signette.contract.checking import stale
from signette.contract.errors import ContractError
from signette.contract.model import text_of

MARKET = "examples.market:app"


def shop(limit: int = 10) -> App:
    app = App(title="Shop")

    @app.get("/items")
    async def items(limit: int = limit) -> list[int]: ...

    return app


def test_lock_writes_the_file_and_checks_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "contract.json"
    assert main(["lock", MARKET, "--out", str(file)]) == 0
    assert main(["lock", MARKET, "--out", str(file), "--check"]) == 0
    assert capsys.readouterr().out == ""
    contract = json.loads(file.read_text("utf-8"))
    contract["operations"]["GET /offers"]["inputs"]["query size"]["default"] = 10
    file.write_text(text_of(contract), "utf-8")
    assert main(["lock", MARKET, "--out", str(file), "--check"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"`{file}` is not up to date:",
        "  ~ /operations/GET ~1offers/inputs/query size/default: 10 -> 20",
        f"hint: `signette lock {MARKET} --out {file}` writes the file again",
    ]


def test_lock_writes_contract_json_unless_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(Path(__file__).parents[2])
    assert main(["lock", MARKET, "--check"]) == 1
    assert main(["lock", MARKET]) == 0
    assert main(["lock", MARKET, "--check"]) == 0
    assert [each.name for each in tmp_path.iterdir()] == ["contract.json"]


def test_lock_prints_the_contract_for_a_dash(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lock", MARKET, "--out", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["signette_contract"] == 1


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([MARKET, "--out", "-", "--check"], "`--check` needs a file"),
        ([MARKET, "--out", "missing/folder.json"], "cannot write `missing/folder.json`: No such file or directory"),
        ([MARKET, "--out", "README.md", "--check"], "`README.md` cannot be parsed: "),
        (["tests.contracts.test_lock:PLAIN"], "`tests.contracts.test_lock:PLAIN` is not an application"),
    ],
)
def test_an_error_on_the_command_line_has_a_hint(
    arguments: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lock", *arguments]) == 2
    error = capsys.readouterr().err
    assert problem in error
    assert "hint: " in error


PLAIN = "not an application"


def test_assert_contract_lists_what_differs(tmp_path: Path) -> None:
    file = tmp_path / "contract.json"
    with pytest.raises(AssertionError, match="does not exist\nhint: `signette lock` writes"):
        assert_contract(shop(), file)
    file.write_text(text_of(contract_of(shop())), "utf-8", newline="\r\n")  # as git writes it on Windows
    assert_contract(shop(), file)
    with pytest.raises(AssertionError, match="~ /operations/GET ~1items/inputs/query limit/default: 10 -> 20"):
        assert_contract(shop(20), file)
    file.write_text("[]")
    with pytest.raises(ContractError):
        assert_contract(shop(), file)


def test_a_file_that_another_program_has_formatted_is_not_up_to_date(tmp_path: Path) -> None:
    contract = contract_of(shop())
    (tmp_path / "contract.json").write_text(json.dumps(contract))
    assert "is not in canonical form" in str(stale(contract, tmp_path / "contract.json"))


def test_only_the_first_changes_are_listed(tmp_path: Path) -> None:
    app = App(title="Shop")
    for number in range(100):
        app.get(f"/{number}")(lambda: None)
    (tmp_path / "contract.json").write_text(text_of(contract_of(shop())), "utf-8")
    assert str(stale(contract_of(app), tmp_path / "contract.json")).endswith("\n  and 62 more")


def test_changes_are_found_at_their_place() -> None:
    old = {"a/b": {"~": 1}, "same": [1], "gone": "x" * 100, "kind": 1}
    new = {"a/b": {"~": 2}, "same": [1], "new": None, "kind": True}
    assert changes(old, new) == [
        "~ /a~1b/~0: 1 -> 2", f'- /gone: "{"x" * 56}...', "~ /kind: 1 -> true", "+ /new: null",
    ]  # fmt: skip
