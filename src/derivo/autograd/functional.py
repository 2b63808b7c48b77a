"""Derivatives of functions: Jacobians, Hessians and their products with vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core.tensor import TensorBase
from derivo.autograd._engine import grad
from derivo.autograd.grad_mode import enable_grad
from derivo.errors import GraphError

if TYPE_CHECKING:
    from collections.abc import Callable

    from derivo import Tensor

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]

_LINEAR = (
    "You should ensure that your function is twice differentiable and that the "
    "jacobian depends on the inputs (this would be violated by a linear function for "
    "example)."
)


# ------------------------------------------------------------------ arguments


def _tuple_of(value: Any, what: str, op: str) -> tuple[bool, tuple[Any, ...]]:
    """Whether `value` is a tuple, and it as a tuple of tensors."""
    several = isinstance(value, tuple)
    values = value if several else (value,)
    for i, item in enumerate(values):
        if isinstance(item, TensorBase):
            continue
        if several:
            raise TypeError(
                f"[{op}] The {what} must be either a Tensor or a tuple of Tensors but "
                f"the value at index {i} has type {type(item)}."
            )
        raise TypeError(
            f"[{op}] The {what} given to {op} must be either a Tensor or a tuple of "
            f"Tensors but the given {what} has type {type(value)}."
        )
    return several, values


def _inputs_for(inputs: tuple[Any, ...], create_graph: bool) -> tuple[Any, ...]:
    """New tensors to differentiate with respect to."""
    return tuple(
        x.view_as(x) if create_graph and x.requires_grad else _fresh(x) for x in inputs
    )


def _fresh(x: Tensor) -> Tensor:
    return x.detach().requires_grad_()


def _outputs_of(
    func: Callable[..., Any], inputs: tuple[Any, ...], op: str
) -> tuple[bool, tuple[Any, ...]]:
    return _tuple_of(func(*inputs), "outputs of the user-provided function", op)


def _single(outputs: tuple[bool, tuple[Any, ...]], op: str) -> Any:
    """The one number that a Hessian is of."""
    several, values = outputs
    if several:
        raise GraphError(
            f"[{op}] The function given to {op} should return a single Tensor, got a "
            f"tuple of {len(values)}."
        )
    if values[0].numel() != 1:
        raise GraphError(
            f"[{op}] The Tensor returned by the function given to {op} should contain "
            f"a single element, got shape {list(values[0].shape)}."
        )
    return values[0]


def _vector(v: Any, like: tuple[Any, ...], several: bool, op: str) -> tuple[Any, ...]:
    """The vector of a product, checked against the tensors that it goes with."""
    if v is None:
        if len(like) != 1 or like[0].numel() != 1:
            of = (
                "the user-provided function returns"
                if op == "vjp"
                else "the input to the user-provided function is"
            )
            raise GraphError(
                f"[{op}] The vector v can only be None if {of} a single Tensor with a "
                "single element."
            )
        from derivo import ones_like

        return (ones_like(like[0]).detach(),)
    _, vectors = _tuple_of(v, "v", op)
    if len(vectors) != len(like):
        if several:
            raise GraphError(
                f"[{op}] v is a tuple of invalid length: should be {len(like)} but got "
                f"{len(vectors)}."
            )
        raise GraphError(
            f"[{op}] The given v should contain a single Tensor, got {len(vectors)}."
        )
    for i, (vector, x) in enumerate(zip(vectors, like, strict=True)):
        if vector.shape != x.shape:
            entry = f"Entry {i} in " if several else ""
            raise GraphError(
                f"[{op}] {entry}v has invalid size: should be {x.shape} but got "
                f"{vector.shape}."
            )
    return vectors


def _needs_graph(outputs: tuple[Any, ...], which: str, op: str) -> None:
    """In strict mode: refuse outputs that do not depend on any input."""
    for i, out in enumerate(outputs):
        if out.requires_grad:
            continue
        if which == "outputs":
            raise GraphError(
                f"[{op}] Output {i} of the user-provided function does not require "
                "gradients. The outputs must be computed in a differentiable manner "
                "from the input when running in strict mode."
            )
        raise GraphError(
            f"[{op}] While computing the hessian, found that the jacobian of the "
            f"user-provided function with respect to input {i} is independent of the "
            f"input. This is not allowed in strict mode. {_LINEAR}"
        )


def _gradients(
    outputs: tuple[Any, ...],
    inputs: tuple[Any, ...],
    vectors: tuple[Any, ...] | None = None,
    create_graph: bool = False,
    retain_graph: bool | None = None,
) -> tuple[Any, ...]:
    """`grad` that leaves out outputs without history, with None for unused inputs."""
    if vectors is None:
        vectors = (None,) * len(outputs)
    chosen = [
        (out, v) for out, v in zip(outputs, vectors, strict=True) if out.requires_grad
    ]
    if not chosen:
        return (None,) * len(inputs)
    outs, seeds = zip(*chosen, strict=True)
    found: tuple[Any, ...] = grad(
        outs,
        inputs,
        seeds,
        create_graph=create_graph,
        retain_graph=retain_graph,
        allow_unused=True,
    )
    return found


def _filled(
    found: tuple[Any, ...],
    like: tuple[Any, ...],
    strict: bool,
    create_graph: bool,
    stage: str,
    op: str,
) -> tuple[Any, ...]:
    """Zeros for what is missing; in strict mode that is an error."""
    from derivo import zeros_like

    out = []
    for i, (g, x) in enumerate(zip(found, like, strict=True)):
        if g is None:
            if strict:
                raise GraphError(f"[{op}] {_INDEPENDENT[stage].format(i, _LINEAR)}")
            g = zeros_like(x).detach()
        elif strict and create_graph and not g.requires_grad:
            if "double" not in stage:
                raise GraphError(
                    f"[{op}] The jacobian of the user-provided function is independent "
                    f"of input {i}. This is not allowed in strict mode when "
                    "create_graph=True."
                )
            raise GraphError(
                f"[{op}] The hessian of the user-provided function is independent of "
                f"input {i}. This is not allowed in strict mode when create_graph=True."
            )
        out.append(g)
    return tuple(out)


_INDEPENDENT = {
    "back": (
        "The output of the user-provided function is independent of input {0}. This is "
        "not allowed in strict mode."
    ),
    "back_trick": (
        "The gradient with respect to the input is independent of entry {0} in the "
        "grad_outputs when using the double backward trick to compute forward mode "
        "gradients. This is not allowed in strict mode."
    ),
    "double_back": (
        "The jacobian of the user-provided function is independent of input {0}. This "
        "is not allowed in strict mode. {1}"
    ),
    "double_back_trick": (
        "The hessian of the user-provided function is independent of entry {0} in the "
        "grad_jacobian. This is not allowed in strict mode as it prevents from using "
        "the double backward trick to replace forward mode AD."
    ),
}


def _packed(values: tuple[Any, ...], several: bool, create_graph: bool) -> Any:
    """The result in the form of the argument."""
    if not create_graph:
        values = tuple(v.detach() for v in values)
    return values if several else values[0]


# ------------------------------------------------------------------ products


def vjp(
    func: Callable[..., Any],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    """Value of `func`, and the product of a vector with its Jacobian.

    Parameters
    ----------
    func : callable
        Takes tensors, returns a tensor or a tuple of them.
    inputs : Tensor or tuple of Tensor
        Where.
    v : Tensor or tuple of Tensor, optional
        The vector, of the shapes of the output; may be left out for an output of one
        element.
    create_graph : bool, default False
        Record the result for further derivatives.
    strict : bool, default False
        Refuse outputs that do not depend on an input, instead of giving zeros.

    Returns
    -------
    tuple
        ``(func(*inputs), vjp)``; vjp in the form of `inputs`.

    Raises
    ------
    RuntimeError
        For a vector of another size, and as `strict` says.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, 2.0])
    >>> derivo.autograd.functional.vjp(lambda x: x**3, x, derivo.ones(2))
    (tensor([1., 8.]), tensor([ 3., 12.]))
    """
    with enable_grad():
        several, given = _tuple_of(inputs, "inputs", "vjp")
        points = _inputs_for(given, create_graph)
        several_out, outputs = _outputs_of(func, points, "vjp")
        if strict:
            _needs_graph(outputs, "outputs", "vjp")
        vectors = _vector(v, outputs, several_out, "vjp")
        found = _gradients(outputs, points, vectors, create_graph)
        result = _filled(found, points, strict, create_graph, "back", "vjp")
    return (
        _packed(outputs, several_out, create_graph),
        _packed(result, several, create_graph),
    )


def jvp(
    func: Callable[..., Any],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    """Value of `func`, and the product of its Jacobian with a vector.

    Computed by two backward passes: the vector-Jacobian product is linear in its
    vector, so differentiating it with respect to that gives the other product.
    ``func.jvp`` does it in one forward pass.

    Parameters
    ----------
    func : callable
        Takes tensors, returns a tensor or a tuple of them.
    inputs : Tensor or tuple of Tensor
        Where.
    v : Tensor or tuple of Tensor, optional
        The vector, of the shapes of `inputs`; may be left out for an input of one
        element.
    create_graph : bool, default False
        Record the result for further derivatives.
    strict : bool, default False
        Refuse outputs that do not depend on an input, instead of giving zeros.

    Returns
    -------
    tuple
        ``(func(*inputs), jvp)``; jvp in the form of the output.

    Raises
    ------
    RuntimeError
        For a vector of another size, and as `strict` says.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, 2.0])
    >>> derivo.autograd.functional.jvp(lambda x: x**3, x, derivo.ones(2))
    (tensor([1., 8.]), tensor([ 3., 12.]))
    """
    from derivo import zeros_like

    with enable_grad():
        several, given = _tuple_of(inputs, "inputs", "jvp")
        points = _inputs_for(given, create_graph)
        vectors = _vector(v, points, several, "jvp")
        several_out, outputs = _outputs_of(func, points, "jvp")
        if strict:
            _needs_graph(outputs, "outputs", "jvp")
        duals = tuple(zeros_like(out).detach().requires_grad_() for out in outputs)
        back = _gradients(outputs, points, duals, create_graph=True)
        back = _filled(back, points, strict, True, "back", "jvp")
        found = _gradients(back, duals, vectors, create_graph)
        result = _filled(found, outputs, strict, create_graph, "back_trick", "jvp")
    return (
        _packed(outputs, several_out, create_graph),
        _packed(result, several_out, create_graph),
    )


def vhp(
    func: Callable[..., Any],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    """Value of a function of one result, and the product of a vector with its Hessian.

    Parameters
    ----------
    func : callable
        Takes tensors, returns a tensor of one element.
    inputs : Tensor or tuple of Tensor
        Where.
    v : Tensor or tuple of Tensor, optional
        The vector, of the shapes of `inputs`; may be left out for an input of one
        element.
    create_graph : bool, default False
        Record the result for further derivatives.
    strict : bool, default False
        Refuse Jacobians that do not depend on an input, instead of giving zeros.

    Returns
    -------
    tuple
        ``(func(*inputs), vhp)``; vhp in the form of `inputs`.

    Raises
    ------
    RuntimeError
        For a result of several elements, a vector of another size, and as `strict`
        says.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, 2.0])
    >>> derivo.autograd.functional.vhp(lambda x: (x**3).sum(), x, derivo.ones(2))
    (tensor(9.), tensor([ 6., 12.]))
    """
    with enable_grad():
        several, given = _tuple_of(inputs, "inputs", "vhp")
        points = _inputs_for(given, create_graph)
        vectors = _vector(v, points, several, "vhp")
        output = _single(_outputs_of(func, points, "vhp"), "vhp")
        if strict:
            _needs_graph((output,), "outputs", "vhp")
        slope = _gradients((output,), points, create_graph=True)
        slope = _filled(slope, points, strict, False, "back", "vhp")
        if strict:
            _needs_graph(slope, "jacobian", "vhp")
        found = _gradients(slope, points, vectors, create_graph)
        result = _filled(found, points, strict, create_graph, "double_back", "vhp")
    return (
        _packed((output,), False, create_graph),
        _packed(result, several, create_graph),
    )


def hvp(
    func: Callable[..., Any],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    """Value of a function of one result, and the product of its Hessian with a vector.

    The Hessian of a function that is differentiable twice is symmetric: `vhp` gives
    the same with one backward pass less.

    Parameters
    ----------
    func : callable
        Takes tensors, returns a tensor of one element.
    inputs : Tensor or tuple of Tensor
        Where.
    v : Tensor or tuple of Tensor, optional
        The vector, of the shapes of `inputs`; may be left out for an input of one
        element.
    create_graph : bool, default False
        Record the result for further derivatives.
    strict : bool, default False
        Refuse Jacobians that do not depend on an input, instead of giving zeros.

    Returns
    -------
    tuple
        ``(func(*inputs), hvp)``; hvp in the form of `inputs`.

    Raises
    ------
    RuntimeError
        For a result of several elements, a vector of another size, and as `strict`
        says.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, 2.0])
    >>> derivo.autograd.functional.hvp(lambda x: (x**3).sum(), x, derivo.ones(2))
    (tensor(9.), tensor([ 6., 12.]))
    """
    from derivo import zeros_like

    with enable_grad():
        several, given = _tuple_of(inputs, "inputs", "hvp")
        points = _inputs_for(given, create_graph)
        vectors = _vector(v, points, several, "hvp")
        output = _single(_outputs_of(func, points, "hvp"), "hvp")
        if strict:
            _needs_graph((output,), "outputs", "hvp")
        slope = _gradients((output,), points, create_graph=True)
        slope = _filled(slope, points, strict, False, "back", "hvp")
        if strict:
            _needs_graph(slope, "jacobian", "hvp")
        duals = tuple(zeros_like(x).detach().requires_grad_() for x in points)
        twice = _gradients(slope, points, duals, create_graph=True)
        twice = _filled(twice, points, strict, True, "double_back", "hvp")
        found = _gradients(twice, duals, vectors, create_graph)
        result = _filled(
            found, points, strict, create_graph, "double_back_trick", "hvp"
        )
    return (
        _packed((output,), False, create_graph),
        _packed(result, several, create_graph),
    )


# ------------------------------------------------------------------ matrices


def jacobian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """Jacobian of a function: the derivative of each output by each input.

    Parameters
    ----------
    func : callable
        Takes tensors, returns a tensor or a tuple of them.
    inputs : Tensor or tuple of Tensor
        Where.
    create_graph : bool, default False
        Record the result for further derivatives.
    strict : bool, default False
        Refuse outputs that do not depend on an input, instead of giving zeros.
    vectorize : bool, default False
        One batched pass (`func.vmap`) instead of one pass for each element.
    strategy : {"reverse-mode", "forward-mode"}
        One pass for each element of the output, or of the input; forward mode needs
        `vectorize`.

    Returns
    -------
    Tensor or tuple
        Of shape ``output.shape + input.shape``; tuples of them (outputs outside) where
        the function has tuples.

    Raises
    ------
    RuntimeError
        As `strict` says.
    NotImplementedError
        Forward mode without `vectorize`, or with `create_graph`.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, 2.0])
    >>> derivo.autograd.functional.jacobian(lambda x: x**3, x)
    tensor([[ 3.,  0.],
            [ 0., 12.]])
    """
    if strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError(
            '[jacobian] Expected strategy to be either "forward-mode" or '
            f'"reverse-mode", got {strategy=}. Take forward mode where there are more '
            "outputs than inputs."
        )
    if strategy == "forward-mode":
        return _jacobian_forward(func, inputs, create_graph, strict, vectorize)
    if vectorize and strict:
        raise GraphError(
            "[jacobian] torch.autograd.functional.jacobian: `strict=True` and "
            "`vectorized=True` are not supported together. Please either set "
            "`strict=False` or `vectorize=False`."
        )
    with enable_grad():
        several, given = _tuple_of(inputs, "inputs", "jacobian")
        points = _inputs_for(given, create_graph)
        several_out, outputs = _outputs_of(func, points, "jacobian")
        if strict:
            _needs_graph(outputs, "outputs", "jacobian")
        if vectorize:
            rows = _rows_at_once(outputs, points, create_graph)
        else:
            rows = [
                _rows(i, out, points, create_graph, strict)
                for i, out in enumerate(outputs)
            ]
        if not create_graph:
            rows = [tuple(block.detach() for block in row) for row in rows]
    made = tuple(row if several else row[0] for row in rows)
    return made if several_out else made[0]


def _rows(
    index: int, out: Tensor, points: tuple[Any, ...], create_graph: bool, strict: bool
) -> tuple[Any, ...]:
    """Blocks of the Jacobian of one output, an element after the other."""
    from derivo import stack, zeros_like

    columns: list[list[Any]] = [[] for _ in points]
    flat = out.reshape(-1)
    for j in range(out.numel()):
        found = _gradients((flat[j],), points, None, create_graph, True)
        for i, (g, x, column) in enumerate(zip(found, points, columns, strict=True)):
            if g is None:
                if strict:
                    raise GraphError(
                        f"[jacobian] Output {index} of the user-provided function is "
                        f"independent of input {i}. This is not allowed in strict mode."
                    )
                g = zeros_like(x).detach()
            elif strict and create_graph and not g.requires_grad:
                raise GraphError(
                    "[jacobian] The jacobian of the user-provided function is "
                    f"independent of input {i}. This is not allowed in strict mode "
                    "when create_graph=True."
                )
            column.append(g)
    shape = tuple(out.shape)
    return tuple(
        stack(column).view(shape + tuple(x.shape))
        if column
        else x.new_zeros(shape + tuple(x.shape))
        for column, x in zip(columns, points, strict=True)
    )


def _unit_vectors(tensors: tuple[Any, ...]) -> tuple[Any, ...]:
    """For each tensor [n, *shape], n all elements: the unit vectors of the whole."""
    from derivo import zeros

    total = sum(t.numel() for t in tensors)
    out = []
    first = 0
    for t in tensors:
        block = zeros(total, t.numel(), dtype=t.dtype)
        block.diagonal(-first).fill_(1)
        out.append(block.view((total, *t.shape)))
        first += t.numel()
    return tuple(out)


def _rows_at_once(
    outputs: tuple[Any, ...], points: tuple[Any, ...], create_graph: bool
) -> list[tuple[Any, ...]]:
    """Blocks of the Jacobians of all outputs, by one batched backward pass."""
    from derivo.func import vmap

    def pull(*vectors: Any) -> tuple[Any, ...]:
        found = _gradients(outputs, points, vectors, create_graph, True)
        return _filled(found, points, False, create_graph, "back", "jacobian")

    blocks = vmap(pull)(*_unit_vectors(outputs))
    sizes = [out.numel() for out in outputs]
    split = [block.split(sizes, 0) for block in blocks]
    return [
        tuple(
            parts[k].reshape(tuple(out.shape) + tuple(x.shape))
            for parts, x in zip(split, points, strict=True)
        )
        for k, out in enumerate(outputs)
    ]


def _jacobian_forward(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool,
    strict: bool,
    vectorize: bool,
) -> Any:
    if strict:
        raise NotImplementedError(
            "[jacobian] torch.autograd.functional.jacobian: `strict=True` and "
            '`strategy="forward-mode"` are not supported together (yet). Please either '
            'set `strict=False` or `strategy="reverse-mode"`.'
        )
    if not vectorize:
        raise NotImplementedError(
            "[jacobian] Computing Jacobian using forward-AD or forward-over-reverse "
            "Hessian is only implemented for `vectorize=True`."
        )
    if create_graph:
        raise NotImplementedError(
            "[jacobian] torch.autograd.functional.jacobian: `create_graph=True` and "
            '`strategy="forward-mode"` are not supported together (yet). Please either '
            'set `create_graph=False` or `strategy="reverse-mode"`.'
        )
    from derivo.func import jvp as forward
    from derivo.func import vmap

    several, points = _tuple_of(inputs, "inputs", "jacobian")
    form: list[bool] = []

    def push(*vectors: Any) -> tuple[Any, ...]:
        def checked(*args: Any) -> tuple[Any, ...]:
            several_out, outputs = _outputs_of(func, args, "jacobian")
            form.append(several_out)
            return outputs

        tangents: tuple[Any, ...] = forward(checked, points, vectors)[1]
        return tangents

    # [all input elements, *output.shape]: the batch goes last, then takes its shape.
    columns = vmap(push)(*_unit_vectors(points))
    sizes = [x.numel() for x in points]
    made = []
    for column in columns:
        shape = tuple(column.shape[1:])
        parts = column.movedim(0, -1).split(sizes, -1)
        row = tuple(
            part.reshape(shape + tuple(x.shape))
            for part, x in zip(parts, points, strict=True)
        )
        made.append(row if several else row[0])
    return tuple(made) if form[0] else made[0]


def hessian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """Hessian of a function of one result: its second derivatives.

    Parameters
    ----------
    func : callable
        Takes tensors, returns a tensor of one element.
    inputs : Tensor or tuple of Tensor
        Where.
    create_graph : bool, default False
        Record the result for further derivatives.
    strict : bool, default False
        Refuse a gradient that does not depend on an input, instead of giving zeros.
    vectorize : bool, default False
        One batched pass for the outer derivative.
    outer_jacobian_strategy : {"reverse-mode", "forward-mode"}
        Of the outer derivative; forward mode needs `vectorize`.

    Returns
    -------
    Tensor or tuple of tuple of Tensor
        Of shape ``input.shape + input.shape``.

    Raises
    ------
    RuntimeError
        For a result of several elements, and as `strict` says.

    Examples
    --------
    >>> import derivo
    >>> x = derivo.tensor([1.0, 2.0])
    >>> derivo.autograd.functional.hessian(lambda x: (x**3).sum(), x)
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    if outer_jacobian_strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError(
            '[hessian] Expected strategy to be either "forward-mode" or '
            f'"reverse-mode", got {outer_jacobian_strategy=}.'
        )
    several, given = _tuple_of(inputs, "inputs", "hessian")

    def slope(*points: Any) -> tuple[Any, ...]:
        if outer_jacobian_strategy == "forward-mode":
            points = tuple(x if x.requires_grad else x.requires_grad_() for x in points)
        output = _single(_outputs_of(func, points, "hessian"), "hessian")
        if strict:
            _needs_graph((output,), "outputs", "hessian")
        found = _gradients((output,), points, create_graph=True)
        made = _filled(found, points, strict, False, "back", "hessian")
        if strict:
            _needs_graph(made, "jacobian", "hessian")
        return made

    made = jacobian(
        slope,
        given,
        create_graph=create_graph,
        strict=strict and not vectorize,
        vectorize=vectorize,
        strategy=outer_jacobian_strategy,
    )
    return made if several else made[0][0]
