# The old value that an in-place operation saves kept no place in the graph: the second
# derivative lacked what comes through it.

import derivo
from derivo.autograd import gradgradcheck


def of_a_whole_tensor(x):
    y = x * 1
    y.mul_(x)
    return y


def of_a_view(x):
    y = x * 1
    y[:, 0].mul_(x[:, 1])
    return y * y


def test_second_derivatives_through_in_place_products():
    x = derivo.tensor([[1.0, 2], [3, -1]], dtype=derivo.float64, requires_grad=True)
    assert gradgradcheck(of_a_whole_tensor, (x,))
    assert gradgradcheck(of_a_view, (x,))
