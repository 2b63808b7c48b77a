"""The checks of one entry: forward, integer, bool, backward, double, errors, ..."""

from __future__ import annotations

import time
import traceback
import types
import warnings
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from conformance._compare import (
    GRADIENT_TOLERANCE,
    MismatchError,
    Strides,
    ValuesError,
    compare_tensors,
    compare_trees,
)
from conformance._entries import (
    FORMS,
    GRADIENTS,
    UNINITIALISED,
    Entry,
    resolve,
    resolve_form,
)
from conformance._library import (
    Library,
    MissingError,
    Named,
    TensorSpec,
    UnsupportedSampleError,
    describe,
    dtype_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable

# The rest of a check's samples is left when this much time has gone.
PATIENCE_S = 12.0


@dataclass
class Result:
    """What one check of one entry gave."""

    key: str
    check: str
    status: str = "pass"  # pass, fail, missing, n/a; the pool adds crash, timeout
    reason: str = ""
    samples: int = 0
    strides: tuple[int, int] = (0, 0)
    phrases: tuple[int, int] = (0, 0)
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)


class OracleError(Exception):
    """PyTorch itself refused the sample."""


def run_check(entry: Entry, check: str, oracle: Library, candidate: Library) -> Result:
    """Run one check; never raises."""
    result = Result(entry.key, check)
    start = time.perf_counter()
    try:
        target: Callable[..., Any] | None = (
            resolve_form(entry, check, candidate)
            if check in FORMS
            else resolve(entry, candidate)
        )
    except MissingError as e:
        target = None
        result.notes.append(f"no {e}")
    except Exception as e:
        result.status, result.reason = "fail", f"harness: {_tell(e)}"
        return result
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if check == "errors":
                _errors(entry, oracle, candidate, target, result)
            else:
                _samples(entry, check, oracle, candidate, target, result)
    except Exception as e:
        result.status = "fail"
        result.reason = result.reason or f"harness: {_tell(e)}"
    if target is None and result.status == "pass":
        result.status, result.reason = "missing", ", ".join(result.notes)
    result.seconds = round(time.perf_counter() - start, 3)
    return result


def _samples(
    entry: Entry,
    check: str,
    oracle: Library,
    candidate: Library,
    target: Callable[..., Any] | None,
    result: Result,
) -> None:
    strides = Strides()
    refused = 0
    start = time.perf_counter()
    one = _compare(check)
    for number, sample in enumerate(entry.samples(check)):
        try:
            one(entry, sample, oracle, candidate, target, strides)
        except (OracleError, UnsupportedSampleError) as e:
            refused += 1
            result.notes.append(f"sample {number}: PyTorch: {e}")
            if target is None and refused > 1:
                break
            continue
        except MismatchError as e:
            result.status = "fail"
            result.reason = f"sample {number}: {e}"
        except MissingError as e:
            result.status, result.reason = "fail", f"sample {number}: no {e}"
        except Exception as e:
            result.status = "fail"
            result.reason = f"sample {number}: {_tell(e)}"
        result.samples += 1
        if result.status == "fail":
            result.notes.append(_summary(sample))
            break
        if target is None or time.perf_counter() - start > PATIENCE_S:
            break
    if result.samples == 0:
        result.status = "n/a"
        result.reason = result.notes[-1] if result.notes else "no samples"
    result.strides = (strides.same, strides.total)


def _compare(check: str) -> Callable[..., None]:
    """What compares the two libraries on one sample."""
    if check == "forward-mode":
        from conformance._forward_mode import forward_mode

        return forward_mode
    if check == "nodes":
        from conformance._nodes import nodes

        return nodes
    if check == "vmap":
        from conformance._vmap import vmap

        return vmap
    return partial(_backward if check in GRADIENTS else _forward, check)


