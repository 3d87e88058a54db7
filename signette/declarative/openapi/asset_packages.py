"""Installed packages that carry the files of Swagger UI, ReDoc and Scalar. They are found, and never imported.

Only packages whose files can show OpenAPI 3.1 are listed: swagger-ui-bundle has Swagger UI 4, which cannot.
"""

from collections.abc import Mapping
from importlib.util import find_spec
from os import PathLike
from pathlib import Path

from signette._dataclasses import dataclass


class DocsAssetsNotFound(ImportError):
    """No installed package carries the files of a page of API docs, and the page was given neither folder nor URL."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files that a page loads, by their names, and the places to look for each: `package/file`."""

    page: str
    install: str
    """The package to install. Only its files are used, so it needs no dependencies."""
    files: Mapping[str, tuple[str, ...]]
    arguments: str
    """The arguments that name other files."""

    def find(self) -> dict[str, Path]:
        """The files of the first installed package that has all of them.

        Raises:
            DocsAssetsNotFound: there is no such package.
        """
        for places in zip(*self.files.values(), strict=True):
            if found := _files_of(dict(zip(self.files, places, strict=True))):
                return found
        raise DocsAssetsNotFound(
            f"no installed package has the files of {self.page}: `pip install --no-deps {self.install}`,"
            f" or pass {self.arguments}"
        )

    def find_in(self, directory: str | PathLike[str]) -> dict[str, Path]:
        """The files in a folder, under any of the names that packages give them.

        Raises:
            FileNotFoundError: the folder does not have all of them.
        """
        found = {}
        for name, places in self.files.items():
            names = dict.fromkeys((name, *(place.rpartition("/")[2] for place in places)))
            file = next((file for each in names if (file := Path(directory, each)).is_file()), None)
            if file is None:
                raise FileNotFoundError(f"the folder `{directory}` of {self.page} has no file `{name}`")
            found[name] = file
        return found


def _files_of(places: Mapping[str, str]) -> dict[str, Path] | None:
    """The files of a package by their names; None if it is not installed, or does not have all of them."""
    found = {}
    for name, place in places.items():
        package, _, path = place.partition("/")
        spec = find_spec(package)
        folders = spec.submodule_search_locations if spec is not None else None
        file = next((file for folder in folders or () if (file := Path(folder, path)).is_file()), None)
        if file is None:
            return None
        found[name] = file
    return found


_SIDECAR = "drf_spectacular_sidecar/static/drf_spectacular_sidecar"

SWAGGER_UI = Bundle(
    "Swagger UI",
    "drf-spectacular-sidecar",
    {
        "swagger-ui-bundle.js": (
            f"{_SIDECAR}/swagger-ui-dist/swagger-ui-bundle.js",
            "swagger_ui/static/swagger-ui-bundle.js",  # swagger-ui-py
            "fastapi_offline/static/swagger-ui-bundle.js",
            "flask_openapi3_swagger/templates/swagger/js/swagger-ui-bundle.js",
        ),
        "swagger-ui.css": (
            f"{_SIDECAR}/swagger-ui-dist/swagger-ui.css",
            "swagger_ui/static/swagger-ui.css",
            "fastapi_offline/static/swagger-ui.css",
            "flask_openapi3_swagger/templates/swagger/css/swagger-ui.css",
        ),
    },
    "`SwaggerUI(script_url=..., style_url=...)` or `SwaggerUI(directory=...)`",
)
REDOC = Bundle(
    "ReDoc",
    "drf-spectacular-sidecar",
    {
        "redoc.standalone.js": (
            f"{_SIDECAR}/redoc/bundles/redoc.standalone.js",
            "fastapi_offline/static/redoc.standalone.js",
            "flask_openapi3_redoc/templates/redoc/js/redoc.standalone.js",
        )
    },
    "`docs=ReDoc(script_url=...)` or `docs=ReDoc(directory=...)`",
)
SCALAR = Bundle(
    "Scalar",
    "flask-openapi3-scalar",
    {"standalone.js": ("flask_openapi3_scalar/templates/scalar/js/scalar.standalone.js",)},
    "`Scalar(script_url=...)` or `Scalar(directory=...)`",
)
