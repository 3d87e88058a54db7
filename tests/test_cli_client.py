"""`signette client`: files, options and exit statuses."""

import ast
from pathlib import Path

import pytest

from signette.cli.command import main

SHOP = """\
from pydantic import BaseModel
from signette import App
from signette.routing import Route
from signette.applications import Application

class Item(BaseModel):
    sku: str

class Odd:
    pass

class Bad(BaseModel, arbitrary_types_allowed=True):
    odd: Odd | None = None

app = App(title="Shop")
bad = App()
plain = Application()

@app.get("/items/{sku}")
async def read_item(sku: str) -> Item:
    return Item(sku=sku)

@bad.get("/")
async def read_bad() -> Bad: ...
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "client_shop.py").write_text(SHOP)
    return tmp_path


def classes_of(text: str) -> set[str]:
    return {node.name for node in ast.parse(text).body if isinstance(node, ast.ClassDef)}


def test_it_writes_a_module(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["client", "client_shop:app", "--out", "shop_client.py"]) == 0
    assert capsys.readouterr() == ("", "")
    assert {"AsyncClient", "Client", "Item"} <= classes_of((folder / "shop_client.py").read_text("utf-8"))


def test_without_a_file_it_prints_the_module(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["client", "client_shop:app", "--models", "import"]) == 0
    text = capsys.readouterr().out
    assert "Item" not in classes_of(text)
    assert "from client_shop import Item\n" in text


def test_a_check_compares_the_code_and_writes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check = ["client", "client_shop:app", "--out", "shop_client.py", "--check"]
    assert main(check) == 1
    assert "`shop_client.py` does not exist" in capsys.readouterr().err
    main(check[:-1])
    assert main(check) == 0
    file = folder / "shop_client.py"
    file.write_text("# formatted by hand\n" + ast.unparse(ast.parse(file.read_text("utf-8"))), "utf-8")
    assert main(check) == 0
    file.write_text(changed := file.read_text("utf-8").replace("/items/{sku}", "/items/{id}"), "utf-8")
    assert main(check) == 1
    assert "`shop_client.py` is not up to date" in capsys.readouterr().err
    assert file.read_text("utf-8") == changed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["client_shop:app", "--check"], "`--check` compares a file"),
        (["client_shop:app", "--out", "missing/client.py"], "cannot write `missing/client.py`"),
        (["client_shop:app", "--out", ".", "--check"], "cannot read `.`"),
        (["client_shop:bad"], "client_shop.Bad.odd: the type `Odd` has no source"),
        (["client_shop:plain"], "is a plain application without operations"),
    ],
)
def test_what_cannot_be_written_is_an_error(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["client", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_models_of_a_type_without_source_can_be_imported(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["client", "client_shop:bad", "--models", "import"]) == 0
    assert "from client_shop import Bad\n" in capsys.readouterr().out
