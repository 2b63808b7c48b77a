"""Hooks of modules: around `forward`, and on the gradients of inputs and outputs."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import derivo
from derivo._core.module import (
    ModuleBase,
    global_backward_hooks,
    global_backward_pre_hooks,
    global_forward_hooks,
    global_forward_pre_hooks,
)
from derivo.nn.modules._handles import RemovableHandle
from derivo.tensor import Tensor

__all__ = [
    "HookedModule",
    "register_module_forward_hook",
    "register_module_forward_pre_hook",
    "register_module_full_backward_hook",
    "register_module_full_backward_pre_hook",
]

Hook = Callable[..., Any]

_global_with_kwargs: dict[int, bool] = {}
_global_always_called: dict[int, bool] = {}


class HookedModule(ModuleBase):
    """Registering hooks, and calling a module that has some."""

    _forward_hooks: OrderedDict[int, Hook]
    _forward_hooks_with_kwargs: OrderedDict[int, bool]
    _forward_hooks_always_called: OrderedDict[int, bool]
    _forward_pre_hooks: OrderedDict[int, Hook]
    _forward_pre_hooks_with_kwargs: OrderedDict[int, bool]
    _backward_hooks: OrderedDict[int, Hook]
    _backward_pre_hooks: OrderedDict[int, Hook]
    _is_full_backward_hook: bool | None

    def register_forward_pre_hook(
        self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call `hook` before every `forward`.

        Parameters
        ----------
        hook : callable
            ``hook(module, args)``, or ``hook(module, args, kwargs)`` with
            `with_kwargs`. It may return new arguments: one value or a tuple, with
            `with_kwargs` a pair ``(args, kwargs)``.
        prepend : bool, optional
            Run it before the hooks already there.
        with_kwargs : bool, optional
            Hand the hook the keyword arguments too.

        Returns
        -------
        RemovableHandle
            Its `remove` takes the hook out.

        Examples
        --------
        >>> import derivo as torch
        >>> layer = torch.nn.Identity()
        >>> _ = layer.register_forward_pre_hook(lambda m, args: (args[0] * 2,))
        >>> layer(torch.ones(1))
        tensor([2.])
        """
        handle = RemovableHandle(
            self._forward_pre_hooks, extra=(self._forward_pre_hooks_with_kwargs,)
        )
        _insert(self._forward_pre_hooks, handle.id, hook, prepend)
        if with_kwargs:
            self._forward_pre_hooks_with_kwargs[handle.id] = True
        return handle

    def register_forward_hook(
        self,
        hook: Hook,
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
        always_call: bool = False,
    ) -> RemovableHandle:
        """Call `hook` after every `forward`.

        Parameters
        ----------
        hook : callable
            ``hook(module, args, output)``, or ``hook(module, args, kwargs, output)``
            with `with_kwargs`. What it returns, unless None, replaces the output.
        prepend : bool, optional
            Run it before the hooks already there.
        with_kwargs : bool, optional
            Hand the hook the keyword arguments too.
        always_call : bool, optional
            Run it even when `forward` raises.

        Returns
        -------
        RemovableHandle
            Its `remove` takes the hook out.

        Examples
        --------
        >>> import derivo as torch
        >>> layer = torch.nn.Identity()
        >>> _ = layer.register_forward_hook(lambda m, args, out: out + 1)
        >>> layer(torch.ones(1))
        tensor([2.])
        """
        handle = RemovableHandle(
            self._forward_hooks,
            extra=(self._forward_hooks_with_kwargs, self._forward_hooks_always_called),
        )
        _insert(self._forward_hooks, handle.id, hook, prepend)
        if with_kwargs:
            self._forward_hooks_with_kwargs[handle.id] = True
        if always_call:
            self._forward_hooks_always_called[handle.id] = True
        return handle

    def register_full_backward_pre_hook(
        self, hook: Hook, prepend: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, grad_output)`` when the output's gradient is known.

        Parameters
        ----------
        hook : callable
            What it returns, unless None, replaces the gradient of the output.
        prepend : bool, optional
            Run it before the hooks already there.

        Returns
        -------
        RemovableHandle
            Its `remove` takes the hook out.

        Examples
        --------
        >>> import derivo as torch
        >>> layer = torch.nn.Identity()
        >>> _ = layer.register_full_backward_pre_hook(lambda m, g: (g[0] * 10,))
        >>> x = torch.ones(1, requires_grad=True)
        >>> layer(x).backward()
        >>> x.grad
        tensor([10.])
        """
        handle = RemovableHandle(self._backward_pre_hooks)
        _insert(self._backward_pre_hooks, handle.id, hook, prepend)
        return handle

    def register_full_backward_hook(
        self, hook: Hook, prepend: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, grad_input, grad_output)`` when gradients are known.

        Parameters
        ----------
        hook : callable
            Gets tuples with the gradients of the module's inputs (None for what is
            not a tensor) and outputs. What it returns, unless None, replaces
            `grad_input`.
        prepend : bool, optional
            Run it before the hooks already there.

        Returns
        -------
        RemovableHandle
            Its `remove` takes the hook out.

        Raises
        ------
        RuntimeError
            If the module already has a hook of `register_backward_hook`.

        Examples
        --------
        >>> import derivo as torch
        >>> layer = torch.nn.ReLU()
        >>> _ = layer.register_full_backward_hook(lambda m, gi, go: (gi[0] + 5,))
        >>> x = torch.ones(1, requires_grad=True)
        >>> layer(x).backward()
        >>> x.grad
        tensor([6.])
        """
        self._claim_backward_kind(True)
        handle = RemovableHandle(self._backward_hooks)
        _insert(self._backward_hooks, handle.id, hook, prepend)
        return handle

    def register_backward_hook(self, hook: Hook) -> RemovableHandle:
        """Call `hook` with the gradients of the last operation of `forward`.

        Kept for old code: where `forward` is several operations, the hook sees only
        the last one. Use `register_full_backward_hook`.
        """
        self._claim_backward_kind(False)
        handle = RemovableHandle(self._backward_hooks)
        self._backward_hooks[handle.id] = hook
        return handle

    def _claim_backward_kind(self, full: bool) -> None:
        if self._is_full_backward_hook is (not full):
            raise RuntimeError(
                "[register_backward_hook] Cannot use both regular backward hooks and "
                "full backward hooks on a single Module. Please use only one of them: "
                "prefer register_full_backward_hook."
            )
        self._is_full_backward_hook = full

    # -- calling ---------------------------------------------------------------

    def _call_with_hooks(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        pre, full, simple = self._backward_hook_lists()
        wrapped: _GradientHooks | None = None
        called: set[int] = set()
        result: Any = None

        def run() -> Any:
            nonlocal args, kwargs, wrapped, result
            args, kwargs = self._run_forward_pre_hooks(args, kwargs)
            if full or pre:
                wrapped = _GradientHooks(self, full, pre)
                args = wrapped.watch_inputs(args)
            result = self.forward(*args, **kwargs)
            for key, hook, with_kwargs in self._forward_hook_list():
                called.add(key)
                changed = (
                    hook(self, args, kwargs, result)
                    if with_kwargs
                    else hook(self, args, result)
                )
                if changed is not None:
                    result = changed
            if wrapped is not None:
                result = wrapped.watch_outputs(result)
            if simple:
                _watch_last_operation(self, args, result, simple)
            return result

        if not self._forward_hooks_always_called and not _global_always_called:
            return run()
        try:
            return run()
        except Exception:
            self._run_always_called(called, args, kwargs, result)
            raise

    def _run_forward_pre_hooks(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        hooks = [(hook, False) for hook in global_forward_pre_hooks.values()]
        hooks += [
            (hook, key in self._forward_pre_hooks_with_kwargs)
            for key, hook in self._forward_pre_hooks.items()
        ]
        for hook, with_kwargs in hooks:
            if with_kwargs:
                changed = hook(self, args, kwargs)
                if changed is None:
                    continue
                if not (isinstance(changed, tuple) and len(changed) == 2):
                    raise RuntimeError(
                        "[forward_pre_hook] forward pre-hook must return None or a "
                        f"tuple of (new_args, new_kwargs), but got {changed}."
                    )
                args, kwargs = changed
            else:
                changed = hook(self, args)
                if changed is not None:
                    args = changed if isinstance(changed, tuple) else (changed,)
        return args, kwargs

    def _forward_hook_list(self) -> list[tuple[int, Hook, bool]]:
        hooks = [
            (key, hook, key in _global_with_kwargs)
            for key, hook in global_forward_hooks.items()
        ]
        hooks += [
            (key, hook, key in self._forward_hooks_with_kwargs)
            for key, hook in self._forward_hooks.items()
        ]
        return hooks

    def _run_always_called(
        self,
        called: set[int],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        result: Any,
    ) -> None:
        # forward failed: the caller sees that error, so one of a hook is only a
        # warning.
        for key, hook, with_kwargs in self._forward_hook_list():
            asked = key in self._forward_hooks_always_called
            if key in called or not (asked or key in _global_always_called):
                continue
            try:
                if with_kwargs:
                    hook(self, args, kwargs, result)
                else:
                    hook(self, args, result)
            except Exception as error:
                warnings.warn(
                    "forward hook with ``always_call=True`` raised an exception that "
                    f"was silenced as another error was raised in forward: {error}",
                    stacklevel=3,
                )

    def _backward_hook_lists(self) -> tuple[list[Hook], list[Hook], list[Hook]]:
        pre = [*global_backward_pre_hooks.values(), *self._backward_pre_hooks.values()]
        full = list(global_backward_hooks.values())
        simple: list[Hook] = []
        if self._is_full_backward_hook is False:
            simple = list(self._backward_hooks.values())
        else:
            full += self._backward_hooks.values()
        return pre, full, simple


def _insert(table: OrderedDict[int, Hook], key: int, hook: Hook, first: bool) -> None:
    table[key] = hook
    if first:
        table.move_to_end(key, last=False)


class _GradientHooks:
    """One call of a module with full backward hooks.

    Identity operations around the inputs and outputs give the gradients a place
    where all of them have arrived.
    """

    def __init__(self, module: Any, hooks: list[Hook], pre_hooks: list[Hook]) -> None:
        self.module = module
        self.hooks = hooks
        self.pre_hooks = pre_hooks
        self.grad_outputs: tuple[Any, ...] | None = None
        self.n_inputs = -1
        self.input_positions: list[int] | None = None
        self.n_outputs = -1
        self.output_positions: list[int] = []

    def watch_inputs(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        wrapped, positions, node = _through_identity(args)
        self.n_inputs = len(args)
        if node is not None:
            self.input_positions = positions
            node.register_hook(self._on_inputs)
        return wrapped

    def watch_outputs(self, result: Any) -> Any:
        single = not isinstance(result, tuple)
        outputs = (result,) if single else result
        wrapped, positions, node = _through_identity(outputs)
        if node is not None:
            self.n_outputs = len(outputs)
            self.output_positions = positions
            node.register_prehook(self._on_outputs)
        return wrapped[0] if single else wrapped

    def _on_outputs(self, grads: tuple[Any, ...]) -> tuple[Any, ...]:
        self.grad_outputs = _spread(grads, self.output_positions, self.n_outputs)
        for hook in self.pre_hooks:
            changed = hook(self.module, self.grad_outputs)
            if changed is None:
                continue
            changed = changed if isinstance(changed, tuple) else (changed,)
            if len(changed) != self.n_outputs:
                raise RuntimeError(
                    "[backward_pre_hook] Backward pre hook returned an invalid number "
                    f"of grad_output, got {len(changed)}, but expected "
                    f"{self.n_outputs}. Return one gradient for each output."
                )
            self.grad_outputs = changed
        passed_on = tuple(self.grad_outputs[i] for i in self.output_positions)
        if self.input_positions is None:
            # No input has a gradient, so there is nothing to wait for.
            for hook in self.hooks:
                changed = hook(
                    self.module, (None,) * max(self.n_inputs, 0), self.grad_outputs
                )
                if changed is not None and not _all_none(changed):
                    raise RuntimeError(
                        "[backward_hook] Backward hook for Modules where no input "
                        "requires gradient should always return None or None for all "
                        "gradients."
                    )
            self.grad_outputs = None
        return passed_on

    def _on_inputs(
        self, grad_inputs: tuple[Any, ...], _grad_outputs: tuple[Any, ...]
    ) -> tuple[Any, ...] | None:
        if self.grad_outputs is None:
            raise RuntimeError(
                "[backward_hook] Module backward hook for grad_input is called before "
                "the grad_output one. This happens because the gradient in your "
                "nn.Module flows to the Module's input without passing through the "
                "Module's output. Make sure that the output depends on the input and "
                "that the loss is computed based on the output."
            )
        assert self.input_positions is not None
        grads = _spread(grad_inputs, self.input_positions, self.n_inputs)
        for hook in self.hooks:
            changed = hook(self.module, grads, self.grad_outputs)
            if changed is None:
                continue
            changed = changed if isinstance(changed, tuple) else (changed,)
            if len(changed) != len(grads):
                raise RuntimeError(
                    "[backward_hook] Backward hook returned an invalid number of "
                    f"grad_input, got {len(changed)}, but expected {len(grads)}. "
                    "Return one gradient for each input."
                )
            grads = changed
        self.grad_outputs = None
        return tuple(grads[i] for i in self.input_positions)


def _through_identity(
    values: tuple[Any, ...],
) -> tuple[tuple[Any, ...], list[int], Any]:
    positions = [i for i, v in enumerate(values) if isinstance(v, Tensor)]
    if not derivo.is_grad_enabled() or not any(
        values[i].requires_grad for i in positions
    ):
        return values, [], None
    passed = _identity_function().apply(*(values[i] for i in positions))
    passed = passed if isinstance(passed, tuple) else (passed,)
    node = next(t.grad_fn for t in passed if t.grad_fn is not None)
    wrapped = list(values)
    for i, tensor in zip(positions, passed, strict=True):
        wrapped[i] = tensor
    # A named tuple is rebuilt from its fields.
    kind = type(values)
    rebuilt = kind(*wrapped) if hasattr(values, "_fields") else tuple(wrapped)
    return rebuilt, positions, node


_identity: Any = None


def _identity_function() -> Any:
    # Made at the first use: derivo.autograd is not there yet while nn is imported.
    global _identity
    if _identity is None:

        class BackwardHookFunction(derivo.autograd.Function):
            """Pass tensors and gradients through; a place for hooks."""

            @staticmethod
            def forward(ctx: Any, *args: Any) -> Any:
                ctx.mark_non_differentiable(*(a for a in args if not a.requires_grad))
                return args

            @staticmethod
            def backward(ctx: Any, *grads: Any) -> Any:
                return grads

        _identity = BackwardHookFunction
    return _identity


def _spread(grads: tuple[Any, ...], positions: list[int], n: int) -> tuple[Any, ...]:
    full: list[Any] = [None] * n
    for i, grad in zip(positions, grads, strict=False):
        full[i] = grad
    return tuple(full)


def _all_none(value: Any) -> bool:
    return isinstance(value, tuple) and all(v is None for v in value)


def _watch_last_operation(
    module: Any, args: tuple[Any, ...], result: Any, hooks: list[Hook]
) -> None:
    found = result
    while not isinstance(found, Tensor):
        if isinstance(found, dict):
            found = next((v for v in found.values() if isinstance(v, Tensor)), None)
        elif isinstance(found, (tuple, list)) and found:
            found = found[0]
        else:
            return
        if found is None:
            return
    node = found.grad_fn
    if node is None:
        return
    if not (
        isinstance(result, Tensor) and all(isinstance(a, Tensor) for a in args)
    ) or len(args) != len(node.next_functions):
        warnings.warn(
            "Using a non-full backward hook when the forward contains multiple "
            "autograd Nodes is deprecated and will be removed in future versions. This "
            "hook will be missing some grad_input. Please use "
            "register_full_backward_hook to get the documented behavior.",
            FutureWarning,
            stacklevel=3,
        )
    for hook in hooks:
        node.register_hook(lambda gi, go, hook=hook: hook(module, gi, go))


# -- hooks for all modules -----------------------------------------------------


def register_module_forward_pre_hook(hook: Hook) -> RemovableHandle:
    """Call ``hook(module, args)`` before the forward of every module.

    Examples
    --------
    >>> import derivo as torch
    >>> from derivo.nn.modules.module import register_module_forward_pre_hook
    >>> seen = []
    >>> handle = register_module_forward_pre_hook(lambda m, args: seen.append(m))
    >>> _ = torch.nn.Identity()(torch.ones(1))
    >>> handle.remove()
    >>> seen
    [Identity()]
    """
    handle = RemovableHandle(global_forward_pre_hooks)
    global_forward_pre_hooks[handle.id] = hook
    return handle


def register_module_forward_hook(
    hook: Hook, *, with_kwargs: bool = False, always_call: bool = False
) -> RemovableHandle:
    """Call ``hook(module, args, output)`` after the forward of every module.

    Examples
    --------
    >>> import derivo as torch
    >>> from derivo.nn.modules.module import register_module_forward_hook
    >>> handle = register_module_forward_hook(lambda m, args, out: out * 3)
    >>> torch.nn.Identity()(torch.ones(1))
    tensor([3.])
    >>> handle.remove()
    """
    handle = RemovableHandle(
        global_forward_hooks, extra=(_global_with_kwargs, _global_always_called)
    )
    global_forward_hooks[handle.id] = hook
    if with_kwargs:
        _global_with_kwargs[handle.id] = True
    if always_call:
        _global_always_called[handle.id] = True
    return handle


def register_module_full_backward_pre_hook(hook: Hook) -> RemovableHandle:
    """Call ``hook(module, grad_output)`` before the backward of every module.

    Examples
    --------
    >>> import derivo as torch
    >>> from derivo.nn.modules import module
    >>> handle = module.register_module_full_backward_pre_hook(lambda m, g: None)
    >>> handle.remove()
    """
    handle = RemovableHandle(global_backward_pre_hooks)
    global_backward_pre_hooks[handle.id] = hook
    return handle


def register_module_full_backward_hook(hook: Hook) -> RemovableHandle:
    """Call ``hook(module, grad_input, grad_output)`` in every module's backward.

    Examples
    --------
    >>> import derivo as torch
    >>> from derivo.nn.modules import module
    >>> handle = module.register_module_full_backward_hook(lambda m, gi, go: None)
    >>> handle.remove()
    """
    handle = RemovableHandle(global_backward_hooks)
    global_backward_hooks[handle.id] = hook
    return handle
