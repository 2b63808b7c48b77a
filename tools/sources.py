#!/usr/bin/env python3
"""What the build asks before it starts: the version, and the files to install.

Meson wants every file listed. Listing them by hand is a second place that a new
module has to be written into (and a wheel that silently lacks one when it is not),
so the build asks this script instead.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "derivo"

# Compiled, or made by an earlier build in the tree.
NOT_INSTALLED = {".pyx", ".pxd", ".pxi", ".c", ".h", ".so", ".pyd", ".pyc", ".partial"}


def version() -> str:
    text = (PACKAGE / "_version.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    if found is None:
        raise SystemExit("no __version__ in src/derivo/_version.py")
    return found[1]


def folders() -> list[str]:
    """Folders of the package that hold something to install, relative to it."""
    return sorted({path.parent.relative_to(PACKAGE).as_posix() for path in _files()})


def files(folder: str) -> list[str]:
    """Files to install from one folder, relative to the package."""
    found = [path for path in _files() if path.parent == PACKAGE / folder]
    return sorted(path.relative_to(PACKAGE).as_posix() for path in found)


def modules() -> list[str]:
    """Cython modules of the core."""
    return sorted(path.stem for path in (PACKAGE / "_core").glob("*.pyx"))


def _files() -> list[Path]:
    return [
        path
        for path in PACKAGE.rglob("*")
        if path.is_file()
        and path.suffix not in NOT_INSTALLED
        and path.name != "meson.build"
        and not any(part.startswith((".", "__pycache__")) for part in path.parts[-3:])
    ]


def main(argv: list[str]) -> None:
    match argv:
        case ["version"]:
            print(version())
        case ["modules"]:
            print("\n".join(modules()))
        case ["folders"]:
            print("\n".join(folders()))
        case ["files", folder]:
            print("\n".join(files(folder)))
        case _:
            raise SystemExit("usage: sources.py version|modules|folders|files FOLDER")


if __name__ == "__main__":
    main(sys.argv[1:])
