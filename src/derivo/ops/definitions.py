"""Operations that users define: one Python function of scalars, and all follows.

What a user writes becomes a `Spec`, as every elementwise operation of derivo is one:
kernels, derivatives, broadcasting, transforms and the graph come from the same place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, overload

from derivo._core import inplace
from derivo._core.tensor import TensorBase
from derivo.errors import TraceAttributeError, TraceError
from derivo.ops._elementwise import LARGEST, PROMOTIONS, Spec, core_op
from derivo.ops._formula import OperationFormula

if TYPE_CHECKING:
    from types import FunctionType

    from derivo.ir.expr import Expr

__all__ = ["Elementwise", "elementwise"]

_VARIADIC = 0x04 | 0x08


class Elementwise:
    """An elementwise operation made from a function of scalars by `elementwise`.

    Called like the function, with tensors. Attributes of the function (name, docstring,
    module) are those of the definition.

    Attributes
    ----------
    operands, params : tuple of str
        Names of the differentiable operands and of the scalar parameters.
    """

    __name__: str

    def __init__(
        self, definition: FunctionType, name: str, promote: str, node: str
    ) -> None:
        code = definition.__code__
        count, keywords = code.co_argcount, code.co_kwonlyargcount
        given = definition.__defaults__ or ()
        nin = count - len(given)
        names = code.co_varnames[: count + keywords]
        defaults = dict(zip(names[nin:count], given, strict=True))
        defaults.update(definition.__kwdefaults__ or {})
        if code.co_flags & _VARIADIC:
            raise TraceError(
                f"[elementwise] {name} takes *args or **kwargs: expected arguments "
                "that are named, as each becomes one operand. Name them."
            )
        if nin == 0:
            raise TraceError(
                f"[elementwise] {name} has no operand: expected at least one "
                "positional argument without a default. Arguments with defaults and "
                "keyword-only ones are scalar parameters, which are not differentiated."
            )
        for parameter, value in defaults.items():
            if not isinstance(value, (bool, int, float)):
                raise TraceError(
                    f"[elementwise] parameter {parameter!r} of {name} has the default "
                    f"{value!r}: expected a number, got {type(value).__name__}. Let "
                    "the function close over what is no number."
                )
        self.__name__ = name
        self.__qualname__ = definition.__qualname__
        self.__module__ = definition.__module__
        self.__doc__ = definition.__doc__
        self.__wrapped__ = definition
        self.operands = names[:nin]
        self.params = names[nin:]
        self._positional = count
        self._given = tuple(defaults.get(p, _MISSING) for p in self.params)
        self._complete = _MISSING not in self._given
        self._promote = promote
        self._node = node
        self._rule: Callable[..., Any] | None = None
        self._spec: Spec | None = None
        self._core: Any = None
        self._tuple = False

    def __repr__(self) -> str:
        arguments = ", ".join((*self.operands, *self.params))
        return f"<elementwise {self.__name__}({arguments})>"

    def __reduce__(self) -> str:
        # By name, as functions are.
        return self.__qualname__

    @property
    def __signature__(self) -> Any:
        """Signature of the definition, with ``out``."""
        import inspect

        found = inspect.signature(self.__wrapped__)
        out = inspect.Parameter("out", inspect.Parameter.KEYWORD_ONLY, default=None)
        return found.replace(parameters=[*found.parameters.values(), out])

    @property
    def spec(self) -> Spec:
        """What the core asks for kernels and derivatives; read at first use."""
        if self._spec is None:
            self._spec = self._read()
        return self._spec

    @property
    def formula(self) -> OperationFormula:
        """Definition and derivatives, as text and LaTeX."""
        return OperationFormula(self)

    def _read(self) -> Spec:
        from derivo.ir.expr import var
        from derivo.ir.trace import read

        name, nin = self.__name__, len(self.operands)
        names = (*self.operands, *self.params)
        symbols = tuple(var(i, n) for i, n in enumerate(names))
        keywords = dict(zip(names[nin:], symbols[nin:], strict=True))
        _prepare()
        exprs = read(name, self.__wrapped__, symbols[:nin], keywords)
        if any(e is None for e in exprs):
            raise TraceError(
                f"[{name}] the definition returns None: expected an expression. Does "
                "it end without return?"
            )
        total = len(names) + len(exprs)
        if total > LARGEST:
            raise TraceError(
                f"[{name}] too many operands: expected at most {LARGEST} operands, "
                f"parameters and results together, got {total}. Write it as two "
                "operations, or close over parameters that never change."
            )
        differentiable = self._promote not in ("compare", "logical")
        return Spec(
            name,
            nin=nin,
            nparams=len(self.params),
            nout=len(exprs),
            promote=self._promote,
            node=self._node if differentiable else "",
            node_backward=f"{self._node}Backward",
            names=names,
            trace=lambda _operands, _params: exprs,
            derivative=self._stated if self._rule is not None else None,
        )

    def _stated(self, *arguments: Any) -> tuple[Any, ...]:
        from derivo.ir.trace import read

        *exprs, params = arguments
        assert self._rule is not None
        keywords = dict(zip(self.params, params, strict=True))
        return read(f"{self.__name__}.derivative", self._rule, tuple(exprs), keywords)

    @property
    def core(self) -> Any:
        """The compiled operation, made at first use."""
        if self._core is None:
            self._core = core_op(self.spec)
            self._tuple = self.spec.nout > 1
        return self._core

    def _bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
        nin = len(self.operands)
        names = (*self.operands, *self.params)
        if len(args) > self._positional:
            raise TypeError(
                f"[{self.__name__}] takes {self._positional} positional arguments but "
                f"{len(args)} were given."
            )
        values = [*args, *([_MISSING] * (nin - len(args)))][:nin]
        values += self._given
        values[: len(args)] = args
        for name, value in kwargs.items():
            if name not in names:
                raise TypeError(
                    f"[{self.__name__}] got an unexpected keyword argument {name!r}: "
                    f"expected one of {', '.join(names)}."
                )
            if names.index(name) < len(args):
                raise TypeError(
                    f"[{self.__name__}] got multiple values for argument {name!r}."
                )
            values[names.index(name)] = value
        missing = [n for n, v in zip(names, values, strict=True) if v is _MISSING]
        if missing:
            raise TypeError(
                f"[{self.__name__}] missing arguments: {', '.join(missing)}. Pass a "
                "value for each."
            )
        for name, value in zip(names[nin:], values[nin:], strict=True):
            if isinstance(value, TensorBase):
                raise TypeError(
                    f"[{self.__name__}] parameter {name!r} must be a number, not "
                    "Tensor: parameters are not differentiated. Pass value.item(), or "
                    "make it an operand: a positional argument without a default."
                )
        return values

    def __call__(self, *args: Any, out: Any = None, **kwargs: Any) -> Any:
        """Apply to tensors (and numbers) that broadcast with each other."""
        if kwargs or len(args) != len(self.operands) or not self._complete:
            args = tuple(self._bind(args, kwargs))
        else:
            args += self._given
        core = self._core or self.core
        if out is not None:
            return core.out(out, *args)
        found = core(*args)
        return tuple(found) if self._tuple else found

    def inplace(self, *args: Any, **kwargs: Any) -> Any:
        """Put the result into the first operand, and return that.

        Raises
        ------
        RuntimeError
            As PyTorch's in-place operations: for leaves that require a gradient, for
            results that do not fit.
        """
        if self.spec.nout > 1:
            raise TypeError(
                f"[{self.__name__}] has {self.spec.nout} results, which do not fit "
                "into one operand. Call it without inplace."
            )
        return self.core.inplace(*self._bind(args, kwargs))

    def derivative(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        """State the derivative, where a stabler form or another choice is wanted.

        Parameters
        ----------
        rule : callable
            ``rule(g, *operands, out, *, params)`` gives the gradient of each operand,
            in scalars as the definition does; None where there is none. With several
            results, each has its ``g`` and its ``out``.

        Returns
        -------
        callable
            `rule`, so that this is a decorator.

        Notes
        -----
        What it gives is compiled into one kernel and differentiated again, like what
        is derived.

        Examples
        --------
        >>> import derivo
        >>> @derivo.elementwise
        ... def straight(x):
        ...     return derivo.round(x)
        >>> @straight.derivative
        ... def _(g, x, out):
        ...     return g
        >>> x = derivo.tensor([0.2, 1.7], requires_grad=True)
        >>> straight(x).sum().backward()
        >>> x.grad
        tensor([1., 1.])
        """
        if self._rule is not None:
            raise ValueError(
                f"[{self.__name__}] has a stated derivative already: state it once."
            )
        self._rule = rule
        self._spec = self._core = None
        return rule


class _Missing:
    def __repr__(self) -> str:
        return "<missing>"


_MISSING: Any = _Missing()


@overload
def elementwise(definition: Callable[..., Any], /) -> Elementwise: ...
@overload
def elementwise(
    *, promote: str = ..., name: str | None = ..., node: str | None = ...
) -> Callable[[Callable[..., Any]], Elementwise]: ...
def elementwise(
    definition: Callable[..., Any] | None = None,
    /,
    *,
    promote: str = "float",
    name: str | None = None,
    node: str | None = None,
) -> Any:
    """Make a differentiable operation of a function of scalars.

    The function is read once, by handing it symbols, and never runs on data. From the
    expression that it returns come kernels (vectorised, on several threads) for every
    dtype, and derivatives of every order, each in one kernel.

    Parameters
    ----------
    definition : callable
        Positional arguments without defaults are operands, which are differentiated;
        arguments with defaults and keyword-only ones are scalar parameters, which are
        not. It may use operators, comparisons (joined with ``&``, ``|``, ``~``), the
        elementwise functions of derivo and of `math`, `min`, `max`, `abs`, `pow`,
        ``derivo.where``, other such operations and helper functions, numbers, and loops
        over a fixed range. It returns one expression or a tuple of them.
    promote : {"float", "same", "compare", "logical"}, default "float"
        Dtype of the result. ``"float"``: the promoted dtype of the operands, integers
        become the default dtype. ``"same"``: integers stay. ``"compare"`` and
        ``"logical"``: bool.
    name : str, optional
        Name in messages; that of the function, if not given.
    node : str, optional
        Name of the graph node; the name and ``Backward``, if not given.

    Returns
    -------
    Elementwise
        Called like the function, with tensors of any shapes that broadcast. It takes
        ``out=``; ``f.inplace(x)`` changes its operand; ``f.derivative`` states a
        derivative in place of the derived one; ``f.formula`` shows both.

    Raises
    ------
    TraceError
        At first use, naming the line, if the function does with an operand what no
        expression can say: an ``if`` on it, ``float(x)``, indexing, NumPy, a tensor
        among its constants.

    Notes
    -----
    **Derivative**: derived from the expression. At kinks it is PyTorch's choice for the
    functions used. Where ``where`` chooses, the derivative is chosen too: a NaN or an
    infinity on the side not taken does not leak.

    Examples
    --------
    >>> import derivo
    >>> @derivo.elementwise
    ... def bump(x, width=1.0):
    ...     inside = abs(x) < width
    ...     return derivo.where(inside, derivo.exp(-1 / (1 - (x / width) ** 2)), 0)
    >>> x = derivo.tensor([0.0, 0.5, 1.0], requires_grad=True)
    >>> y = bump(x)
    >>> y
    tensor([0.3679, 0.2636, 0.0000], grad_fn=<bumpBackward>)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-0.0000, -0.4686,  0.0000])
    """

    def make(function: Any) -> Elementwise:
        if not hasattr(function, "__code__"):
            raise TraceError(
                f"[elementwise] expected a Python function, got "
                f"{type(function).__name__}. Write a function around it."
            )
        called = name or function.__name__.strip("<>")
        return Elementwise(function, called, promote, node or f"{called}Backward")

    if promote not in PROMOTIONS:
        raise ValueError(
            f"[elementwise] unknown promotion: expected one of "
            f"{', '.join(PROMOTIONS)}, got {promote=}."
        )
    return make if definition is None else make(definition)


# ---------------------------------------------------------------- operations on symbols


def _inline(spec: Spec, args: tuple[Any, ...]) -> Any:
    """Put an operation that meets symbols into the expression that is being read."""
    from derivo.ir.calls import call
    from derivo.ir.expr import as_expr, substitute

    exprs = tuple(as_expr(a) for a in args)
    if spec.nout == 1 and spec._derivative is not None:
        return call(spec.called_as(), exprs)
    operands, params = spec.variables()
    mapping = dict(zip((*operands, *params), exprs, strict=True))
    found = substitute(spec.definition, mapping)
    return found[0] if spec.nout == 1 else list(found)


def _meet(op: Any, args: tuple[Any, ...], out: Any, inplace: bool) -> Any:
    """Stand in for an operation of the core, one of whose operands is a symbol."""
    if out is not None or inplace:
        raise TraceError(
            f"{op.name} in place cannot be part of an expression, which has values "
            "and no memory. Write it without the underscore and without out="
        )
    if any(isinstance(a, TensorBase) for a in args):
        from derivo.ir.trace import CAPTURED

        raise TraceError(CAPTURED)
    return _inline(op.spec, args)


# What a scalar is asked for most often by mistake → what to write.
_INSTEAD = {
    "item": "A scalar has no Python value here: compute with it",
    "sum": "Reduce the result of the operation, outside",
    "mean": "Reduce the result of the operation, outside",
    "shape": "Every element is computed alike: shapes belong outside",
    "dtype": "Kernels are made for each dtype: convert outside",
}


def _method(e: Expr, name: str) -> Any:
    """Attribute of a symbol: a tensor's method, where that is elementwise."""
    from derivo.ir.trace import REPLACED
    from derivo.ops._surface import FUNCTIONS

    function: Any = FUNCTIONS.get(f"Tensor.{name}")
    if function is None or name in _INSTEAD:
        advice = _INSTEAD.get(
            name, "Use operators and the functions of derivo or math on it"
        )
        raise TraceAttributeError(
            f"x.{name}: inside a definition x is one scalar, as an expression, and has "
            f"no attribute {name!r}. {advice}"
        )
    function = REPLACED.get(function, function)

    def method(*args: Any, **kwargs: Any) -> Any:
        return function(e, *args, **kwargs)

    return method


def _where(condition: Any, input: Any, other: Any) -> Any:
    from derivo.ir.scalar import where

    return where(condition, input, other)


def _prepare() -> None:
    """Teach symbols what tensors can do; called before a definition is read."""
    from derivo.ir import expr
    from derivo.ir.trace import REPLACED
    from derivo.ops._elementwise import REGISTRY
    from derivo.ops._surface import FUNCTIONS

    if REPLACED:
        return
    expr.on_missing[0] = _method
    # Their public functions look at the dtype first.
    for name in ("floor_divide", "fmod", "remainder", "square"):
        form = REGISTRY[name].core
        REPLACED[FUNCTIONS[name]] = REPLACED[FUNCTIONS[f"Tensor.{name}"]] = form
    REPLACED[FUNCTIONS["where"]] = _where
    REPLACED[FUNCTIONS["Tensor.where"]] = lambda x, c, other: _where(c, x, other)
    REPLACED[FUNCTIONS["lerp"]] = REPLACED[FUNCTIONS["Tensor.lerp"]] = (
        lambda x, end, weight: x + weight * (end - x)
    )


inplace.set_callbacks(symbolic=_meet, formula=OperationFormula)
