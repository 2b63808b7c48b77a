"""`Module`: the base of layers and models."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import derivo
from derivo._core.module import find_registered
from derivo.nn.modules._hooks import (
    register_module_forward_hook,
    register_module_forward_pre_hook,
    register_module_full_backward_hook,
    register_module_full_backward_pre_hook,
)
from derivo.nn.modules._state import StatefulModule
from derivo.nn.parameter import Buffer, Parameter, is_parameter
from derivo.tensor import Tensor

__all__ = [
    "Module",
    "register_module_forward_hook",
    "register_module_forward_pre_hook",
    "register_module_full_backward_hook",
    "register_module_full_backward_pre_hook",
]

M = TypeVar("M", bound="Module")


def _type_name(value: object) -> str:
    named = getattr(value, "type", None)
    if isinstance(value, Tensor) and callable(named):
        return str(named())
    cls = type(value)
    module = cls.__module__
    return cls.__qualname__ if module == "builtins" else f"{module}.{cls.__qualname__}"


class Module(StatefulModule):
    """Base of all layers and models.

    A subclass calls ``super().__init__()``, assigns parameters and submodules as
    attributes, and defines `forward`. Assigning registers: a `Parameter` becomes a
    parameter, a `Module` a submodule, a `Buffer` a buffer.

    Attributes
    ----------
    training : bool
        Whether the module is in training mode (see `train` and `eval`).

    Examples
    --------
    >>> import derivo as torch
    >>> class Line(torch.nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.slope = torch.nn.Parameter(torch.tensor(2.0))
    ...
    ...     def forward(self, x):
    ...         return self.slope * x
    >>> line = Line()
    >>> line(torch.tensor(3.0)).backward()
    >>> line.slope.grad
    tensor(3.)
    """

    training: bool
    # Set by subclasses that hand constructor arguments on to a further base class.
    call_super_init: bool = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not self.call_super_init:
            if kwargs:
                raise TypeError(
                    f"{type(self).__name__}.__init__() got an unexpected keyword "
                    f"argument '{next(iter(kwargs))}'"
                )
            if args:
                raise TypeError(
                    f"{type(self).__name__}.__init__() takes 1 positional argument but "
                    f"{len(args) + 1} were given"
                )
        own = self.__dict__
        own["training"] = True
        own["_parameters"] = {}
        own["_buffers"] = {}
        own["_non_persistent_buffers_set"] = set()
        own["_backward_pre_hooks"] = OrderedDict()
        own["_backward_hooks"] = OrderedDict()
        own["_is_full_backward_hook"] = None
        own["_forward_hooks"] = OrderedDict()
        own["_forward_hooks_with_kwargs"] = OrderedDict()
        own["_forward_hooks_always_called"] = OrderedDict()
        own["_forward_pre_hooks"] = OrderedDict()
        own["_forward_pre_hooks_with_kwargs"] = OrderedDict()
        own["_state_dict_hooks"] = OrderedDict()
        own["_state_dict_pre_hooks"] = OrderedDict()
        own["_load_state_dict_pre_hooks"] = OrderedDict()
        own["_load_state_dict_post_hooks"] = OrderedDict()
        own["_modules"] = {}
        if self.call_super_init:
            super().__init__(*args, **kwargs)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # A class with its own __getattr__ ends it with super().__getattr__(name).
        # It is not there from the start because every class below one that has it
        # gets Python's slower attribute protocol.
        if "__getattr__" in cls.__dict__ and "__getattr__" not in Module.__dict__:
            Module.__getattr__ = find_registered  # type: ignore[method-assign]

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the output; every subclass defines it."""
        raise NotImplementedError(
            f'Module [{type(self).__name__}] is missing the required "forward" function'
        )

    # -- registering -----------------------------------------------------------

    def _check_name(self, name: Any, kind: str, table: str) -> None:
        if table not in self.__dict__:
            raise AttributeError(
                f"cannot assign {kind} before Module.__init__() call: start __init__ "
                "with super().__init__()"
            )
        if not isinstance(name, str):
            raise TypeError(f"{kind} name should be a string. Got {_type_name(name)}")
        if "." in name:
            raise KeyError(f'{kind} name can\'t contain ".", got: {name}')
        if name == "":
            raise KeyError(f'{kind} name can\'t be empty string ""')
        if hasattr(self, name) and name not in self.__dict__[table]:
            raise KeyError(f"attribute '{name}' already exists")

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter under `name`.

        Parameters
        ----------
        name : str
            Not empty, without a dot, not the name of an attribute.
        param : Parameter or None
            None keeps the name: it is then left out of `parameters` and
            `state_dict`.

        Raises
        ------
        TypeError
            If `param` is not a Parameter.
        KeyError
            If the name cannot be used.
        ValueError
            If `param` was computed from other tensors.

        Examples
        --------
        >>> import derivo as torch
        >>> m = torch.nn.Module()
        >>> m.register_parameter("scale", torch.nn.Parameter(torch.ones(1)))
        >>> [name for name, _ in m.named_parameters()]
        ['scale']
        """
        self._check_name(name, "parameter", "_parameters")
        if param is None:
            self._parameters[name] = None
            return
        if not isinstance(param, Parameter):
            raise TypeError(
                f"cannot assign '{_type_name(param)}' object to parameter '{name}' "
                "(torch.nn.Parameter or None required): wrap it in nn.Parameter"
            )
        if param.grad_fn is not None:
            raise ValueError(
                f"Cannot assign non-leaf Tensor to parameter '{name}'. Model "
                "parameters must be created explicitly. To express a parameter as a "
                "function of another Tensor, compute the value in the forward() method."
            )
        self._parameters[name] = param

    def register_buffer(
        self, name: str, tensor: Tensor | None, persistent: bool = True
    ) -> None:
        """Add a tensor that belongs to the state but is not learned.

        Parameters
        ----------
        name : str
            Not empty, without a dot, not the name of an attribute.
        tensor : Tensor of any shape and dtype, or None
            None keeps the name.
        persistent : bool, optional
            Whether it is part of `state_dict`.

        Raises
        ------
        TypeError
            If `tensor` is not a Tensor.
        KeyError
            If the name cannot be used.

        Examples
        --------
        >>> import derivo as torch
        >>> m = torch.nn.Module()
        >>> m.register_buffer("mean", torch.zeros(3))
        >>> m.mean
        tensor([0., 0., 0.])
        """
        self._check_name(name, "buffer", "_buffers")
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"cannot assign '{_type_name(tensor)}' object to buffer '{name}' "
                "(torch Tensor or None required)"
            )
        self._buffers[name] = tensor
        if persistent:
            self._non_persistent_buffers_set.discard(name)
        else:
            self._non_persistent_buffers_set.add(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Add a submodule under `name`.

        Parameters
        ----------
        name : str
            Not empty, without a dot, not the name of an attribute.
        module : Module or None
            None keeps the name.

        Raises
        ------
        TypeError
            If `module` is not a Module.
        KeyError
            If the name cannot be used.

        Examples
        --------
        >>> import derivo as torch
        >>> m = torch.nn.Module()
        >>> m.add_module("act", torch.nn.ReLU())
        >>> m.act
        ReLU()
        """
        if not isinstance(module, Module) and module is not None:
            raise TypeError(f"{_type_name(module)} is not a Module subclass")
        self._check_name(name, "module", "_modules")
        self._modules[name] = module

    def register_module(self, name: str, module: Module | None) -> None:
        """Add a submodule under `name`; the same as `add_module`."""
        self.add_module(name, module)

    # -- attributes ------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        own = self.__dict__
        tables = ("_parameters", "_buffers", "_modules")
        if isinstance(value, Parameter):
            if "_parameters" not in own:
                raise AttributeError(
                    "cannot assign parameters before Module.__init__() call: start "
                    "__init__ with super().__init__()"
                )
            self._forget(name, keep="_parameters")
            self.register_parameter(name, value)
            return
        if isinstance(value, Module):
            if "_modules" not in own:
                raise AttributeError(
                    "cannot assign module before Module.__init__() call: start "
                    "__init__ with super().__init__()"
                )
            self._forget(name, keep="_modules")
            self._modules[name] = value
            return
        for table in tables:
            if table in own and name in own[table]:
                self._replace(table, name, value)
                return
        if isinstance(value, Buffer):
            self._forget(name, keep="_buffers")
            self.register_buffer(name, value, value.persistent)
            return
        object.__setattr__(self, name, value)

    def _replace(self, table: str, name: str, value: Any) -> None:
        # The name is registered, and `value` is neither Parameter nor Module.
        if value is None:
            self.__dict__[table][name] = None
        elif table == "_parameters":
            raise TypeError(
                f"cannot assign '{_type_name(value)}' as parameter '{name}' "
                "(torch.nn.Parameter or None expected): to change its values, use "
                "no_grad() and copy_()"
            )
        elif table == "_modules":
            raise TypeError(
                f"cannot assign '{_type_name(value)}' as child module '{name}' "
                "(torch.nn.Module or None expected)"
            )
        elif isinstance(value, Tensor):
            self._buffers[name] = value
            if isinstance(value, Buffer):
                if value.persistent:
                    self._non_persistent_buffers_set.discard(name)
                else:
                    self._non_persistent_buffers_set.add(name)
        else:
            raise TypeError(
                f"cannot assign '{_type_name(value)}' as buffer '{name}' "
                "(torch.nn.Buffer, torch.Tensor or None expected)"
            )

    def _forget(self, name: str, keep: str) -> None:
        own = self.__dict__
        own.pop(name, None)
        for table in ("_parameters", "_buffers", "_modules"):
            if table != keep and table in own:
                own[table].pop(name, None)
        if keep != "_buffers":
            own["_non_persistent_buffers_set"].discard(name)

    def __delattr__(self, name: str) -> None:
        own = self.__dict__
        for table in ("_parameters", "_buffers", "_modules"):
            if name in own.get(table, ()):
                del own[table][name]
                if table == "_buffers":
                    self._non_persistent_buffers_set.discard(name)
                return
        object.__delattr__(self, name)

    def __dir__(self) -> list[str]:
        names = {*dir(type(self)), *self.__dict__}
        for table in ("_parameters", "_modules", "_buffers"):
            names.update(self.__dict__.get(table, ()))
        # Names that cannot be attributes ("0" of a Sequential) do not complete.
        return sorted(name for name in names if not name[:1].isdigit())

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        # State written by an older version may lack what came later.
        for name in (
            "_forward_pre_hooks",
            "_forward_pre_hooks_with_kwargs",
            "_forward_hooks",
            "_forward_hooks_with_kwargs",
            "_forward_hooks_always_called",
            "_backward_hooks",
            "_backward_pre_hooks",
            "_state_dict_hooks",
            "_state_dict_pre_hooks",
            "_load_state_dict_pre_hooks",
            "_load_state_dict_post_hooks",
        ):
            self.__dict__.setdefault(name, OrderedDict())
        self.__dict__.setdefault("_non_persistent_buffers_set", set())
        self.__dict__.setdefault("_is_full_backward_hook", None)

    # -- finding by dotted name ------------------------------------------------

    def get_submodule(self, target: str) -> Module:
        """Return the submodule with the dotted name `target`; "" is the module itself.

        Raises
        ------
        AttributeError
            If there is none, or something on the way is not a Module.

        Examples
        --------
        >>> import derivo as torch
        >>> m = torch.nn.Sequential(torch.nn.Sequential(torch.nn.ReLU()))
        >>> m.get_submodule("0.0")
        ReLU()
        """
        found: Any = self
        for name in target.split(".") if target else ():
            if not hasattr(found, name):
                raise AttributeError(f"{found._get_name()} has no attribute `{name}`")
            found = getattr(found, name)
            if not isinstance(found, Module):
                raise AttributeError(f"`{name}` is not an nn.Module")
        return found

    def set_submodule(self, target: str, module: Module, strict: bool = False) -> None:
        """Replace (or, unless `strict`, add) the submodule with the dotted name.

        Raises
        ------
        ValueError
            If `target` is empty or `module` is not a Module.
        AttributeError
            If something on the way is missing or not a Module.

        Examples
        --------
        >>> import derivo as torch
        >>> m = torch.nn.Sequential(torch.nn.ReLU())
        >>> m.set_submodule("0", torch.nn.Tanh())
        >>> m[0]
        Tanh()
        """
        if target == "":
            raise ValueError("Cannot set the submodule without a target name!")
        if not isinstance(module, Module):
            raise ValueError(f"`module` is not an nn.Module, found {type(module)}")
        above, _, name = target.rpartition(".")
        parent = self.get_submodule(above)
        if strict and not hasattr(parent, name):
            raise AttributeError(f"{parent._get_name()} has no attribute `{name}`")
        if hasattr(parent, name) and not isinstance(getattr(parent, name), Module):
            raise AttributeError(f"`{name}` is not an nn.Module")
        setattr(parent, name, module)

    def get_parameter(self, target: str) -> Parameter:
        """Return the parameter with the dotted name `target`.

        Raises
        ------
        AttributeError
            If there is none, or the name is of something else.
        """
        above, _, name = target.rpartition(".")
        module = self.get_submodule(above)
        if not hasattr(module, name):
            raise AttributeError(f"{module._get_name()} has no attribute `{name}`")
        found = getattr(module, name)
        if not is_parameter(found):
            raise AttributeError(f"`{name}` is not an nn.Parameter")
        return found

    def get_buffer(self, target: str) -> Tensor:
        """Return the buffer with the dotted name `target`.

        Raises
        ------
        AttributeError
            If there is none, or the name is of something else.
        """
        above, _, name = target.rpartition(".")
        module = self.get_submodule(above)
        if not hasattr(module, name):
            raise AttributeError(f"{module._get_name()} has no attribute `{name}`")
        if name not in module._buffers:
            raise AttributeError(f"`{name}` is not a buffer")
        return getattr(module, name)

    # -- walking ---------------------------------------------------------------

    def named_modules(
        self,
        memo: set[Module] | None = None,
        prefix: str = "",
        remove_duplicate: bool = True,
    ) -> Iterator[tuple[str, Module]]:
        """Yield this module and all below it with their dotted names.

        Parameters
        ----------
        memo : set of Module, optional
            Modules to leave out; those yielded are added.
        prefix : str, optional
            Put before every name.
        remove_duplicate : bool, optional
            Yield a module that is used in several places once.
        """
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                below = prefix + ("." if prefix else "") + name
                yield from module.named_modules(memo, below, remove_duplicate)

    def modules(self, remove_duplicate: bool = True) -> Iterator[Module]:
        """Yield this module and all below it, each once."""
        for _, module in self.named_modules(remove_duplicate=remove_duplicate):
            yield module

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Yield the direct submodules with their names, each once."""
        seen = set()
        for name, module in self._modules.items():
            if module is not None and module not in seen:
                seen.add(module)
                yield name, module

    def children(self) -> Iterator[Module]:
        """Yield the direct submodules, each once."""
        for _, module in self.named_children():
            yield module

    def _named_members(
        self,
        get_members_fn: Callable[[Module], Any],
        prefix: str = "",
        recurse: bool = True,
        remove_duplicate: bool = True,
    ) -> Iterator[tuple[str, Any]]:
        seen = set()
        modules = (
            self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
            if recurse
            else [(prefix, self)]
        )
        for path, module in modules:
            for name, member in get_members_fn(module):
                if member is None or (remove_duplicate and member in seen):
                    continue
                if remove_duplicate:
                    seen.add(member)
                yield path + ("." if path else "") + name, member

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Yield the parameters with their dotted names.

        Parameters
        ----------
        prefix : str, optional
            Put before every name.
        recurse : bool, optional
            Include those of submodules.
        remove_duplicate : bool, optional
            Yield a shared parameter once.

        Examples
        --------
        >>> import derivo as torch
        >>> model = torch.nn.Sequential(torch.nn.Linear(1, 1))
        >>> [name for name, _ in model.named_parameters()]
        ['0.weight', '0.bias']
        """
        yield from self._named_members(
            lambda module: module._parameters.items(), prefix, recurse, remove_duplicate
        )

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Yield the parameters, each once; what an optimizer is given.

        Parameters
        ----------
        recurse : bool, optional
            Include those of submodules.
        """
        for _, param in self.named_parameters(recurse=recurse):
            yield param

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Yield the buffers with their dotted names; see `named_parameters`."""
        yield from self._named_members(
            lambda module: module._buffers.items(), prefix, recurse, remove_duplicate
        )

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Yield the buffers, each once."""
        for _, buffer in self.named_buffers(recurse=recurse):
            yield buffer

    # -- changing all of them --------------------------------------------------

    def apply(self: M, fn: Callable[[Module], Any]) -> M:
        """Call `fn` on every submodule, then on this module, and return it.

        Examples
        --------
        >>> import derivo as torch
        >>> def fill(m):
        ...     if isinstance(m, torch.nn.Linear):
        ...         m.weight.data.fill_(1.0)
        >>> torch.nn.Sequential(torch.nn.Linear(1, 1)).apply(fill)[0].weight
        Parameter containing:
        tensor([[1.]], requires_grad=True)
        """
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def _apply(self: M, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> M:
        if recurse:
            for module in self.children():
                module._apply(fn)
        for param in self._parameters.values():
            if param is None:
                continue
            # Through .data: the parameter stays the same object, so optimizers and
            # tied weights keep pointing at it.
            with derivo.no_grad():
                param.data = fn(param.data)
                if param.grad is not None:
                    needs = param.grad.requires_grad
                    param.grad = fn(param.grad.detach()).requires_grad_(needs)
        for name, buffer in self._buffers.items():
            if buffer is not None:
                self._buffers[name] = fn(buffer)
        return self

    def to(self: M, *args: Any, **kwargs: Any) -> M:
        """Change dtype (floating parameters and buffers) or device, in place.

        Called as ``to(dtype)``, ``to(device, dtype)`` or ``to(tensor)``, with the
        keywords `device`, `dtype`, `non_blocking` and `copy`.

        Returns
        -------
        Module
            This module.

        Raises
        ------
        TypeError
            If the dtype is not floating or complex.

        Examples
        --------
        >>> import derivo as torch
        >>> torch.nn.Linear(1, 1).to(torch.float64).weight.dtype
        torch.float64
        """
        device, dtype = _parse_to(args, kwargs)
        if dtype is not None and not (dtype.is_floating_point or dtype.is_complex):
            raise TypeError(
                "[Module.to] nn.Module.to only accepts floating point or complex "
                f"dtypes, but got desired dtype={dtype}"
            )

        def convert(tensor: Tensor) -> Tensor:
            wanted = (
                dtype if tensor.is_floating_point() or tensor.is_complex() else None
            )
            if device is not None:
                tensor = tensor.to(device)
            return tensor if wanted is None else tensor.to(wanted)

        return self._apply(convert)

    def type(self: M, dst_type: Any) -> M:
        """Convert all parameters and buffers to `dst_type`, integers too."""
        return self._apply(lambda tensor: tensor.type(dst_type))

    def _floating_to(self: M, dtype: Any) -> M:
        return self._apply(lambda t: t.to(dtype) if t.is_floating_point() else t)

    def float(self: M) -> M:
        """Convert floating parameters and buffers to float32."""
        return self._floating_to(derivo.float32)

    def double(self: M) -> M:
        """Convert floating parameters and buffers to float64."""
        return self._floating_to(derivo.float64)

    def half(self: M) -> M:
        """Convert floating parameters and buffers to float16."""
        return self._floating_to(derivo.float16)

    def bfloat16(self: M) -> M:
        """Convert floating parameters and buffers to bfloat16."""
        return self._floating_to(derivo.bfloat16)

    def cpu(self: M) -> M:
        """Move to the CPU, where everything already is."""
        return self._apply(lambda tensor: tensor.cpu())

    def train(self: M, mode: bool = True) -> M:
        """Set training mode here and below; matters to dropout and batch norm.

        Raises
        ------
        ValueError
            If `mode` is not a bool.
        """
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self: M) -> M:
        """Set evaluation mode: ``train(False)``."""
        return self.train(False)

    def requires_grad_(self: M, requires_grad: bool = True) -> M:
        """Set whether the parameters record gradients."""
        for param in self.parameters():
            param.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters.

        Parameters
        ----------
        set_to_none : bool, optional
            Drop them; with False they are filled with zeros instead.
        """
        for param in self.parameters():
            if param.grad is None:
                continue
            if set_to_none:
                param.grad = None
            else:
                if param.grad.grad_fn is not None:
                    param.grad.detach_()
                else:
                    param.grad.requires_grad_(False)
                param.grad.zero_()

    # -- printing --------------------------------------------------------------

    def _get_name(self) -> str:
        return type(self).__name__

    def extra_repr(self) -> str:
        """Return what goes between the brackets when the module is printed."""
        return ""

    def __repr__(self) -> str:
        described = self.extra_repr()
        extra = described.split("\n") if described else []
        below = [
            f"({name}): " + _indent(repr(module))
            for name, module in self._modules.items()
        ]
        lines = extra + below
        if not lines:
            return f"{self._get_name()}()"
        if len(extra) == 1 and not below:
            return f"{self._get_name()}({extra[0]})"
        return f"{self._get_name()}(\n  " + "\n  ".join(lines) + "\n)"


def _indent(text: str) -> str:
    first, *rest = text.split("\n")
    return "\n".join([first, *("  " + line for line in rest)])


def _parse_to(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any]:
    known = {"device", "dtype", "tensor", "non_blocking", "copy", "memory_format"}
    unknown = set(kwargs) - known
    if unknown:
        raise TypeError(
            f"[Module.to] to() received an invalid combination of arguments: unknown "
            f"keyword {sorted(unknown)[0]!r}, expected one of {sorted(known)}"
        )
    device, dtype = kwargs.get("device"), kwargs.get("dtype")
    like = kwargs.get("tensor")
    for arg in args:
        if isinstance(arg, derivo.dtype):
            dtype = arg
        elif isinstance(arg, Tensor):
            like = arg
        elif isinstance(arg, bool):
            continue  # non_blocking and copy: there is only one memory to copy to
        elif isinstance(arg, (str, derivo.device)):
            device = arg
        elif arg is not None:
            raise TypeError(
                "[Module.to] to() received an invalid combination of arguments: "
                f"expected a dtype, device or Tensor, got {type(arg).__name__}"
            )
    if like is not None:
        device, dtype = like.device, like.dtype
    if dtype is not None and not isinstance(dtype, derivo.dtype):
        raise TypeError(f"[Module.to] dtype must be a torch.dtype, got {dtype!r}")
    return (derivo.device(device) if device is not None else None), dtype
