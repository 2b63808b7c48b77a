"""The build backend: meson-python, with an editable install that stays usable.

meson-python's own editable install calls ninja at every import, by the path that
ninja had when the package was built. ``pip install -e .`` builds in an isolated
environment that is deleted afterwards, so that path is gone at the first import;
meson-python therefore asks for ``--no-build-isolation``. Here an editable install
is plainer: the compiled modules are put beside their sources (git ignores them)
and a ``.pth`` file names ``src``. An import costs nothing extra, and after a
change to the Cython core ``spin build`` rebuilds what changed.
"""

from __future__ import annotations

import base64
import hashlib
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import mesonpy
from mesonpy import (
    build_sdist,
    build_wheel,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
)

from core import ROOT, place

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
]

SRC = ROOT / "src"

get_requires_for_build_editable = get_requires_for_build_wheel


def build_editable(
    wheel_directory: str,
    config_settings: dict[str, Any] | None = None,
    metadata_directory: str | None = None,
) -> str:
    """Build the core into ``src`` and write a wheel that points there."""
    with tempfile.TemporaryDirectory() as folder:
        name: str = mesonpy.build_wheel(folder, config_settings)
        with (
            zipfile.ZipFile(Path(folder, name)) as full,
            zipfile.ZipFile(Path(wheel_directory, name), "w") as editable,
        ):
            contents = {"derivo-editable.pth": f"{SRC}\n".encode()}
            for entry in full.namelist():
                if entry.endswith((".so", ".pyd")):
                    place(SRC / entry, full.read(entry))
                elif ".dist-info/" in entry and not entry.endswith("/RECORD"):
                    contents[entry] = full.read(entry)
                elif entry.endswith("/RECORD"):
                    record = entry
            lines = [_record_line(path, data) for path, data in contents.items()]
            contents[record] = "\n".join([*lines, f"{record},,", ""]).encode()
            for path, data in contents.items():
                editable.writestr(path, data)
    return name


def _record_line(path: str, data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=")
    return f"{path},sha256={digest.decode()},{len(data)}"
