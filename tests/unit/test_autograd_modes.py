from __future__ import annotations

import threading

import pytest

import derivo


def leaf(*values):
    return derivo.tensor(values or (1.0, 2.0), requires_grad=True)


def test_no_grad_records_nothing():
    x = leaf()
    with derivo.no_grad():
        y = x * 2
        assert not derivo.is_grad_enabled()
        assert derivo.ones(1, requires_grad=True).requires_grad
    assert derivo.is_grad_enabled()
    assert not y.requires_grad


def test_enable_grad_inside_no_grad():
    x = leaf()
    with derivo.no_grad(), derivo.enable_grad():
        assert (x * 2).requires_grad


def test_set_grad_enabled_acts_when_called():
    derivo.set_grad_enabled(False)
    assert not derivo.is_grad_enabled()
    derivo.set_grad_enabled(True)
    with derivo.set_grad_enabled(False):
        assert not derivo.is_grad_enabled()
    assert derivo.is_grad_enabled()


@pytest.mark.parametrize("mode", [derivo.no_grad, derivo.no_grad()])
def test_modes_decorate(mode):
    @mode
    def f(x):
        """Say something."""
        return x * 2

    assert f.__doc__ == "Say something."
    assert not f(leaf()).requires_grad
    assert derivo.is_grad_enabled()


def test_a_decorated_function_may_recurse():
    @derivo.no_grad()
    def f(n):
        return f(n - 1) if n else derivo.is_grad_enabled()

    assert not f(3)
    assert derivo.is_grad_enabled()


def test_set_grad_enabled_decorates_without_switching():
    @derivo.set_grad_enabled(False)
    def f():
        return derivo.is_grad_enabled()

    assert derivo.is_grad_enabled()
    assert not f()


def test_generators_run_in_their_mode_and_leave_the_callers():
    @derivo.no_grad()
    def f():
        got = yield derivo.is_grad_enabled()
        yield (got, derivo.is_grad_enabled())
        return 7

    g = f()
    assert next(g) is False
    assert derivo.is_grad_enabled()
    assert g.send("a") == ("a", False)
    with pytest.raises(StopIteration, match="7"):
        next(g)


def test_a_generators_errors_and_end_pass_through():
    seen = []

    @derivo.no_grad()
    def f():
        try:
            yield 1
        except KeyError:
            seen.append(derivo.is_grad_enabled())
            yield 2
        finally:
            seen.append("closed")

    g = f()
    next(g)
    assert g.throw(KeyError("k")) == 2
    g.close()
    assert seen == [False, "closed"]


def test_modes_end_after_an_error():
    with pytest.raises(ZeroDivisionError, match=r"division"), derivo.no_grad():
        _ = 1 / 0
    assert derivo.is_grad_enabled()


def test_decorated_classes_are_made_in_the_mode_and_warned_about():
    with pytest.warns(FutureWarning, match="Decorating classes is deprecated"):

        @derivo.no_grad()
        class C:
            def __init__(self):
                self.recorded = derivo.is_grad_enabled()

    assert not C().recorded
    assert derivo.is_grad_enabled()


def test_each_thread_has_its_modes():
    seen = []
    with derivo.no_grad():
        t = threading.Thread(target=lambda: seen.append(derivo.is_grad_enabled()))
        t.start()
        t.join()
    assert seen == [True]


def test_inference_mode():
    x = leaf()
    with derivo.inference_mode():
        y = x * 2
        assert derivo.is_inference_mode_enabled()
        assert not derivo.is_grad_enabled()
    assert y.is_inference()
    assert not y.requires_grad
    assert not derivo.is_inference_mode_enabled()


def test_inference_tensors_are_kept_apart():
    with derivo.inference_mode():
        y = derivo.ones(2)
        y.add_(1)
    assert y.tolist() == [2.0, 2.0]
    with pytest.raises(RuntimeError, match=r"Inplace update to inference tensor"):
        y.add_(1)
    with (
        derivo.no_grad(),
        pytest.raises(RuntimeError, match=r"Inplace update to inference tensor"),
    ):
        y.add_(1)
    with pytest.raises(RuntimeError, match=r"do not track version counter"):
        _ = y._version
    with pytest.raises(RuntimeError, match=r"cannot be saved for backward"):
        leaf() * y
    with pytest.raises(RuntimeError, match=r"requires_grad=True on inference tensor"):
        y.requires_grad_()
    assert (leaf() + y).requires_grad
    assert y.clone().requires_grad_().requires_grad


def test_inference_mode_off_records_again():
    x = leaf()
    with derivo.inference_mode(), derivo.inference_mode(False):
        y = x * 2
    assert y.requires_grad
    assert not y.is_inference()


def test_inference_mode_decorates():
    @derivo.inference_mode()
    def f():
        return derivo.ones(1)

    @derivo.inference_mode
    def g():
        return derivo.ones(1)

    assert f().is_inference()
    assert g().is_inference()
