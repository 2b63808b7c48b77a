"""The famous dead ends: the same exception types, with the phrases code matches on."""

from __future__ import annotations

import warnings
from typing import Any

from conformance._snippet import raised


def case_second_backward(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x.exp().sum()
    y.backward()
    a = torch.ones(2, 2, requires_grad=True)
    z = (a @ a).sum()
    z.backward()
    phrase = "Trying to backward through the graph a second time"
    return [raised(y.backward, phrase), raised(z.backward, phrase)]


def case_modified_in_place(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x.exp()
    z = (y * y).sum()
    y.add_(1)
    return raised(
        z.backward,
        "one of the variables needed for gradient computation has been modified by an "
        "inplace operation",
    )


def case_does_not_require_grad(torch: Any) -> Any:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    phrase = "element 0 of tensors does not require grad and does not have a grad_fn"
    with torch.no_grad():
        y = (x * 2).sum()
    return [
        raised(y.backward, phrase),
        raised(x.detach().sum().backward, phrase),
        raised(x.argmax().backward, phrase),
    ]


def case_wrong_shape_of_a_gradient(torch: Any) -> Any:
    y = torch.ones(2, requires_grad=True) * 2
    return [
        raised(lambda: y.backward(torch.ones(3)), "Mismatch in shape: grad_output[0]"),
        raised(y.backward, "grad can be implicitly created only for scalar outputs"),
    ]


def case_unused_input(torch: Any) -> Any:
    x, w = (torch.ones(1, requires_grad=True) for _ in range(2))
    return raised(
        lambda: torch.autograd.grad((x * 2).sum(), w),
        "appears to not have been used in the graph",
    )


def case_grad_of_a_non_leaf_warns(torch: Any) -> Any:
    y = torch.ones(2, requires_grad=True) * 2
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = y.grad
    start = (
        "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed"
    )
    return [
        found is None,
        [(w.category.__name__, str(w.message).startswith(start)) for w in caught],
    ]


def case_nan_through_a_mask(torch: Any) -> Any:
    # Without strong_zero it is NaN here as there.
    x = torch.tensor([0.0, 4.0], requires_grad=True)
    torch.where(x > 0, x.log(), torch.zeros(2)).sum().backward()
    return [bool(x.grad[0].isnan()), x.grad[1].item()]