def _forward(
    check: str,
    entry: Entry,
    sample: Any,
    oracle: Library,
    candidate: Library,
    target: Callable[..., Any] | None,
    strides: Strides,
) -> None:
    tree = describe((sample.input, tuple(sample.args), dict(sample.kwargs)))
    in_place = check == "in-place"
    function = resolve_form(entry, check, oracle) if check in FORMS else entry.info.op
    try:
        (x, args, kwargs), _ = oracle.realise(tree)
        torch.manual_seed(7)
        want = function(x, *args, **kwargs)
        same = want is x
    except Exception as e:
        raise OracleError(_tell(e)) from e
    if target is None:
        return
    (x, args, kwargs), _ = candidate.realise(tree)
    candidate.module.manual_seed(7)
    got = target(x, *args, **kwargs)
    if in_place and same and got is not x:
        raise MismatchError("the result is not the tensor that was changed")
    compare = partial(
        compare_trees,
        oracle,
        candidate,
        want,
        got,
        strides=strides,
        elementwise=entry.elementwise,
    )
    try:
        compare(values=entry.info.name not in UNINITIALISED)
    except ValuesError:
        if not _nearer_the_truth(tree, oracle, candidate, function, want, got):
            raise
        compare(values=False)


def _nearer_the_truth(
    tree: Any,
    oracle: Library,
    candidate: Library,
    function: Callable[..., Any],
    want: Any,
    got: Any,
) -> bool:
    """Whether float32 results are at least as near to the float64 ones as PyTorch's.

    PyTorch's float32 is not always good to 1e-5 (polygamma). A result that differs
    from it is accepted if everything but the values agrees, and no element is further
    from what PyTorch gives in float64 than PyTorch's own worst element.
    """
    wants, gots = oracle.flatten(want), candidate.flatten(got)
    try:
        (x, args, kwargs), _ = oracle.realise(_upcast(tree))
        torch.manual_seed(7)
        truths = oracle.flatten(function(x, *args, **kwargs))
    except Exception:  # some functions are float32 only
        return False
    if not wants or not len(wants) == len(gots) == len(truths):
        return False
    for a, b, t in zip(wants, gots, truths, strict=True):
        if a.dtype is not torch.float32 or dtype_name(b.dtype) != "float32":
            return False
        if tuple(a.shape) != tuple(b.shape) or a.shape != t.shape:
            return False
        if a.numel() == 0:
            continue
        wide = oracle.array(t).astype(np.float64)
        scale = np.abs(wide) + 1e-30
        ours = np.abs(candidate.array(b) - wide) / scale
        theirs = np.abs(oracle.array(a) - wide) / scale
        # A NaN or an infinity on any side leaves no doubt to be settled here.
        if not np.isfinite(ours).all():
            return False
        if ours.size and ours.max() > max(theirs.max(), 1e-6):
            return False
    return True


def _upcast(node: Any) -> Any:
    if isinstance(node, TensorSpec) and node.dtype == "float32":
        return replace(node, data=node.data.astype(np.float64), dtype="float64")
    if isinstance(node, Named) and (node.kind, node.name) == ("dtype", "float32"):
        return replace(node, name="float64")
    if isinstance(node, (list, tuple)):
        return type(node)(_upcast(v) for v in node)
    if isinstance(node, dict):
        return {k: _upcast(v) for k, v in node.items()}
    return node


def _backward(
    check: str,
    entry: Entry,
    sample: Any,
    oracle: Library,
    candidate: Library,
    target: Callable[..., Any] | None,
    strides: Strides,
) -> None:
    tree = describe((sample.input, tuple(sample.args), dict(sample.kwargs)))
    double = check == "double backward"
    try:
        want = _gradients(entry, entry.info.op, sample, tree, oracle, double)
    except Exception as e:
        raise OracleError(_tell(e)) from e
    if target is None:
        return
    got = _gradients(entry, target, sample, tree, candidate, double)
    _compare_gradients(want, got, oracle, candidate, strides, double)
    leaves = sum(name.startswith("grad ") for name in want)
    if double or leaves < 2:
        return
    # What is saved depends on who requires grad: once more for each input alone.
    for i in range(leaves):
        alone = _only(tree, i)
        got = _gradients(entry, target, sample, alone, candidate, double)
        if want[f"grad {i}"] is not None and "grad 0" in got:
            one = {"grad 0": want[f"grad {i}"]}
            got = {"grad 0": got["grad 0"]}
            try:
                _compare_gradients(one, got, oracle, candidate, strides, double)
            except MismatchError as e:
                raise MismatchError(f"only input {i} requires grad: {e}") from None


