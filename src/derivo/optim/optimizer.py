"""`Optimizer`: groups of parameters, their state, saving it and loading it."""

from __future__ import annotations

import warnings
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from copy import deepcopy
from functools import wraps
from itertools import chain
from typing import Any

import derivo
from derivo._core.optim import drop_gradients
from derivo.nn.modules._handles import RemovableHandle
from derivo.tensor import Tensor

__all__ = [
    "Optimizer",
    "register_optimizer_step_post_hook",
    "register_optimizer_step_pre_hook",
]

Hook = Callable[..., Any]
ParamsT = Iterable[Any]

_global_pre_hooks: OrderedDict[int, Hook] = OrderedDict()
_global_post_hooks: OrderedDict[int, Hook] = OrderedDict()


class _Required:
    def __repr__(self) -> str:
        return "<required parameter>"


required = _Required()


def register_optimizer_step_pre_hook(hook: Hook) -> RemovableHandle:
    """Call ``hook(optimizer, args, kwargs)`` before every step of every optimizer."""
    handle = RemovableHandle(_global_pre_hooks)
    _global_pre_hooks[handle.id] = hook
    return handle


def register_optimizer_step_post_hook(hook: Hook) -> RemovableHandle:
    """Call ``hook(optimizer, args, kwargs)`` after every step of every optimizer."""
    handle = RemovableHandle(_global_post_hooks)
    _global_post_hooks[handle.id] = hook
    return handle


