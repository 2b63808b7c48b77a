# Backward from several threads at once.
from __future__ import annotations

import sys
import threading
import time

import pytest

import derivo


@pytest.fixture(autouse=True)
def _switch_often():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def run_all(*functions):
    errors = []

    def guarded(f):
        try:
            f()
        except BaseException as e:
            errors.append(e)

    threads = [threading.Thread(target=guarded, args=(f,)) for f in functions]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not errors, errors


def test_graphs_of_their_own():
    def one():
        for _ in range(200):
            x = derivo.ones(5, dtype=derivo.float64, requires_grad=True)
            (x * 3).exp().sum().backward()
            assert (x.grad == 3 * (x * 3).exp()).all()

    run_all(*[one] * 4)


def test_passes_that_meet_in_hooks():
    # A hook lets the other thread in while this pass is half done.
    barrier = threading.Barrier(2, timeout=20)

    def one():
        x = derivo.ones(3, requires_grad=True)
        y = x * 2
        y.register_hook(lambda g: (barrier.wait(), None)[1])
        (y * y).sum().backward()
        assert x.grad.tolist() == [8.0] * 3

    for _ in range(10):
        run_all(one, one)


def test_a_leaf_that_is_shared_gets_every_gradient():
    w = derivo.zeros(1000, dtype=derivo.float64, requires_grad=True)
    w.grad = derivo.zeros_like(w)

    def one():
        for _ in range(100):
            (w * 1).sum().backward()

    run_all(*[one] * 4)
    assert (w.grad == 400).all()


def test_a_trunk_that_is_shared():
    x = derivo.ones(4, dtype=derivo.float64, requires_grad=True)
    trunk = (x * 2).exp()

    def one():
        for _ in range(50):
            (g,) = derivo.autograd.grad(trunk.sum(), x, retain_graph=True)
            assert (g == 2 * trunk).all()

    run_all(*[one] * 4)


def test_backward_inside_backward_of_another_thread():
    class Slow(derivo.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            time.sleep(0.002)
            inner = derivo.ones(2, requires_grad=True)
            with derivo.enable_grad():
                y = (inner * 3).sum()
            y.backward()
            return g * inner.grad[0]

    def one():
        for _ in range(5):
            x = derivo.ones(2, requires_grad=True)
            (Slow.apply(x) * 2).sum().backward()
            assert x.grad.tolist() == [6.0, 6.0]

    run_all(*[one] * 4)


def test_modes_are_of_one_thread():
    seen = {}

    def off():
        with derivo.no_grad():
            time.sleep(0.01)
            seen["off"] = (derivo.ones(1, requires_grad=True) * 2).requires_grad

    def on():
        time.sleep(0.002)
        seen["on"] = (derivo.ones(1, requires_grad=True) * 2).requires_grad

    run_all(off, on)
    assert seen == {"off": False, "on": True}


def test_an_error_leaves_the_others_alone():
    def fails():
        x = derivo.ones(2, requires_grad=True)
        y = x.exp()
        y.add_(1)
        for _ in range(50):
            with pytest.raises(RuntimeError, match="modified by an inplace operation"):
                y.sum().backward()

    def works():
        for _ in range(100):
            x = derivo.ones(2, requires_grad=True)
            x.exp().sum().backward()
            assert (x.grad == x.exp()).all()

    run_all(fails, works, fails, works)
