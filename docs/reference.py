"""Write the pages of the API reference from what the package makes public.

There is no list of functions to keep: a page holds what its module's ``__all__``
names, and the tests (``tests/test_reference.py``) fail for a public function without a
docstring, or for one that no page holds.
"""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from types import ModuleType
from typing import Any

# Modules with a page of their own, in the order of the contents.
MODULES = {
    "derivo": "Tensors and functions",
    "derivo.special": "Special functions",
    "derivo.linalg": "Linear algebra",
    "derivo.fft": "Fourier transforms",
    "derivo.masked": "Reductions under a mask",
    "derivo.autograd": "Autograd",
    "derivo.autograd.forward_ad": "Forward mode",
    "derivo.autograd.functional": "Jacobians, Hessians and their products",
    "derivo.autograd.graph": "The graph, and hooks on what it saves",
    "derivo.func": "Transforms of functions",
    "derivo.explain": "Explaining gradients",
    "derivo.nn": "Neural networks",
    "derivo.nn.functional": "Neural networks, as functions",
    "derivo.nn.init": "Initial values",
    "derivo.nn.utils.rnn": "Sequences of several lengths",
    "derivo.optim": "Optimizers",
    "derivo.utils.data": "Data",
    "derivo.utils.checkpoint": "Activation checkpointing",
    "derivo.overrides": "Overriding functions",
    "derivo.serialization": "Files",
    "derivo.accelerator": "Accelerators",
    "derivo.amp": "Mixed precision",
    "derivo.backends": "Backends",
    "derivo.cuda": "CUDA",
    "derivo.mps": "MPS",
    "derivo.xpu": "XPU",
    "derivo.testing": "Testing",
    "derivo.random": "Random numbers",
    "derivo.errors": "Exceptions",
}


def modules() -> dict[str, tuple[str, ModuleType]]:
    """Modules of `MODULES` that this version has: name to title and module."""
    found = {}
    for name, title in MODULES.items():
        try:
            found[name] = title, importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:  # the module is there, but something it needs is not
                raise
    return found


def public(module: ModuleType) -> dict[str, Any]:
    """Public functions and classes of a module, by name."""
    names = getattr(module, "__all__", None) or [
        name for name in dir(module) if not name.startswith("_")
    ]
    found = {}
    for name in names:
        thing = getattr(module, name)
        if inspect.isclass(thing) or callable(thing):
            found[name] = thing
    return found


def methods(cls: type) -> dict[str, Any]:
    """Public methods and properties of a class of derivo, inherited ones too."""
    return {
        name: getattr(cls, name)
        for name in dir(cls)
        if not name.startswith("_") and name not in dir(object)
    }


def write(folder: Path) -> None:
    """Write one page for each module, one for the methods of tensors, the index."""
    import derivo

    folder.mkdir(exist_ok=True)
    pages = []
    described: dict[int, str] = {}
    for name, (title, module) in modules().items():
        parts = [f"{title}\n{'=' * len(title)}", f".. currentmodule:: {name}"]
        same = []
        for entry, thing in sorted(public(module).items(), key=lambda e: e[0].lower()):
            first = described.setdefault(id(thing), f"{name}.{entry}")
            if first != f"{name}.{entry}":
                same.append(f"``{entry}`` is `{first}`.")
            elif entry != "Tensor":
                kind = "autoclass" if inspect.isclass(thing) else "autofunction"
                parts.append(f".. {kind}:: {entry}")
        _save(folder / f"{name}.rst", "\n\n".join([*parts, *same, ""]))
        pages.append(name)
    entries = "\n".join(f"   Tensor.{name}" for name in sorted(methods(derivo.Tensor)))
    _save(
        folder / "tensor.rst",
        "Methods of Tensor\n=================\n\n.. currentmodule:: derivo\n\n"
        "What a method has in common with a function is described there.\n\n"
        f".. autosummary::\n   :nosignatures:\n\n{entries}\n",
    )
    pages.insert(1, "tensor")
    contents = "\n".join(f"   {page}" for page in pages)
    _save(
        folder / "index.rst",
        f"Reference\n=========\n\n.. toctree::\n   :maxdepth: 1\n\n{contents}\n",
    )


def _save(path: Path, text: str) -> None:
    # Untouched when it is the same, so that Sphinx reads again only what changed.
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
