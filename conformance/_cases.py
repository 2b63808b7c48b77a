"""Snippets run on both libraries: collecting, running, comparing."""

from __future__ import annotations

import importlib
import io
import math
import time
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from conformance._snippet import Array, Raised

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance._checks import Result
    from conformance._library import Library

_HERE = Path(__file__).resolve().parent

# The heading that a file's cases are counted under.
SECTIONS = {"autograd": "autograd", "printing": "printing", "sampling": "random"}

RELATIVE = 1e-6


def modules() -> list[str]:
    """Return the names of the modules that hold cases."""
    names = [f"autograd.{p.stem}" for p in sorted((_HERE / "autograd").glob("*.py"))]
    names += ["printing", "sampling"]
    return [n for n in names if not n.endswith("__init__")]


def section(module: str) -> str:
    """Return the heading of a module of cases."""
    return SECTIONS[module.partition(".")[0]]


def cases(module: str) -> dict[str, Callable[[Any], Any]]:
    """Return a module's cases in order: case_* functions, and its CASES table."""
    loaded = importlib.import_module(f"conformance.{module}")
    found = {n: f for n, f in vars(loaded).items() if n.startswith("case_")}
    found.update(getattr(loaded, "CASES", {}))
    return found


def run_case(module: str, name: str, oracle: Library, candidate: Library) -> Result:
    """Run a case on both sides and compare."""
    from conformance._checks import Result, _tell

    case = cases(module)[name]
    result = Result(f"{module}.{name}", section(module), samples=1)
    start = time.perf_counter()
    try:
        want = _run(case, oracle)
    except Exception as e:
        result.status, result.reason = "n/a", f"PyTorch: {_tell(e)}"
        return result
    if not _phrases_hold(want):
        result.status, result.reason = "fail", "the snippet's phrase is not PyTorch's"
        return result
    try:
        got = _run(case, candidate)
        result.reason = difference(want, got)
    except Exception as e:
        result.reason = _tell(e)
    if result.reason:
        result.status = "fail"
    result.seconds = round(time.perf_counter() - start, 3)
    return result


def _run(case: Callable[[Any], Any], library: Library) -> Any:
    lib = library.module
    with redirect_stdout(io.StringIO()):
        try:
            return _plain(case(lib), library)
        finally:
            # A case that failed half way must not colour the next one.
            for restore in (
                lambda: lib.set_grad_enabled(True),
                lambda: lib.set_default_dtype(lib.float32),
                lambda: lib.set_printoptions(profile="default", sci_mode=None),
            ):
                with suppress(AttributeError, TypeError):
                    restore()


def _plain(value: Any, library: Library) -> Any:
    if library.is_tensor(value):
        t = value.detach()
        return ["tensor", str(t.dtype), list(t.shape), t.tolist()]
    if isinstance(value, dict):
        return {str(k): _plain(v, library) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v, library) for v in value]
    if isinstance(value, (str, int, float, complex, bool, type(None), Raised, Array)):
        return value
    return str(value)


def _phrases_hold(want: Any) -> bool:
    if isinstance(want, Raised):
        return want.has_phrase
    if isinstance(want, dict):
        want = list(want.values())
    return not isinstance(want, list) or all(map(_phrases_hold, want))


def difference(want: Any, got: Any, where: str = "result") -> str:
    """Return how `got` differs from `want`, or an empty string."""
    if isinstance(want, Raised):
        text = want.differs(got)
        return f"{where}: {text}" if text else ""
    if isinstance(want, Array):
        return _array_difference(want, got, where)
    if isinstance(want, float) and isinstance(got, float):
        same = (math.isnan(want) and math.isnan(got)) or math.isclose(
            want, got, rel_tol=RELATIVE, abs_tol=1e-12
        )
        return "" if same else f"{where}: {got!r}, expected {want!r}"
    if type(want) is not type(got):
        return f"{where}: {_short(got)}, expected {_short(want)}"
    if isinstance(want, dict):
        if list(want) != list(got):
            return f"{where}: keys {list(got)}, expected {list(want)}"
        pairs = [(f"{where}[{k}]", v, got[k]) for k, v in want.items()]
    elif isinstance(want, list):
        if len(want) != len(got):
            return f"{where}: {_short(got)}, expected {_short(want)}"
        both = enumerate(zip(want, got, strict=True))
        pairs = [(f"{where}[{i}]", a, b) for i, (a, b) in both]
    else:
        return "" if want == got else f"{where}: {_short(got)}, expected {_short(want)}"
    for place, a, b in pairs:
        text = difference(a, b, place)
        if text:
            return text
    return ""


def _array_difference(want: Array, got: Any, where: str) -> str:
    if not isinstance(got, Array) or got.dtype != want.dtype:
        return f"{where}: {_short(got)}, expected an array of {want.dtype}"
    a, b = want.values, got.values
    if a.shape != b.shape:
        return f"{where}: shape {b.shape}, expected {a.shape}"
    if a.dtype.kind == "f":
        with np.errstate(invalid="ignore"):
            gap = np.abs(a.astype(np.float64) - b.astype(np.float64))
            bad = gap > want.ulps * np.spacing(np.abs(a)).astype(np.float64)
        bad |= np.isnan(a) != np.isnan(b)
    else:
        bad = a != b
    if not bad.any():
        return ""
    at = int(np.argmax(bad.reshape(-1)))
    return (
        f"{where}: {int(bad.sum())} of {a.size} differ, the first at {at}: "
        f"{b.reshape(-1)[at]!r}, expected {a.reshape(-1)[at]!r}"
    )


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 160 else text[:157] + "..."
