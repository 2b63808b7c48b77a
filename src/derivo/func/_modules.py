"""Modules as functions of their parameters: `functional_call` and ensembles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivo._core.tensor import TensorBase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from derivo.nn import Module

__all__ = [
    "functional_call",
    "functionalize",
    "replace_all_batch_norm_modules_",
    "stack_module_state",
]


def functional_call(
    module: Module,
    parameter_and_buffer_dicts: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    args: Any = None,
    kwargs: dict[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """Call a module with other tensors in place of its parameters and buffers.

    Parameters
    ----------
    module : Module
    parameter_and_buffer_dicts : dict of Tensor, or tuple of dicts
        By name, as in ``dict(module.named_parameters())``; those not named stay.
    args : object or tuple
        Positional arguments of the call; one that is not a tuple is the only one.
    kwargs : dict, optional
        Keyword arguments of the call.
    tie_weights : bool, default True
        Whether a tensor given for one of several names of the same parameter is used
        for all of them.
    strict : bool, default False
        Whether every parameter and buffer must be given, and nothing else.

    Returns
    -------
    object
        What the module returns. The module itself is as before.

    Raises
    ------
    ValueError
        If two dicts, or two names of one parameter, say different things.
    RuntimeError
        With `strict`, for names that are missing or unknown.

    Notes
    -----
    **Derivative**: with respect to the given tensors, as of any function.

    Examples
    --------
    >>> import derivo
    >>> layer = derivo.nn.Linear(2, 1, bias=False)
    >>> weight = {"weight": derivo.ones(1, 2)}
    >>> derivo.func.functional_call(layer, weight, derivo.ones(1, 2))
    tensor([[2.]])
    """
    given: dict[str, Any] = {}
    if isinstance(parameter_and_buffer_dicts, (list, tuple)):
        for part in parameter_and_buffer_dicts:
            for name in part:
                if name in given:
                    raise ValueError(
                        f"[functional_call] {name} appeared in multiple dictionaries; "
                        "behavior of functional call is ambiguous."
                    )
            given.update(part)
    elif isinstance(parameter_and_buffer_dicts, dict):
        given = dict(parameter_and_buffer_dicts)
    else:
        raise ValueError(
            "[functional_call] Expected parameter_and_buffer_dicts to be a dict, or a "
            f"list/tuple of dicts, but got {type(parameter_and_buffer_dicts)}."
        )
    places = dict(_places(module))
    if strict:
        _check_names(given, places)
    if tie_weights:
        given = _tied(given, places)
    arguments = () if args is None else args if isinstance(args, tuple) else (args,)
    before = []
    try:
        for name, value in given.items():
            place = places.get(name)
            if place is None:
                raise KeyError(
                    f"[functional_call] the module has no parameter or buffer {name!r}."
                )
            table, key = place
            before.append((table, key, table[key]))
            table[key] = value
        return module(*arguments, **(kwargs or {}))
    finally:
        for table, key, value in before:
            table[key] = value


def _places(module: Module) -> Iterator[tuple[str, tuple[dict[str, Any], str]]]:
    """Where each parameter and buffer is kept: its table, and its name there."""
    for prefix, part in module.named_modules(remove_duplicate=False):
        for table in (part._parameters, part._buffers):
            for key, value in table.items():
                if value is not None:
                    yield (f"{prefix}.{key}" if prefix else key), (table, key)


def _check_names(given: dict[str, Any], places: dict[str, Any]) -> None:
    missing = [name for name in places if name not in given]
    unexpected = [name for name in given if name not in places]
    if missing or unexpected:
        raise RuntimeError(
            "[functional_call] Error(s) in strict mode: Unexpected key(s): "
            f"{unexpected}. Missing key(s): {missing}."
        )


def _tied(given: dict[str, Any], places: dict[str, Any]) -> dict[str, Any]:
    """Give every name of a shared parameter what one of them is given."""
    names: dict[int, list[str]] = {}
    for name, (table, key) in places.items():
        names.setdefault(id(table[key]), []).append(name)
    out = dict(given)
    for group in names.values():
        values = [given[name] for name in group if name in given]
        if not values:
            continue
        if any(value is not values[0] for value in values):
            raise ValueError(
                "[functional_call] functional_call got multiple values for keys "
                f"{group}, which are tied. Consider using tie_weights=False."
            )
        out.update(dict.fromkeys(group, values[0]))
    return out


def stack_module_state(
    models: Sequence[Module],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Stack the parameters and the buffers of modules of one architecture.

    Parameters
    ----------
    models : sequence of Module
        Of one class, all in training mode or none.

    Returns
    -------
    params, buffers : dict of Tensor
        By name, with a first dimension that counts the models. Parameters are leaves
        that require a gradient where those of the models do.

    Raises
    ------
    RuntimeError
        If there are no models, or they differ in class or mode.

    Examples
    --------
    >>> import derivo
    >>> models = [derivo.nn.Linear(2, 1) for _ in range(3)]
    >>> params, buffers = derivo.func.stack_module_state(models)
    >>> params["weight"].shape
    torch.Size([3, 1, 2])
    """
    models = list(models)
    if not models:
        raise RuntimeError(
            "[stack_module_state] stack_module_state: Expected at least one model, got "
            "0."
        )
    if not (all(m.training for m in models) or all(not m.training for m in models)):
        raise RuntimeError(
            "[stack_module_state] stack_module_state: Expected all models to have the "
            "same training/eval mode."
        )
    if any(type(m) is not type(models[0]) for m in models):
        raise RuntimeError(
            "[stack_module_state] stack_module_state: Expected all models to be of the "
            "same class."
        )
    params = {
        name: _stacked([dict(m.named_parameters())[name] for m in models])
        for name, _ in models[0].named_parameters()
    }
    buffers = {
        name: _stacked([dict(m.named_buffers())[name] for m in models])
        for name, _ in models[0].named_buffers()
    }
    return params, buffers


