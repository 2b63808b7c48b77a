# A complex parameter takes the steps of its real and imaginary parts.

import numpy as np
import pytest

import derivo

OPTIMIZERS = [
    ("SGD", {"lr": 0.01, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    ("Adam", {"lr": 0.1}),
    ("Adam", {"lr": 0.1, "maximize": True, "weight_decay": 0.1}),
    ("AdamW", {"lr": 0.1, "amsgrad": True}),
    ("RMSprop", {"lr": 0.1, "momentum": 0.5, "centered": True}),
    ("Adagrad", {"lr": 0.1}),
    ("Adadelta", {}),
    ("Adamax", {"lr": 0.1}),
    ("NAdam", {"lr": 0.1}),
    ("RAdam", {"lr": 0.1}),
    ("ASGD", {"lr": 0.01}),
    ("Rprop", {"lr": 0.1}),
]


def loss(z):
    return (z * z.conj()).real.sum() + (z**2 * (1 - 2j)).imag.sum()


@pytest.mark.parametrize(("name", "options"), OPTIMIZERS)
def test_steps_of_both_parts(name, options):
    start = np.array([1 + 2j, 3 - 1j, 0.5j])
    whole = derivo.from_numpy(start.copy()).requires_grad_()
    parts = derivo.view_as_real(derivo.from_numpy(start.copy())).requires_grad_()
    ours = getattr(derivo.optim, name)([whole], **options)
    theirs = getattr(derivo.optim, name)([parts], **options)
    for _ in range(7):
        for optimizer, value in (
            (ours, whole),
            (theirs, derivo.view_as_complex(parts)),
        ):
            optimizer.zero_grad()
            loss(value).backward()
            optimizer.step()
    got = derivo.view_as_real(whole.detach()).numpy()
    np.testing.assert_allclose(got, parts.detach().numpy(), rtol=1e-12)
    # The state is of the parameter's dtype, so that a checkpoint fits PyTorch's.
    kept = [v for v in ours.state[whole].values() if isinstance(v, derivo.Tensor)]
    assert all(v.dtype is whole.dtype for v in kept if v.dim())
    assert not np.allclose(whole.detach().numpy(), start)