def _with_hooks(step: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(step)
    def hooked(self: Optimizer, *args: Any, **kwargs: Any) -> Any:
        if not (
            self._optimizer_step_pre_hooks
            or self._optimizer_step_post_hooks
            or _global_pre_hooks
            or _global_post_hooks
        ):
            # Schedules ask whether there was a step before theirs.
            self._opt_called = True
            return step(self, *args, **kwargs)
        for hook in chain(
            _global_pre_hooks.values(), self._optimizer_step_pre_hooks.values()
        ):
            changed = hook(self, args, kwargs)
            if changed is None:
                continue
            if not (isinstance(changed, tuple) and len(changed) == 2):
                raise RuntimeError(
                    f"[Optimizer.step] {hook} must return None or a tuple of "
                    f"(new_args, new_kwargs), but got {changed}."
                )
            args, kwargs = changed
        self._opt_called = True
        out = step(self, *args, **kwargs)
        for hook in chain(
            self._optimizer_step_post_hooks.values(), _global_post_hooks.values()
        ):
            hook(self, args, kwargs)
        return out

    hooked.hooked = True  # type: ignore[attr-defined]
    return hooked


class Optimizer:
    """Base of all optimizers.

    Parameters
    ----------
    params : iterable of Tensor, of (str, Tensor) pairs, or of dict
        What to optimize. Each dict is a group: its "params", and options that
        override the defaults for them.
    defaults : dict
        Options of groups that do not say otherwise.

    Attributes
    ----------
    param_groups : list of dict
        The groups.
    state : dict of Tensor to dict
        What the optimizer remembers of each parameter.

    Raises
    ------
    TypeError
        If `params` is a tensor or holds something else than tensors.
    ValueError
        If there are no parameters, or one is in several groups.

    Examples
    --------
    >>> import derivo as torch
    >>> w = torch.tensor([1.0], requires_grad=True)
    >>> opt = torch.optim.SGD([w], lr=0.5)
    >>> (w * w).sum().backward()
    >>> opt.step()
    >>> w
    tensor([0.], requires_grad=True)
    """

    _opt_called: bool
    _optimizer_step_pre_hooks: dict[int, Callable[..., Any]]
    _optimizer_step_post_hooks: dict[int, Callable[..., Any]]
    _optimizer_state_dict_pre_hooks: dict[int, Callable[..., Any]]
    _optimizer_state_dict_post_hooks: dict[int, Callable[..., Any]]
    _optimizer_load_state_dict_pre_hooks: dict[int, Callable[..., Any]]
    _optimizer_load_state_dict_post_hooks: dict[int, Callable[..., Any]]

    def __init__(self, params: ParamsT, defaults: dict[str, Any]) -> None:
        self.defaults = defaults
        self._make_hooks()
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of "
                f"Tensors or dicts, but got {type(params).__name__}: put it in a list"
            )
        self.state: defaultdict[Any, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        groups = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        step = cls.__dict__.get("step")
        if step is not None and not getattr(step, "hooked", False):
            cls.step = _with_hooks(step)  # type: ignore[method-assign]

    def _make_hooks(self) -> None:
        for name in _HOOKS:
            self.__dict__.setdefault(name, OrderedDict())

    def __getstate__(self) -> dict[str, Any]:
        return {
            "defaults": self.defaults,
            "state": self.state,
            "param_groups": self.param_groups,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._make_hooks()
        self.defaults.setdefault("differentiable", False)

    def __repr__(self) -> str:
        lines = [type(self).__name__ + " ("]
        for i, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {i}")
            lines += [f"    {k}: {group[k]}" for k in sorted(group) if k != "params"]
        return "\n".join(lines) + "\n)"

    # -- groups ----------------------------------------------------------------

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add a group of parameters, for layers that are to be trained from now on.

        Parameters
        ----------
        param_group : dict
            "params", and options that override the defaults.

        Raises
        ------
        TypeError
            If it is not a dict, or holds something else than leaf tensors.
        ValueError
            If a required option is missing, or a parameter has a group already.
        """
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        params = param_group["params"]
        if isinstance(params, Tensor):
            params = [params]
        elif isinstance(params, set):
            raise TypeError(
                "optimizer parameters need to be organized in ordered collections, but "
                "the ordering of tensors in sets will change between runs. Please use "
                "a list instead."
            )
        params = list(params)
        if params and isinstance(params[0], tuple):
            param_group["param_names"] = [name for name, _ in params]
            params = [param for _, param in params]
        param_group["params"] = params
        for param in params:
            self._check_param(param)
        for name, default in self.defaults.items():
            if default is required and name not in param_group:
                raise ValueError(
                    "parameter group didn't specify a value of required optimization "
                    f"parameter {name}"
                )
            param_group.setdefault(name, default)
        if len(params) != len(set(map(id, params))):
            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters; in "
                "future, this will cause an error; see "
                "github.com/pytorch/pytorch/issues/40967 for more information",
                stacklevel=3,
            )
        known = {id(p) for group in self.param_groups for p in group["params"]}
        if any(id(p) in known for p in params):
            raise ValueError("some parameters appear in more than one parameter group")
        self.param_groups.append(param_group)

    def _check_param(self, param: Any) -> None:
        if not isinstance(param, Tensor):
            raise TypeError(
                "optimizer can only optimize Tensors, but one of the params is "
                f"{type(param).__name__}"
            )
        if not self.defaults.get("differentiable") and not (
            param.is_leaf or param.retains_grad
        ):
            raise ValueError("can't optimize a non-leaf Tensor")

    # -- stepping --------------------------------------------------------------

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters.

        Parameters
        ----------
        set_to_none : bool, optional
            Drop them; with False they are filled with zeros instead.
        """
        for group in self.param_groups:
            if set_to_none:
                drop_gradients(group["params"])
                continue
            for param in group["params"]:
                if param.grad is not None:
                    if param.grad.grad_fn is not None:
                        param.grad.detach_()
                    else:
                        param.grad.requires_grad_(False)
                    param.grad.zero_()

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update the parameters; every optimizer defines it.

        Parameters
        ----------
        closure : callable, optional
            Computes the loss and its gradients anew, and returns the loss.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define step()")

    # -- hooks -----------------------------------------------------------------

    def _add_hook(self, table: str, hook: Hook, prepend: bool = False) -> Any:
        hooks = getattr(self, table)
        handle = RemovableHandle(hooks)
        hooks[handle.id] = hook
        if prepend:
            hooks.move_to_end(handle.id, last=False)
        return handle

    def register_step_pre_hook(self, hook: Hook) -> RemovableHandle:
        """Call ``hook(optimizer, args, kwargs)`` before every step.

        It may return new ``(args, kwargs)``.
        """
        return self._add_hook("_optimizer_step_pre_hooks", hook)

    def register_step_post_hook(self, hook: Hook) -> RemovableHandle:
        """Call ``hook(optimizer, args, kwargs)`` after every step."""
        return self._add_hook("_optimizer_step_post_hooks", hook)

    def register_state_dict_pre_hook(
        self, hook: Hook, prepend: bool = False
    ) -> RemovableHandle:
        """Call ``hook(optimizer)`` before saving."""
        return self._add_hook("_optimizer_state_dict_pre_hooks", hook, prepend)

    def register_state_dict_post_hook(
        self, hook: Hook, prepend: bool = False
    ) -> RemovableHandle:
        """Call ``hook(optimizer, state_dict)`` after saving; it may replace it."""
        return self._add_hook("_optimizer_state_dict_post_hooks", hook, prepend)

    def register_load_state_dict_pre_hook(
        self, hook: Hook, prepend: bool = False
    ) -> RemovableHandle:
        """Call ``hook(optimizer, state_dict)`` before loading; it may replace it."""
        return self._add_hook("_optimizer_load_state_dict_pre_hooks", hook, prepend)

    def register_load_state_dict_post_hook(
        self, hook: Hook, prepend: bool = False
    ) -> RemovableHandle:
        """Call ``hook(optimizer)`` after loading."""
        return self._add_hook("_optimizer_load_state_dict_post_hooks", hook, prepend)

    # -- saving and loading ----------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """Return the state and the options, with parameters as numbers.

        Returns
        -------
        dict
            "state": by parameter number; "param_groups": options and numbers of the
            parameters of each group. Tensors are not copied.
        """
        for hook in self._optimizer_state_dict_pre_hooks.values():
            hook(self)
        numbers: dict[int, int] = {}
        groups = []
        for group in self.param_groups:
            for param in group["params"]:
                numbers.setdefault(id(param), len(numbers))
            packed = {k: v for k, v in group.items() if k != "params"}
            packed["params"] = [numbers[id(p)] for p in group["params"]]
            groups.append(packed)
        made = {
            "state": {
                (numbers[id(k)] if isinstance(k, Tensor) else k): v
                for k, v in self.state.items()
            },
            "param_groups": groups,
        }
        for hook in self._optimizer_state_dict_post_hooks.values():
            replaced = hook(self, made)
            if replaced is not None:
                made = replaced
        return made

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take back what `state_dict` returned.

        Parameters
        ----------
        state_dict : dict
            Of an optimizer with groups of the same sizes. State tensors are copied,
            and converted to the dtype of their parameter.

        Raises
        ------
        ValueError
            If the numbers of groups or of their parameters differ.
        """
        state_dict = state_dict.copy()
        for hook in self._optimizer_load_state_dict_pre_hooks.values():
            replaced = hook(self, state_dict)
            if replaced is not None:
                state_dict = replaced
        groups = self.param_groups
        saved = deepcopy(state_dict["param_groups"])
        if len(groups) != len(saved):
            raise ValueError(
                "loaded state dict has a different number of parameter groups: "
                f"expected {len(groups)}, got {len(saved)}"
            )
        if any(
            len(mine["params"]) != len(theirs["params"])
            for mine, theirs in zip(groups, saved, strict=True)
        ):
            raise ValueError(
                "loaded state dict contains a parameter group that doesn't match the "
                "size of optimizer's group"
            )
        params = dict(
            zip(
                chain.from_iterable(group["params"] for group in saved),
                chain.from_iterable(group["params"] for group in groups),
                strict=True,
            )
        )
        state: defaultdict[Any, dict[str, Any]] = defaultdict(dict)
        for key, value in state_dict["state"].items():
            if key in params:
                state[params[key]] = _copied(params[key], value)
            else:
                state[key] = value
        for mine, theirs in zip(groups, saved, strict=True):
            theirs["params"] = mine["params"]
            if "param_names" in mine and "param_names" not in theirs:
                theirs["param_names"] = mine["param_names"]
        self.__setstate__({"state": state, "param_groups": saved})
        for hook in self._optimizer_load_state_dict_post_hooks.values():
            hook(self)


def _copied(param: Tensor, value: Any, key: Any = None) -> Any:
    if isinstance(value, Tensor):
        # The step count stays float32 beside half-precision parameters.
        if key == "step" or not param.is_floating_point():
            return value.clone().detach()
        return value.detach().to(param.dtype).clone()
    if isinstance(value, dict):
        return {k: _copied(param, v, k) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_copied(param, v) for v in value)
    return value


_HOOKS = (
    "_optimizer_step_pre_hooks",
    "_optimizer_step_post_hooks",
    "_optimizer_state_dict_pre_hooks",
    "_optimizer_state_dict_post_hooks",
    "_optimizer_load_state_dict_pre_hooks",
    "_optimizer_load_state_dict_post_hooks",
)


def evaluate(closure: Callable[[], Any] | None) -> Any:
    """Call the closure of a step, with gradients on."""
    if closure is None:
        return None
    with derivo.enable_grad():
        return closure()


def check_options(op: str, **options: Any) -> None:
    """Refuse options that must not be negative.

    The names are those that PyTorch prints: "learning rate", "weight_decay value".
    """
    for name, value in options.items():
        if not value >= 0.0:
            words = {"lr": "learning rate", "eps": "epsilon value"}.get(
                name, f"{name} value"
            )
            raise ValueError(
                f"[{op}] Invalid {words}: {value}: expected a number that is not "
                "negative"
            )


def check_betas(op: str, betas: tuple[float, float]) -> None:
    """Refuse decay rates outside [0, 1)."""
    for i, beta in enumerate(betas):
        if not 0.0 <= beta < 1.0:
            raise ValueError(
                f"[{op}] Invalid beta parameter at index {i}: {beta}: expected "
                "0 <= beta < 1"
            )


def scalar_dtype() -> Any:
    """Dtype of step counts."""
    wide = derivo.get_default_dtype() == derivo.float64
    return derivo.float64 if wide else derivo.float32


def new_step() -> Tensor:
    """Return a step count of zero."""
    return derivo.tensor(0.0, dtype=scalar_dtype())


def is_complex(value: Any) -> bool:
    """Whether a value of the state is a complex tensor."""
    return isinstance(value, Tensor) and value.is_complex()


def reals(value: Any) -> Any:
    """View a complex tensor as real numbers; anything else is given back."""
    return derivo.view_as_real(value) if is_complex(value) else value


def zeros_of(param: Tensor) -> Tensor:
    """Return a state tensor beside `param`."""
    return derivo.zeros_like(param, requires_grad=False).detach()


def with_gradients(group: dict[str, Any]) -> list[tuple[Tensor, Tensor]]:
    """Parameters that have a gradient, with it (negated to maximize)."""
    sign = group.get("maximize", False)
    return [
        (p, -p.grad if sign else p.grad) for p in group["params"] if p.grad is not None
    ]


def fill_in(optimizer: Optimizer, **defaults: Any) -> None:
    """Add options that older saved groups lack, and make step counts tensors."""
    for group in optimizer.param_groups:
        for name, value in defaults.items():
            group.setdefault(name, value)
    for state in optimizer.state.values():
        step = state.get("step")
        if step is not None and not isinstance(step, Tensor):
            state["step"] = derivo.tensor(float(step), dtype=scalar_dtype())
