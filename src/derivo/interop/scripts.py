"""Run scripts that say ``import torch``, with derivo in its place."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import os
import runpy
import sys
from collections.abc import Sequence
from types import ModuleType

__all__ = ["install_as_torch", "run_script"]


class _AsTorch(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Answers ``import torch.x`` with the module ``derivo.x`` itself.

    Not a copy under another name: ``torch.nn.Module is derivo.nn.Module``.
    """

    def find_spec(
        self, name: str, path: object = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != "torch" and not name.startswith("torch."):
            return None
        return importlib.machinery.ModuleSpec(name, self)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        ours = "derivo" + spec.name.removeprefix("torch")
        try:
            module = importlib.import_module(ours)
        except ModuleNotFoundError as error:
            if error.name is None or not (ours + ".").startswith(error.name + "."):
                raise  # something else is missing
            raise ModuleNotFoundError(
                f"[run] No module named {spec.name!r}: derivo has no {ours!r} yet. "
                "Remove the import if the script can do without.",
                name=spec.name,
            ) from None
        # The import system now marks the module as made from `spec`; exec_module
        # undoes that.
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        spec = module.__spec__
        if spec is not None and spec.loader is self:
            module.__spec__ = spec.loader_state


def install_as_torch() -> None:
    """Make ``import torch`` mean derivo for the rest of the process.

    ``torch`` and all its submodules become other names of derivo's modules.

    Raises
    ------
    RuntimeError
        If the real PyTorch has been imported already.

    Examples
    --------
    >>> import subprocess, sys
    >>> code = '''
    ... from derivo.interop import install_as_torch
    ... install_as_torch()
    ... import torch.nn
    ... print(torch.nn.Linear.__module__.split(".")[0])
    ... '''
    >>> print(subprocess.check_output([sys.executable, "-c", code], text=True).strip())
    derivo
    """
    import derivo

    present = sys.modules.get("torch")
    if present is derivo:
        return
    if present is not None:
        raise RuntimeError(
            "[install_as_torch] PyTorch has been imported already: expected to come "
            "before it, got torch from "
            f"{getattr(present, '__file__', 'an unknown place')}. Call this first."
        )
    sys.meta_path.insert(0, _AsTorch())
    importlib.import_module("torch")


def run_script(path: str, arguments: Sequence[str] = ()) -> None:
    """Run a Python script with derivo under the name of PyTorch.

    Parameters
    ----------
    path : str
        A script, or a folder or zip file with a ``__main__.py``.
    arguments : sequence of str
        What the script finds in ``sys.argv`` after its own name.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    """
    if not os.path.exists(path):
        raise FileNotFoundError(f"[run] no such file: got {path=}.")
    install_as_torch()
    sys.argv = [path, *arguments]
    if os.path.isfile(path):
        # As the interpreter does: modules beside the script can be imported. (For a
        # folder or zip file, runpy puts it there itself.)
        sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    runpy.run_path(path, run_name="__main__")