def _stacked(tensors: list[Any]) -> Any:
    from derivo import stack

    if not all(t.requires_grad == tensors[0].requires_grad for t in tensors):
        raise RuntimeError(
            "[stack_module_state] Expected all parameters to have the same "
            "requires_grad."
        )
    made = stack([t.detach() for t in tensors])
    return made.requires_grad_() if tensors[0].requires_grad else made


def replace_all_batch_norm_modules_(root: Module) -> Module:
    """Let batch norms below a module keep no running statistics, in place.

    Running statistics are changed in place, which `vmap` must refuse.

    Returns
    -------
    Module
        `root` itself.

    Examples
    --------
    >>> import derivo
    >>> net = derivo.nn.Sequential(derivo.nn.BatchNorm1d(3))
    >>> derivo.func.replace_all_batch_norm_modules_(net)[0].running_mean is None
    True
    """
    for part in root.modules():
        if type(part).__name__.startswith(("BatchNorm", "LazyBatchNorm")):
            part.running_mean = None
            part.running_var = None
            part.num_batches_tracked = None
            part.track_running_stats = False
    return root


def functionalize(
    func: Callable[..., Any], *, remove: str = "mutations"
) -> Callable[..., Any]:
    """Call a function on copies that only it can see where it changes its arguments.

    PyTorch rewrites in-place operations and views into others, for those who trace
    them. Here nothing is traced: what can be observed is that the arguments are
    changed exactly as without `functionalize`, and that the result is the same.

    Parameters
    ----------
    func : callable
    remove : {"mutations", "mutations_and_views"}
        What a trace would be free of.

    Raises
    ------
    RuntimeError
        For another value of `remove`.

    Examples
    --------
    >>> import derivo
    >>> derivo.func.functionalize(lambda x: x.clone().add_(1))(derivo.zeros(2))
    tensor([1., 1.])
    """
    if remove not in ("mutations", "mutations_and_views"):
        raise RuntimeError(
            "[functionalize] functionalize(f, remove='mutations'): received invalid "
            "argument for remove=. Valid options are: remove='mutations', "
            f"remove='mutations_and_views', got {remove!r}."
        )
    from derivo.utils._pytree import tree_map

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        inner = tree_map(_copied, args)
        out = func(*inner, **kwargs)
        for mine, theirs in zip(_tensors(args), _tensors(inner), strict=True):
            if theirs._version:
                mine.copy_(theirs)
        return out

    return wrapper


def _copied(t: Any) -> Any:
    return t.clone() if isinstance(t, TensorBase) else t


def _tensors(tree: Any) -> list[Any]:
    from derivo.utils._pytree import tree_leaves

    return [t for t in tree_leaves(tree) if isinstance(t, TensorBase)]
