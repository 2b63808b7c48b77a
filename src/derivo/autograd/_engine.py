"""`backward` and `grad`: checking what was asked, then running the core's engine."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from derivo._core.autograd import _edge, _leads_back, run_backward
from derivo._core.history import _grad_accumulator
from derivo._core.tensor import Node, TensorBase
from derivo.errors import GraphError

if TYPE_CHECKING:
    from derivo import Tensor

__all__ = ["GradientEdge", "backward", "get_gradient_edge", "grad"]


class GradientEdge(NamedTuple):
    """A place in the graph: output `output_nr` of `node`."""

    node: Node
    output_nr: int
    ownership_token: Node | None = None


def get_gradient_edge(tensor: Tensor) -> GradientEdge:
    """Return the edge at which the gradient of `tensor` arrives.

    Parameters
    ----------
    tensor : Tensor
        Must require a gradient.

    Raises
    ------
    RuntimeError
        If it does not.
    """
    if not tensor.requires_grad:
        raise GraphError(
            "[get_gradient_edge] It is not possible to get the gradient edge for a "
            "Tensor that does not require gradients."
        )
    node, number = _edge(tensor)
    return GradientEdge(node, number)


def _sequence(value: Any) -> tuple[Any, ...]:
    if value is None:
        return ()
    if isinstance(value, (TensorBase, GradientEdge)) or not hasattr(value, "__iter__"):
        return (value,)
    return tuple(value)


def _root(index: int, root: Any, seed: Any) -> tuple[tuple[Node, int], Tensor]:
    """Edge and gradient of one root, checked."""
    if isinstance(root, GradientEdge):
        if seed is None:
            raise GraphError(
                "[backward] grad can be implicitly created only for scalar outputs: "
                "pass the gradient of a GradientEdge in grad_tensors."
            )
        return (root.node, root.output_nr), seed
    if not isinstance(root, TensorBase):
        raise TypeError(
            f"[backward] element {index} of tensors must be Tensor or GradientEdge, "
            f"got {type(root).__name__}."
        )
    if seed is None:
        if root.requires_grad and root.numel() != 1:
            raise GraphError(
                "[backward] grad can be implicitly created only for scalar outputs, "
                f"got shape {list(root.shape)}{_made_by(root)}. Reduce the tensor "
                "(sum, mean) or pass its gradient."
            )
        if root.requires_grad and root.is_complex():
            raise GraphError(
                "[backward] grad can be implicitly created only for real scalar "
                f"outputs but got {root.dtype}."
            )
    elif not isinstance(seed, TensorBase):
        raise TypeError(
            "[backward] gradients can be either Tensors or None, but got "
            f"{type(seed).__name__}."
        )
    elif seed.shape != root.shape:
        raise GraphError(
            f"[backward] Mismatch in shape: grad_output[{index}] has a shape of "
            f"{seed.shape} and output[{index}] has a shape of {root.shape}"
            f"{_made_by(root)}. The gradient of a tensor has its shape: "
            "ones_like(output) sums it up."
        )
    elif seed.is_complex() != root.is_complex():
        raise GraphError(
            "[backward] For complex Tensors, both grad_output and output are required "
            f"to have the same dtype. Mismatch in dtype: grad_output[{index}] has a "
            f"dtype of {seed.dtype} and output[{index}] has a dtype of {root.dtype}."
        )
    if not _leads_back(root):
        raise GraphError(
            f"[backward] element {index} of tensors does not require grad and does not "
            f"have a grad_fn: nothing that led to it was recorded.{_unrecorded(root)}"
        )
    if seed is None:
        from derivo import ones_like

        seed = ones_like(root).detach()
    elif seed.dtype != root.dtype:
        seed = seed.to(root.dtype)
    return _edge(root), seed


def _made_by(t: Any) -> str:
    """Text that names the producer of a tensor, if it has one."""
    if t.grad_fn is None:
        return ""
    from derivo.autograd._lines import line_of

    return f", the result of {t.grad_fn.name()}{line_of(t.grad_fn)}"


def _unrecorded(t: Any) -> str:
    """Text that says why a tensor has no history, as far as it shows."""
    from derivo._core.tensor import _writer_line, is_grad_enabled
    from derivo.autograd._lines import quote

    if not (t.dtype.is_floating_point or t.dtype.is_complex):
        why = (
            f" Its dtype is {t.dtype}: argmax, comparisons and casts to integers have "
            "no derivative. Use something smooth in their place."
        )
    elif t.is_inference():
        why = " It was computed in inference mode, where nothing is recorded."
    elif not is_grad_enabled():
        why = (
            " Recording is off here (no_grad() or set_grad_enabled(False)), and was "
            "when it was computed. Compute the loss outside of that."
        )
    else:
        why = (
            " Was it computed under no_grad(), detached, or made from tensors without "
            "requires_grad=True? derivo.explain.why_no_grad(loss, x) looks for it."
        )
    return why + quote("last written", _writer_line(t))


def _roots(
    tensors: tuple[Any, ...], seeds: Any
) -> tuple[list[tuple[Node, int]], list[Tensor]]:
    seeds = (None,) * len(tensors) if seeds is None else _sequence(seeds)
    if len(seeds) != len(tensors):
        raise GraphError(
            f"[backward] got {len(tensors)} tensors and {len(seeds)} gradients: "
            "expected one gradient (or None) for each tensor."
        )
    pairs = [
        _root(i, t, g) for i, (t, g) in enumerate(zip(tensors, seeds, strict=True))
    ]
    return [edge for edge, _ in pairs], [seed for _, seed in pairs]


def _input_edges(inputs: Sequence[Any], what: str) -> list[tuple[Node, int]]:
    edges = []
    for index, item in enumerate(inputs):
        if isinstance(item, GradientEdge):
            edges.append((item.node, item.output_nr))
            continue
        if not isinstance(item, TensorBase):
            raise TypeError(
                f"[{what}] element {index} of inputs must be Tensor or GradientEdge, "
                f"got {type(item).__name__}."
            )
        if not item.requires_grad:
            raise GraphError(
                f"[{what}] One of the differentiated Tensors does not require grad: "
                f"element {index} of inputs. Call requires_grad_() before it is used."
            )
        edges.append(_edge(item))
    return edges


def backward(
    tensors: Tensor | GradientEdge | Sequence[Tensor | GradientEdge],
    grad_tensors: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Any = None,
    inputs: Any = None,
) -> None:
    """Add the gradients of `tensors` to the ``grad`` of the leaves they came from.

    Parameters
    ----------
    tensors : Tensor or sequence of Tensor
        Where to start; the sum of all is differentiated.
    grad_tensors : Tensor or sequence of (Tensor or None), optional
        The vector of the vector-Jacobian product for each tensor, of its shape. May
        be left out for tensors of one element.
    retain_graph : bool, optional
        Keep saved tensors for another backward pass; as `create_graph` by default.
    create_graph : bool, default False
        Record the backward pass itself, for higher derivatives.
    inputs : Tensor, sequence or dict of Tensor, optional
        Accumulate into these only (leaves or not).

    Raises
    ------
    RuntimeError
        If a tensor was not recorded, needs a gradient that is missing or of another
        shape, or if saved tensors were freed or changed in place.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, 2.0], requires_grad=True)
    >>> derivo.autograd.backward((x * x).sum())
    >>> x.grad
    tensor([2., 4.])
    """
    if grad_variables is not None:
        warnings.warn(
            "`grad_variables` is deprecated. Use `grad_tensors` instead.",
            FutureWarning,
            stacklevel=2,
        )
        if grad_tensors is not None:
            raise GraphError(
                "[backward] `grad_tensors` and `grad_variables` (deprecated) arguments "
                "both passed to `backward()`. Please only use `grad_tensors`."
            )
        grad_tensors = grad_variables
    if isinstance(inputs, Mapping):
        inputs = tuple(inputs.values())
    targets = None
    if inputs is not None:
        inputs = _sequence(inputs)
        if not inputs:
            raise GraphError(
                "[backward] `inputs` argument to `backward()` cannot be empty."
            )
        targets = _input_edges(inputs, "backward")
    edges, seeds = _roots(_sequence(tensors), grad_tensors)
    keep = create_graph if retain_graph is None else bool(retain_graph)
    if create_graph:
        warnings.warn(
            "Using backward() with create_graph=True will create a reference cycle: "
            "the parameter holds the gradient, whose graph holds the parameter. They "
            "live until the garbage collector comes by; autograd.grad makes no such "
            "cycle.",
            UserWarning,
            stacklevel=2,
        )
    found = run_backward(edges, seeds, keep, bool(create_graph), targets, True)
    if targets is None:
        return
    for item, gradient in zip(inputs, found, strict=True):
        # Leaves have accumulated already; retained tensors were given theirs.
        if not isinstance(item, TensorBase) or item.is_leaf or gradient is None:
            continue
        if item.retains_grad:
            continue
        old = _grad_of(item)
        item.grad = gradient if old is None else old + gradient


def _grad_of(t: Tensor) -> Tensor | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return t.grad


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> Any:
    """Return the gradients of `outputs` with respect to `inputs`.

    The ``grad`` of no tensor changes.

    Parameters
    ----------
    outputs : Tensor or sequence of Tensor
        What is differentiated: the sum of all.
    inputs : Tensor, sequence or dict of Tensor
        With respect to what.
    grad_outputs : Tensor or sequence of (Tensor or None), optional
        The vector of the vector-Jacobian product for each output, of its shape.
    retain_graph : bool, optional
        Keep saved tensors for another pass; as `create_graph` by default.
    create_graph : bool, default False
        Record this pass, for higher derivatives.
    allow_unused : bool, optional
        Whether inputs that the outputs do not depend on give None instead of an
        error; as `materialize_grads` by default.
    is_grads_batched : bool, default False
        The first dimension of each `grad_outputs` counts vectors; the results get
        that dimension as well.
    materialize_grads : bool, default False
        Zeros instead of None for unused inputs.

    Returns
    -------
    tuple of (Tensor or None)
        One gradient per input (a dict for a dict).

    Raises
    ------
    RuntimeError
        As `backward`; and for unused inputs unless they are allowed.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor(3.0, requires_grad=True)
    >>> (g,) = derivo.autograd.grad(x**3, x, create_graph=True)
    >>> g.item(), derivo.autograd.grad(g, x)[0].item()
    (27.0, 18.0)
    """
    if materialize_grads and allow_unused is False:
        raise ValueError(
            "[grad] Expected allow_unused to be True or not passed when "
            "materialize_grads=True, but got: allow_unused=False."
        )
    if allow_unused is None:
        allow_unused = materialize_grads
    if not only_inputs:
        warnings.warn(
            "only_inputs argument is deprecated and is ignored now (defaults to True). "
            "To accumulate gradient for other parts of the graph, please use "
            "torch.autograd.backward.",
            FutureWarning,
            stacklevel=2,
        )
    names = None
    if isinstance(inputs, Mapping):
        names = tuple(inputs)
        inputs = tuple(inputs.values())
    inputs = _sequence(inputs)
    outputs = _sequence(outputs)
    if not inputs:
        raise GraphError("[grad] `inputs` argument to `grad()` cannot be empty.")
    keep = create_graph if retain_graph is None else bool(retain_graph)
    if not is_grads_batched:
        # Checked first, as in PyTorch: the message is about the outputs.
        edges, seeds = _roots(outputs, grad_outputs)
    targets = _input_edges(inputs, "grad")
    if is_grads_batched:
        found = _batched(outputs, grad_outputs, targets, keep, create_graph)
    else:
        found = run_backward(edges, seeds, keep, bool(create_graph), targets, False)
    for index, gradient in enumerate(found):
        if gradient is not None:
            continue
        if not allow_unused:
            raise GraphError(
                f"[grad] The differentiated Tensor at index {index} appears to not "
                "have been used in the graph. Set allow_unused=True if this is the "
                "desired behavior; derivo.explain.why_no_grad(output, input) says "
                "where the path breaks."
            )
        if materialize_grads:
            found[index] = _zeros_for(inputs[index])
    if names is not None:
        return dict(zip(names, found, strict=True))
    return tuple(found)


def _zeros_for(item: Any) -> Any:
    if isinstance(item, GradientEdge):
        raise GraphError(
            "[grad] materialize_grads cannot be used when the given input is a "
            "GradientEdge: its shape is not known."
        )
    from derivo import zeros_like

    return zeros_like(item)


def _batched(
    outputs: tuple[Any, ...],
    grad_outputs: Any,
    targets: list[tuple[Node, int]],
    keep: bool,
    create_graph: bool,
) -> list[Any]:
    """All passes at once, by `vmap` over the engine."""
    from derivo.func import vmap

    seeds = _sequence(grad_outputs)
    sizes = {g.shape[0] for g in seeds if g is not None}
    if len(sizes) != 1:
        raise GraphError(
            "[grad] is_grads_batched=True needs grad_outputs with a common first "
            f"dimension, got sizes {sorted(sizes)}."
        )
    found: list[Any] = []

    def one(*vectors: Any) -> tuple[Any, ...]:
        given = iter(vectors)
        each = [None if g is None else next(given) for g in seeds]
        edges, roots = _roots(outputs, each)
        found[:] = run_backward(edges, roots, keep, bool(create_graph), targets, False)
        return tuple(g for g in found if g is not None)

    rows = iter(vmap(one)(*(g for g in seeds if g is not None)))
    return [None if g is None else next(rows) for g in found]


def accumulator(leaf: Tensor) -> Node:
    """Return the node that accumulates into `leaf`."""
    return _grad_accumulator(leaf)