def _only(tree: Any, chosen: int) -> Any:
    """Return the tree with requires_grad left on one of its leaves."""
    made: dict[int, Any] = {}
    count = 0

    def visit(node: Any) -> Any:
        nonlocal count
        if isinstance(node, TensorSpec) and node.requires_grad:
            if id(node) not in made:
                made[id(node)] = replace(node, requires_grad=count == chosen)
                count += 1
            return made[id(node)]
        if isinstance(node, (list, tuple)):
            return type(node)(visit(v) for v in node)
        if isinstance(node, dict):
            return {k: visit(v) for k, v in node.items()}
        return node

    return visit(tree)


def _compare_gradients(
    want: dict[str, Any],
    got: dict[str, Any],
    oracle: Library,
    candidate: Library,
    strides: Strides,
    double: bool,
) -> None:
    if not double and want.keys() != got.keys():
        raise MismatchError(
            "what requires grad differs: "
            f"{sorted(want.keys() ^ got.keys())} on one side only"
        )
    # A gradient that is constant may say so by not requiring grad, or by having zeros
    # for a second gradient; PyTorch does the one or the other, by operation.
    for name in want | got:
        a, b = want.get(name), got.get(name)
        if (a is None) != (b is None):
            present, lib = (b, candidate) if a is None else (a, oracle)
            if np.any(lib.array(present)):
                raise MismatchError(f"{name}: None on one side only")
        elif a is not None:
            compare_tensors(
                oracle,
                candidate,
                a,
                b,
                strides=strides,
                where=name,
                tolerance=GRADIENT_TOLERANCE.get(dtype_name(a.dtype)),
            )


def _gradients(
    entry: Entry,
    op: Callable[..., Any],
    sample: Any,
    tree: Any,
    library: Library,
    double: bool,
) -> dict[str, Any]:
    """Return gradients by name, from cotangents that depend on shapes only."""
    lib = library.module
    (x, args, kwargs), leaves = library.realise(tree)
    lib.manual_seed(7)
    wrapper = entry.info.gradcheck_wrapper
    out = library_call(wrapper, library, op, x, args, kwargs)
    process = sample.output_process_fn_grad
    if isinstance(process, types.FunctionType):
        out = library.rebind(process)(out)
    every = library.flatten(out)
    outs = [t for t in every if t.requires_grad]
    # A key without a value: the sets of keys must be equal on both sides.
    pattern = "".join("y" if t.requires_grad else "n" for t in every)
    found: dict[str, Any] = {f"outputs requiring grad: {pattern}": None}
    if not outs:
        return found
    # By the output's number, which does not change with what requires grad.
    seeds = [
        _like(np.random.RandomState(11 + i), t, library, requires_grad=double)
        for i, t in enumerate(every)
        if t.requires_grad
    ]
    grads = lib.autograd.grad(
        outs, leaves, seeds, allow_unused=True, create_graph=double
    )
    for i, g in enumerate(grads):
        found[f"grad {i}"] = g
    if not double:
        return found
    tracked = [(i, g) for i, g in enumerate(grads) if g is not None and g.requires_grad]
    for i in range(len(grads)):
        del found[f"grad {i}"]
    if not tracked:
        return found
    total = [g for _, g in tracked]
    # By number, so that what one side does not track leaves the rest comparable.
    weights = [_like(np.random.RandomState(100 + i), g, library) for i, g in tracked]
    second = lib.autograd.grad(total, leaves + seeds, weights, allow_unused=True)
    for i, g in enumerate(second):
        found[f"second grad {i}"] = g
    return found


