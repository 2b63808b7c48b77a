"""Run a PyTorch script on one of the libraries: ``_run_script LIBRARY FILE``."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import runpy
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType


class _Alias(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Serves ``torch`` and ``torch.x.y`` from another package."""

    def __init__(self, package: str) -> None:
        self._package = package
        self._specs: dict[str, importlib.machinery.ModuleSpec | None] = {}

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name.partition(".")[0] != "torch":
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        module = importlib.import_module(
            self._package + spec.name.removeprefix("torch")
        )
        self._specs[spec.name] = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        # The import system has just written the alias's spec into the module, which
        # would break what looks up the package's files by it.
        alias = module.__spec__
        assert alias is not None
        module.__spec__ = self._specs[alias.name]


def main() -> None:
    """Run the script as ``__main__``."""
    library, script = sys.argv[1:3]
    sys.argv = [script]
    sys.path.insert(0, str(Path(script).resolve().parent))
    if library != "torch":
        from conformance._load import load

        load(library)
        sys.meta_path.insert(0, _Alias(library))
    else:
        import torch

        torch.set_num_threads(1)
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main()
