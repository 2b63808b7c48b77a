# Everything public is on a page of the reference and has a docstring, in the form that
# numpydoc reads, whose examples run.
from __future__ import annotations

import contextlib
import doctest
import importlib
import inspect
import io
import pkgutil
import re
import sys
from pathlib import Path

import pytest

import derivo

sys.path.insert(0, str(Path(__file__).parents[1] / "docs"))
import reference

PUBLIC = {
    f"{name}.{entry}": thing
    for name, (_, module) in reference.modules().items()
    for entry, thing in reference.public(module).items()
}
METHODS = {
    f"derivo.Tensor.{name}": method
    for name, method in reference.methods(derivo.Tensor).items()
}


def is_ours(thing):
    return (getattr(thing, "__module__", None) or "derivo").startswith("derivo")


DOCUMENTED = {n: t for n, t in {**PUBLIC, **METHODS}.items() if is_ours(t)}


@pytest.mark.parametrize("name", DOCUMENTED)
def test_has_a_docstring(name):
    doc = inspect.getdoc(DOCUMENTED[name])
    assert doc, f"{name} has no docstring"
    # Cython puts the signature before the text, and numpydoc takes it off again.
    summary = re.sub(r"\A[\w.]+\(.*\)\n+", "", doc).split("\n\n")[0]
    assert summary.rstrip().endswith((".", ":")), f"{name}: {summary!r}"


def examples():
    # By the docstring's text: a function and its method often share it.
    found = {}
    for name, thing in DOCUMENTED.items():
        doc = inspect.getdoc(thing) or ""
        if ">>>" in doc:
            found.setdefault(doc, name)
    return {name: doc for doc, name in found.items()}


EXAMPLES = examples()


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run(name):
    doc = EXAMPLES[name]
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    test = doctest.DocTestParser().get_doctest(
        doc, {"derivo": derivo, "torch": derivo}, name, name, 0
    )
    report = io.StringIO()
    with contextlib.redirect_stdout(report):
        doctest.DocTestRunner(optionflags=flags, verbose=False).run(
            test, out=report.write
        )
    assert not report.getvalue(), report.getvalue()


def test_no_public_module_is_without_a_page():
    # A module with an __all__ that no page covers would go undocumented.
    pages = set(reference.modules())
    known = {name for name in PUBLIC if is_ours(PUBLIC[name])}
    for found in pkgutil.iter_modules(derivo.__path__, "derivo."):
        last = found.name.rpartition(".")[2]
        if last.startswith("_") or last in INTERNAL:
            continue
        if found.name in pages:
            continue
        module = importlib.import_module(found.name)
        for name in getattr(module, "__all__", ()):
            at = [n for n in known if n.endswith(f".{name}")]
            assert at, f"{found.name}.{name} is public and on no page of the reference"


# Folders and modules that users do not import from.
# Without functions of their own: `version` holds numbers.
INTERNAL = {"ops", "ir", "codegen", "demo", "cli", "interop", "utils", "version"}


def test_numpydoc_sections_are_spelt_as_numpydoc_reads_them():
    known = {
        *("Parameters", "Returns", "Yields", "Raises", "Warns", "Notes", "Examples"),
        *("See Also", "References", "Attributes", "Methods", "Other Parameters"),
        *("Warnings", "Receives"),
    }
    for name, thing in DOCUMENTED.items():
        doc = inspect.getdoc(thing) or ""
        for title in re.findall(r"^(\S[^\n]*)\n-{3,}$", doc, re.M):
            assert title in known, f"{name}: section {title!r}"
