import pytest

from signette.app import App
from signette.declarative.openapi.dialect import OPENAPI_3_1, OPENAPI_3_2, dialect_of


@pytest.mark.parametrize("version", ["3.1", "3.1.0", "3.2", "3.2.0"])
def test_a_version_has_its_dialect(version):
    assert dialect_of(version) == (OPENAPI_3_1 if version.startswith("3.1") else OPENAPI_3_2)


def test_a_patch_version_is_kept():
    assert dialect_of("3.1.1").version == "3.1.1"
    assert dialect_of("3.1.1").methods == OPENAPI_3_1.methods


@pytest.mark.parametrize("version", ["3.0.3", "2.0", "3.10.0", "3.1.x", ""])
def test_another_version_is_rejected_when_the_application_is_created(version):
    with pytest.raises(ValueError, match=r"use '3\.1\.0' or '3\.2\.0'"):
        App(openapi_version=version)
