"""Saving and loading what a module holds: `state_dict` and `load_state_dict`."""

from __future__ import annotations

import weakref
from collections import OrderedDict, namedtuple
from collections.abc import Callable, Mapping
from typing import Any

import derivo
from derivo.nn.modules._handles import RemovableHandle
from derivo.nn.modules._hooks import HookedModule
from derivo.nn.parameter import Parameter, is_parameter
from derivo.tensor import Tensor

__all__ = ["StatefulModule"]

Hook = Callable[..., Any]
EXTRA_STATE = "_extra_state"


class IncompatibleKeys(
    namedtuple("IncompatibleKeys", ["missing_keys", "unexpected_keys"])
):
    """The keys that `load_state_dict` did not find, and those it has no place for."""

    __slots__ = ()

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return super().__repr__()

    __str__ = __repr__


class StatefulModule(HookedModule):
    """Reading and writing a module's state as a flat dictionary of tensors."""

    # Written beside the state; a class raises it when the names of its state change.
    _version: int = 1

    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _modules: dict[str, Any]
    _non_persistent_buffers_set: set[str]
    _state_dict_hooks: OrderedDict[int, Hook]
    _state_dict_pre_hooks: OrderedDict[int, Hook]
    _load_state_dict_pre_hooks: OrderedDict[int, Hook]
    _load_state_dict_post_hooks: OrderedDict[int, Hook]

    def get_extra_state(self) -> Any:
        """Return what else belongs to the state; override it with `set_extra_state`."""
        raise RuntimeError(
            "[get_extra_state] Reached a code path in Module.get_extra_state() that "
            "should never be called: override it together with set_extra_state."
        )

    def set_extra_state(self, state: Any) -> None:
        """Take back what `get_extra_state` returned."""
        raise RuntimeError(
            "[set_extra_state] Reached a code path in Module.set_extra_state() that "
            "should never be called: override it together with get_extra_state."
        )

    # -- saving ----------------------------------------------------------------

    def _save_to_state_dict(
        self, destination: dict[str, Any], prefix: str, keep_vars: bool
    ) -> None:
        for name, param in self._parameters.items():
            if param is not None:
                destination[prefix + name] = param if keep_vars else param.detach()
        for name, buffer in self._buffers.items():
            if buffer is not None and name not in self._non_persistent_buffers_set:
                destination[prefix + name] = buffer if keep_vars else buffer.detach()
        if type(self).get_extra_state is not StatefulModule.get_extra_state:
            destination[prefix + EXTRA_STATE] = self.get_extra_state()

    def state_dict(
        self,
        *args: Any,
        destination: Any = None,
        prefix: str = "",
        keep_vars: bool = False,
    ) -> Any:
        """Return all parameters and persistent buffers, by dotted name.

        Parameters
        ----------
        destination : dict, optional
            Written to instead of a new OrderedDict.
        prefix : str, optional
            Put before every name.
        keep_vars : bool, optional
            Keep the tensors themselves. Default: detached aliases of them, sharing
            memory.

        Returns
        -------
        dict of str to Tensor
            In the order of registration.

        Examples
        --------
        >>> import derivo as torch
        >>> list(torch.nn.Linear(2, 1).state_dict())
        ['weight', 'bias']
        """
        # Positional use is old, and still found.
        if args:
            destination = args[0] if destination is None else destination
            prefix = args[1] if len(args) > 1 and prefix == "" else prefix
            keep_vars = args[2] if len(args) > 2 and keep_vars is False else keep_vars
        if destination is None:
            destination = OrderedDict()
            destination._metadata = OrderedDict()
        metadata = {"version": self._version}
        if hasattr(destination, "_metadata"):
            destination._metadata[prefix[:-1]] = metadata
        for hook in self._state_dict_pre_hooks.values():
            hook(self, prefix, keep_vars)
        self._save_to_state_dict(destination, prefix, keep_vars)
        for name, module in self._modules.items():
            if module is not None:
                module.state_dict(
                    destination=destination,
                    prefix=prefix + name + ".",
                    keep_vars=keep_vars,
                )
        for hook in self._state_dict_hooks.values():
            replaced = hook(self, destination, prefix, metadata)
            if replaced is None:
                continue
            if getattr(hook, "_from_public_api", False):
                raise RuntimeError(
                    "[state_dict] state_dict post-hook must return None, got "
                    f"{type(replaced).__name__}. Change the dictionary in place."
                )
            destination = replaced
        return destination

    def _register_state_dict_hook(self, hook: Hook) -> RemovableHandle:
        if getattr(hook, "_from_public_api", False):
            raise RuntimeError(
                "[_register_state_dict_hook] Cannot register the same function as the "
                "state dict post hook that was previously registered via "
                "register_state_dict_post_hook."
            )
        handle = RemovableHandle(self._state_dict_hooks)
        self._state_dict_hooks[handle.id] = hook
        return handle

    def register_state_dict_post_hook(self, hook: Hook) -> RemovableHandle:
        """Call ``hook(module, state_dict, prefix, local_metadata)`` after saving.

        The hook changes the dictionary in place and returns None.
        """
        hook._from_public_api = True  # type: ignore[attr-defined]
        handle = RemovableHandle(self._state_dict_hooks)
        self._state_dict_hooks[handle.id] = hook
        return handle

    def register_state_dict_pre_hook(self, hook: Hook) -> RemovableHandle:
        """Call ``hook(module, prefix, keep_vars)`` before saving."""
        handle = RemovableHandle(self._state_dict_pre_hooks)
        self._state_dict_pre_hooks[handle.id] = hook
        return handle

    # -- loading ---------------------------------------------------------------

    def _register_load_state_dict_pre_hook(
        self, hook: Hook, with_module: bool = False
    ) -> RemovableHandle:
        handle = RemovableHandle(self._load_state_dict_pre_hooks)
        self._load_state_dict_pre_hooks[handle.id] = _WithModule(
            hook, self if with_module else None
        )
        return handle

    def register_load_state_dict_pre_hook(self, hook: Hook) -> RemovableHandle:
        """Call `hook` before this module's part of a state dict is loaded.

        It gets ``(module, state_dict, prefix, local_metadata, strict, missing_keys,
        unexpected_keys, error_msgs)`` and may change the dictionary in place.
        """
        return self._register_load_state_dict_pre_hook(hook, with_module=True)

    def register_load_state_dict_post_hook(self, hook: Hook) -> RemovableHandle:
        """Call ``hook(module, incompatible_keys)`` after loading.

        The hook may empty the two lists to accept a state dict that does not fit.
        """
        handle = RemovableHandle(self._load_state_dict_post_hooks)
        self._load_state_dict_post_hooks[handle.id] = hook
        return handle

    def _load_from_state_dict(
        self,
        state_dict: Mapping[str, Any],
        prefix: str,
        local_metadata: dict[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        for hook in self._load_state_dict_pre_hooks.values():
            hook(
                state_dict,
                prefix,
                local_metadata,
                strict,
                missing_keys,
                unexpected_keys,
                error_msgs,
            )
        assign = local_metadata.get("assign_to_params_buffers", False)
        own: dict[str, Tensor | None] = {**self._parameters}
        own.update(
            (name, buffer)
            for name, buffer in self._buffers.items()
            if name not in self._non_persistent_buffers_set
        )
        for name, target in own.items():
            if target is None:
                continue
            key = prefix + name
            if key not in state_dict:
                if strict:
                    missing_keys.append(key)
                continue
            problem = self._load_tensor(name, key, target, state_dict[key], assign)
            if problem:
                error_msgs.append(problem)
        self._load_extra_state(
            state_dict, prefix, strict, missing_keys, unexpected_keys
        )
        if strict:
            self._find_unexpected(state_dict, prefix, own, unexpected_keys)

    def _load_tensor(
        self, name: str, key: str, target: Tensor, value: Any, assign: bool
    ) -> str | None:
        if not isinstance(value, Tensor):
            return (
                f'While copying the parameter named "{key}", expected torch.Tensor or '
                "Tensor-like object from checkpoint but received "
                f"{type(value)}"
            )
        # A scalar and a vector of one element are the same state: old checkpoints
        # hold the latter.
        if target.dim() == 0 and value.dim() == 1 and len(value) == 1:
            value = value[0]
        if value.shape != target.shape:
            return (
                f"size mismatch for {key}: copying a param with shape {value.shape} "
                f"from checkpoint, the shape in current model is {target.shape}."
            )
        try:
            if assign:
                self._assign_loaded(name, target, value)
            else:
                with derivo.no_grad():
                    target.copy_(value)
        except Exception as error:
            action = "swapping" if assign else "copying"
            return (
                f'While {action} the parameter named "{key}", whose dimensions in the '
                f"model are {target.shape} and whose dimensions in the checkpoint are "
                f"{value.shape}, an exception occurred : {error.args}."
            )
        return None

    def _assign_loaded(self, name: str, target: Tensor, value: Tensor) -> None:
        if is_parameter(target):
            if not is_parameter(value):
                value = Parameter(value, requires_grad=target.requires_grad)
            else:
                value.requires_grad_(target.requires_grad)
        setattr(self, name, value)

    def _load_extra_state(
        self,
        state_dict: Mapping[str, Any],
        prefix: str,
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
    ) -> None:
        key = prefix + EXTRA_STATE
        if type(self).set_extra_state is not StatefulModule.set_extra_state:
            if key in state_dict:
                self.set_extra_state(state_dict[key])
            elif strict:
                missing_keys.append(key)
        elif strict and key in state_dict:
            unexpected_keys.append(key)

    def _find_unexpected(
        self,
        state_dict: Mapping[str, Any],
        prefix: str,
        own: dict[str, Any],
        unexpected_keys: list[str],
    ) -> None:
        for key in state_dict:
            if not key.startswith(prefix) or key == prefix + EXTRA_STATE:
                continue
            first, dot, _rest = key[len(prefix) :].partition(".")
            known = first in self._modules if dot else first in own
            if not known:
                unexpected_keys.append(key)

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> IncompatibleKeys:
        """Copy tensors from `state_dict` into this module and its submodules.

        Parameters
        ----------
        state_dict : mapping of str to Tensor
            As `state_dict` returns it.
        strict : bool, optional
            Refuse keys that are missing or unexpected.
        assign : bool, optional
            Take over the tensors themselves instead of copying their values; keeps
            their dtype, and the `requires_grad` of the module's.

        Returns
        -------
        IncompatibleKeys
            `missing_keys` and `unexpected_keys`, both lists of str.

        Raises
        ------
        TypeError
            If `state_dict` is not a mapping.
        RuntimeError
            If shapes do not agree or, with `strict`, keys do not.

        Examples
        --------
        >>> import derivo as torch
        >>> a, b = torch.nn.Linear(2, 1), torch.nn.Linear(2, 1)
        >>> b.load_state_dict(a.state_dict())
        <All keys matched successfully>
        >>> bool((a.weight == b.weight).all())
        True
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(
                "[load_state_dict] Expected state_dict to be dict-like, got "
                f"{type(state_dict)}."
            )
        missing_keys: list[str] = []
        unexpected_keys: list[str] = []
        error_msgs: list[str] = []
        metadata = getattr(state_dict, "_metadata", None)
        # A copy, because hooks and old formats rename keys in it.
        state = OrderedDict(state_dict)
        if metadata is not None:
            state._metadata = metadata  # type: ignore[attr-defined]

        def load(module: Any, state: Any, prefix: str) -> None:
            local = {} if metadata is None else metadata.get(prefix[:-1], {})
            if assign:
                local["assign_to_params_buffers"] = True
            module._load_from_state_dict(
                state, prefix, local, True, missing_keys, unexpected_keys, error_msgs
            )
            for name, child in module._modules.items():
                if child is not None:
                    below = prefix + name + "."
                    load(
                        child,
                        {k: v for k, v in state.items() if k.startswith(below)},
                        below,
                    )
            keys = IncompatibleKeys(missing_keys, unexpected_keys)
            for hook in module._load_state_dict_post_hooks.values():
                if hook(module, keys) is not None:
                    raise RuntimeError(
                        "[load_state_dict] Hooks registered with "
                        "``register_load_state_dict_post_hook`` are not expected to "
                        "return new values, if incompatible_keys need to be modified, "
                        "it should be done inplace."
                    )

        load(self, state, "")
        if strict:
            if unexpected_keys:
                names = ", ".join(f'"{key}"' for key in unexpected_keys)
                error_msgs.insert(0, f"Unexpected key(s) in state_dict: {names}. ")
            if missing_keys:
                names = ", ".join(f'"{key}"' for key in missing_keys)
                error_msgs.insert(0, f"Missing key(s) in state_dict: {names}. ")
        if error_msgs:
            raise RuntimeError(
                "Error(s) in loading state_dict for {}:\n\t{}".format(
                    type(self).__name__, "\n\t".join(error_msgs)
                )
            )
        return IncompatibleKeys(missing_keys, unexpected_keys)


class _WithModule:
    """A loading hook that may want the module it was registered on."""

    def __init__(self, hook: Hook, module: Any) -> None:
        self.hook = hook
        self.with_module = module is not None
        # Weak: the module owns the hook, and a cycle would keep its memory.
        self.module = None if module is None else weakref.ref(module)

    def __call__(self, *args: Any) -> Any:
        if self.module is None:
            return self.hook(*args)
        module = self.module()
        if module is None:
            raise RuntimeError(
                "[load_state_dict] You are trying to call the hook of a dead Module!"
            )
        return self.hook(module, *args)

    def __getstate__(self) -> dict[str, Any]:
        module = None if self.module is None else self.module()
        return {"hook": self.hook, "with_module": self.with_module, "module": module}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.hook = state["hook"]
        self.with_module = state["with_module"]
        module = state["module"]
        self.module = None if module is None else weakref.ref(module)