def library_call(
    wrapper: Any, library: Library, op: Any, x: Any, args: Any, kwargs: Any
) -> Any:
    """Call through the database's wrapper, which keeps inputs in the op's domain."""
    if isinstance(wrapper, types.FunctionType) and wrapper.__module__.startswith(
        "torch.testing"
    ):
        if wrapper.__name__ == "wrapper_set_seed":
            return library.seeded_call(op, x, *args, **kwargs)
        return library.rebind(wrapper)(op, x, *args, **kwargs)
    return op(x, *args, **kwargs)


def _like(
    noise: np.random.RandomState, t: Any, library: Library, requires_grad: bool = False
) -> Any:
    lib = library.module
    shape = tuple(t.shape)
    values = noise.standard_normal(shape)
    if t.is_complex():
        values = values + 1j * noise.standard_normal(shape)
    seed = lib.from_numpy(np.asarray(values)).clone().to(t.dtype)
    return seed.requires_grad_(True) if requires_grad else seed


def _errors(
    entry: Entry,
    oracle: Library,
    candidate: Library,
    target: Callable[..., Any] | None,
    result: Result,
) -> None:
    phrases = [0, 0]
    for number, case in enumerate(entry.error_samples()):
        sample = case.sample_input
        try:
            tree = describe((sample.input, tuple(sample.args), dict(sample.kwargs)))
        except UnsupportedSampleError as e:
            result.notes.append(f"sample {number} left out: {e}")
            continue
        (x, args, kwargs), _ = oracle.realise(tree)
        try:
            entry.info.op(x, *args, **kwargs)
        except Exception as e:
            want: BaseException = e
        else:
            result.notes.append(f"sample {number}: PyTorch accepts it")
            continue
        if target is None:
            result.samples += 1
            break
        result.samples += 1
        try:
            # A tensor that cannot be made (of 65 dimensions) is refused in time too.
            (x, args, kwargs), _ = candidate.realise(tree)
            target(x, *args, **kwargs)
        except Exception as e:
            if not same_exception(want, e):
                result.status = "fail"
                result.reason = f"sample {number}: {_tell(e)}, expected {_tell(want)}"
                return
            phrases[1] += 1
            phrases[0] += _shares_phrase(str(want), str(e))
        else:
            result.status = "fail"
            result.reason = f"sample {number}: accepted, expected {_tell(want)}"
            result.notes.append(_summary(sample))
            return
    result.phrases = (phrases[0], phrases[1])
    if result.samples == 0:
        result.status, result.reason = "n/a", "PyTorch raises for none"


def same_exception(want: BaseException, got: BaseException) -> bool:
    """Whether code that catches PyTorch's exception would catch this one."""
    names = {t.__name__ for t in type(got).__mro__}
    return type(want).__name__ in names


def _shares_phrase(want: str, got: str) -> bool:
    """Whether four words in a row of PyTorch's message stand in the other one."""
    words = want.lower().replace(",", " ").split()
    text = " ".join(got.lower().replace(",", " ").split())
    size = min(4, len(words))
    return any(
        " ".join(words[i : i + size]) in text for i in range(len(words) - size + 1)
    )


def _tell(e: BaseException) -> str:
    text = str(e).strip()
    line = text.splitlines()[0] if text else ""
    where = ""
    if not isinstance(e, MismatchError) and e.__traceback__ is not None:
        frame = traceback.extract_tb(e.__traceback__)[-1]
        if "derivo" in frame.filename:
            where = f" ({frame.filename.rpartition('derivo/')[2]}:{frame.lineno})"
    return f"{type(e).__name__}: {line[:200]}{where}"


def _summary(sample: Any) -> str:
    try:
        return str(sample.summary())[:300]
    except Exception:
        return "?"
