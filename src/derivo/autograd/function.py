"""Operations with a backward written by the user: `autograd.Function`."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from derivo._core.function import FunctionNode, call_function, look_up_in_core
from derivo._core.history import _rebase
from derivo._core.inplace import _check_inplace, _needs_grad
from derivo._core.tensor import TensorBase, _bump, _creation, _take_over
from derivo.autograd.grad_mode import no_grad

if TYPE_CHECKING:
    from collections.abc import Callable

    from derivo import Tensor

__all__ = ["Function", "FunctionCtx", "once_differentiable"]

_CUSTOM_FUNCTION = 3


class FunctionCtx:
    """What forward hands to backward."""

    materialize_grads = True
    to_save: tuple[Any, ...] = ()
    dirty_tensors: tuple[Any, ...] = ()
    non_differentiable: tuple[Any, ...] = ()
    saved_for_forward: tuple[Any, ...] | None = None

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep tensors for backward, where they are ``ctx.saved_tensors``.

        Parameters
        ----------
        *tensors : Tensor or None
            Inputs, outputs or intermediates. Called at most once.
        """
        self.to_save = tensors

    def save_for_forward(self, *tensors: Tensor | None) -> None:
        """Keep tensors for `jvp`."""
        for t in tensors:
            if t is not None and not isinstance(t, TensorBase):
                raise TypeError(
                    "[save_for_forward] save_for_forward expects all arguments to be "
                    f"tensors or None, got {type(t).__name__}."
                )
        self.saved_for_forward = tensors

    def mark_dirty(self, *tensors: Tensor) -> None:
        """Say which inputs forward changed in place; they must be returned."""
        self.dirty_tensors = tensors

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """Say which outputs have no gradient."""
        self.non_differentiable = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """Whether missing gradients arrive as zeros (the default) or as None."""
        self.materialize_grads = value


class _BackwardNode(FunctionNode, FunctionCtx):
    """The node of one call: the ctx of forward and backward."""

    _function: type[Function]

    @property
    def saved_variables(self) -> tuple[Any, ...]:
        """Older name of `saved_tensors`."""
        return self.saved_tensors

    def _rule(self) -> Callable[..., Any]:
        function = self._function
        if function.vjp is Function.vjp:
            return function.backward
        if function.backward is not Function.backward:
            raise RuntimeError(
                f"[{function.__name__}] Implementing both 'backward' and 'vjp' for a "
                "custom Function is not allowed: they are two names of one thing."
            )
        return function.vjp

    def _materialized(self, grads: tuple[Any, ...]) -> tuple[Any, ...]:
        from derivo.ops.conversion import zeros_c

        return tuple(
            zeros_c(*meta) if g is None and meta is not None else g
            for g, meta in zip(grads, self._output_meta, strict=True)
        )

    def _checked(self, result: tuple[Any, ...]) -> tuple[Any, ...]:
        """Mend what may be mended in what backward returned, and refuse the rest."""
        name = self._function.__name__
        if len(result) > self._count and all(
            extra is None for extra in result[self._count :]
        ):
            result = result[: self._count]
        if len(result) != self._count:
            raise RuntimeError(
                f"[{name}] function {name}Backward returned an incorrect number of "
                f"gradients (expected {self._count}, got {len(result)}): backward "
                "returns one gradient for each argument of forward."
            )
        return self._fitted(name, result)

    def _fitted(self, name: str, result: tuple[Any, ...]) -> tuple[Any, ...]:
        out = []
        for k, position in enumerate(self._positions):
            g = result[position]
            shape, dtype = self._input_meta[k]
            if g is not None:
                if not isinstance(g, TensorBase):
                    raise RuntimeError(
                        f"[{name}] expected Variable or None (got "
                        f"{type(g).__name__}) as gradient {position}."
                    )
                if tuple(g.shape) != shape:
                    if not _expands(shape, tuple(g.shape)):
                        raise RuntimeError(
                            f"[{name}] Function {name}Backward returned an invalid "
                            f"gradient at index {position} - got {list(g.shape)} but "
                            f"expected shape compatible with {list(shape)}."
                        )
                    g = g.sum_to_size(shape)
                if g.dtype != dtype:
                    from derivo.ops.conversion import cast

                    g = cast(g, dtype)
            out.append(g)
        for position, g in enumerate(result):
            if g is not None and position not in self._positions:
                raise RuntimeError(
                    f"[{name}] function {name}Backward returned a gradient different "
                    f"than None at position {position + 1}, but the corresponding "
                    "forward input was not a Variable."
                )
        return tuple(out)


def _expands(shape: tuple[int, ...], wide: tuple[int, ...]) -> bool:
    if len(shape) > len(wide):
        return False
    return all(
        n in (1, w) for n, w in zip(reversed(shape), reversed(wide), strict=False)
    )


class _FunctionMeta(type):
    """Gives every Function a node class named after it."""

    def __init__(
        cls, name: str, bases: tuple[type, ...], attributes: dict[str, Any]
    ) -> None:
        super().__init__(name, bases, attributes)
        cls._backward_cls = type(
            f"{name}Backward", (_BackwardNode,), {"_function": cls}
        )
        look_up_in_core(cls._backward_cls)


