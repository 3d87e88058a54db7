"""The media types of files by their first bytes."""

import io
import tarfile
import zipfile

import pytest

from signette.forms.file_types import KNOWN_TYPES, SNIFFED_BYTES, is_one_of, types_of


def tar_of_one_file() -> bytes:
    with io.BytesIO() as file:
        with tarfile.open(fileobj=file, mode="w") as archive:
            archive.addfile(tarfile.TarInfo("a.txt"))
        return file.getvalue()


def zip_of_one_file() -> bytes:
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("a.txt", "a")
        return file.getvalue()


BEGINNINGS = {
    "image/png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "image/jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF",
    "image/gif": b"GIF89a\1\0",
    "image/webp": b"RIFF\x24\0\0\0WEBPVP8 ",
    "image/avif": b"\0\0\0\x20ftypavif\0\0\0\0",
    "image/heic": b"\0\0\0\x18ftypheic",
    "image/tiff": b"II*\0\x08\0\0\0",
    "image/bmp": b"BM\x46\0\0\0\0\0\0\0\x36",
    "image/x-icon": b"\0\0\1\0\1\0",
    "application/pdf": b"%PDF-1.7\n",
    "application/zip": zip_of_one_file(),
    "application/gzip": b"\x1f\x8b\x08\0",
    "application/zstd": b"\x28\xb5\x2f\xfd\x04",
    "application/x-bzip2": b"BZh91AY",
    "application/x-xz": b"\xfd7zXZ\0",
    "application/x-7z-compressed": b"7z\xbc\xaf\x27\x1c",
    "application/vnd.rar": b"Rar!\x1a\x07\x01\0",
    "application/x-tar": tar_of_one_file(),
    "video/mp4": b"\0\0\0\x18ftypisom",
    "video/quicktime": b"\0\0\0\x14ftypqt  ",
    "audio/mp4": b"\0\0\0\x1cftypM4A ",
    "video/webm": b"\x1aE\xdf\xa3\x9fB\x86\x81\1B\xf7\x81\1B\xf2\x81\4B\xf3\x81\x08B\x82\x84webm",
    "video/x-matroska": b"\x1aE\xdf\xa3\xa3B\x86\x81\1B\x82\x88matroska",
    "video/x-msvideo": b"RIFF\0\0\0\0AVI LIST",
    "audio/wav": b"RIFF\0\0\0\0WAVEfmt ",
    "audio/ogg": b"OggS\0\2",
    "audio/flac": b"fLaC\0",
    "audio/mpeg": b"ID3\3\0",
    "application/vnd.sqlite3": b"SQLite format 3\0",
    "application/wasm": b"\0asm\1\0\0\0",
    "font/woff": b"wOFF\0\1",
    "font/woff2": b"wOF2\0\1",
}


@pytest.mark.parametrize("media_type", BEGINNINGS)
def test_a_file_is_recognized_by_its_first_bytes(media_type: str) -> None:
    assert types_of(BEGINNINGS[media_type][:SNIFFED_BYTES])[0] == media_type


def test_every_signature_has_a_file() -> None:
    assert {each for beginning in BEGINNINGS.values() for each in types_of(beginning)} == KNOWN_TYPES


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"GIF", b"<svg xmlns=", b"BMW is a car", b"RIFF but no more", b"PK"]
)
def test_other_content_has_no_type(content: bytes) -> None:
    assert types_of(content) == ()


def test_a_range_has_all_subtypes() -> None:
    assert is_one_of("image/png", ["text/plain", "image/*"])
    assert not is_one_of("image/png", ["images/*", "image/jpeg", "imag*"])
    assert not is_one_of("application/image/png", ["image/*"])
