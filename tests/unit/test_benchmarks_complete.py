# Every public function has a benchmark entry, and every entry runs.
from __future__ import annotations

import pytest

import derivo
from benchmarks import _functions

PUBLIC = _functions.public_functions(derivo)


def test_every_public_function_has_an_entry():
    missing = PUBLIC - _functions.ENTRIES.keys() - _functions.exempt()
    assert not missing, (
        f"add to the table in benchmarks/_functions.py: {sorted(missing)}"
    )


def test_the_check_sees_a_missing_entry(monkeypatch):
    name = min(PUBLIC & _functions.ENTRIES.keys())
    monkeypatch.delitem(_functions.ENTRIES, name)
    with pytest.raises(AssertionError, match=name):
        test_every_public_function_has_an_entry()


# Some functions warn that they are deprecated, here as in PyTorch.
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", sorted(PUBLIC & _functions.ENTRIES.keys()))
def test_entry_runs(name):
    step = _functions.build(derivo, name)
    step()
    step()