class Function(metaclass=_FunctionMeta):
    """An operation whose derivative you write yourself.

    Subclass it, write `forward` and `backward` as static methods, and call ``apply``.
    `forward` either takes ``ctx`` first, or is accompanied by `setup_context`.

    Examples
    --------
    >>> import derivo
    >>> class Cube(derivo.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x**3
    ...     @staticmethod
    ...     def backward(ctx, g):
    ...         (x,) = ctx.saved_tensors
    ...         return g * 3 * x**2
    >>> x = derivo.tensor(2.0, requires_grad=True)
    >>> Cube.apply(x).backward()
    >>> x.grad
    tensor(12.)
    """

    _backward_cls: type[_BackwardNode]
    generate_vmap_rule = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise RuntimeError(
            f"[{type(self).__name__}] {type(self)} should not be instantiated: its "
            "methods are static. Call the class's apply()."
        )

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """Compute the result; to be written by the subclass."""
        raise NotImplementedError(
            "[Function] You must implement the forward function for custom "
            "autograd.Function."
        )

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> Any:
        """Save for backward, when `forward` does not take ctx."""
        raise NotImplementedError(
            "[Function] setup_context is not implemented for this Function."
        )

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """Compute the gradients of forward's arguments; to be written."""
        raise NotImplementedError(
            "[Function] You must implement either the backward or vjp method for your "
            "custom autograd.Function to use it with backward mode AD."
        )

    @staticmethod
    def vjp(ctx: Any, *grad_outputs: Any) -> Any:
        """Alias of `backward`."""
        raise NotImplementedError("[Function] vjp is not implemented.")

    @staticmethod
    def jvp(ctx: Any, *grad_inputs: Any) -> Any:
        """Forward-mode derivative; optional."""
        raise NotImplementedError(
            "[Function] You must implement the jvp function for custom "
            "autograd.Function to use it with forward mode AD."
        )

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Run `forward` and record the call.

        Parameters
        ----------
        *args
            Arguments of `forward`; tensors among them may get gradients.

        Returns
        -------
        Tensor, tuple or other
            What `forward` returned; tensors have this Function's node.
        """
        if kwargs:
            separate = cls.setup_context is not Function.setup_context
            args = _bind(cls, separate, args, kwargs)
        taken = _take_over("custom", cls, args)
        return cls._run(args)[1] if taken is NotImplemented else taken

    @classmethod
    def _run(cls, args: tuple[Any, ...]) -> tuple[Any, Any]:
        """Give the ctx and the results of a call that no transform takes over."""
        separate = cls.setup_context is not Function.setup_context
        node = cls._backward_cls()
        outputs, recorded, done = call_function(cls, node, separate, args)
        if done:
            return node, outputs
        tensors = [args[i] for i in node._positions]
        return node, _wrap(cls, node, tensors, outputs, recorded)


def _bind(
    cls: type[Function], separate: bool, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, ...]:
    import inspect

    signature = inspect.signature(cls.forward)
    first = () if separate else (None,)
    bound = signature.bind(*first, *args, **kwargs)
    bound.apply_defaults()
    return bound.args[len(first) :]


def _wrap(
    cls: type[Function],
    node: _BackwardNode,
    tensors: list[Any],
    outputs: Any,
    recorded: bool,
) -> Any:
    single = not isinstance(outputs, tuple)
    outs = (outputs,) if single else outputs
    dirty = {id(t) for t in node.dirty_tensors}
    inputs = {id(t) for t in tensors}
    constant = {id(t) for t in node.non_differentiable}
    for t in node.dirty_tensors:
        if id(t) not in {id(o) for o in outs}:
            raise RuntimeError(
                f"[{cls.__name__}] Some elements marked as dirty during the forward "
                "method were not returned as output. The inputs that are modified "
                "inplace must all be outputs of the Function."
            )
        if recorded:
            _check_inplace(t, True)
    results: list[Any] = []
    metas: list[Any] = []
    number = 0
    owned: list[Any] = []
    for out in outs:
        if not isinstance(out, TensorBase):
            results.append(out)
            metas.append(None)
            owned.append(None)
            number += 1
            continue
        metas.append((tuple(out.shape), out.dtype))
        result = out
        if id(out) in dirty:
            _bump(out, cls.__name__)
        elif id(out) in inputs:
            # An input returned as it is: a view of it, with a history of its own.
            result = out.view_as(out) if recorded else out.detach()
        results.append(result)
        differentiable = (
            recorded
            and id(out) not in constant
            and (out.dtype.is_floating_point or out.dtype.is_complex)
        )
        owned.append(out if differentiable else None)
        if differentiable:
            if id(out) in dirty:
                if result._is_view():
                    _rebase(result, node)
                else:
                    node._own(result, number)
            else:
                if result._is_view():
                    _creation(result, _CUSTOM_FUNCTION)
                node._own(result, number)
        elif id(out) in constant:
            result.requires_grad_(False) if result.is_leaf else None
        number += 1
    node._output_meta = metas
    node._set_outputs(len(outs))
    if recorded:
        node._keep(tuple(outs))
    return results[0] if single else tuple(results)


def once_differentiable(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a backward as not differentiable itself.

    Differentiating its result again raises an error.
    """

    @functools.wraps(function)
    def wrapped(ctx: Any, *args: Any) -> Any:
        with no_grad():
            outputs = function(ctx, *args)
        if not _needs_grad(*args):
            return outputs
        single = not isinstance(outputs, tuple)
        outs = (outputs,) if single else outputs
        leading = [a for a in args if isinstance(a, TensorBase) and a.requires_grad]
        made = tuple(
            _Refuse.apply(out, *leading) if isinstance(out, TensorBase) else out
            for out in outs
        )
        return made[0] if single else made

    return wrapped


class _Refuse(Function):
    """Identity whose backward says that there is none."""

    @staticmethod
    def forward(ctx: Any, out: Tensor, *_: Tensor) -> Tensor:
        return out.clone()

    @staticmethod
    def backward(ctx: Any, *_: Any) -> Any:
        raise RuntimeError(
            "[once_differentiable] trying to differentiate twice a function that was "
            "marked with @once_differentiable."
        )
