# Modules that scripts ask about GPUs: answers as of a PyTorch built for the CPU.
from __future__ import annotations

import subprocess
import sys

import pytest

import derivo
from derivo import amp, backends, cuda


def test_there_is_no_gpu():
    assert not cuda.is_available()
    assert cuda.device_count() == derivo.accelerator.device_count() == 0
    assert not backends.mps.is_available()
    assert derivo.accelerator.current_accelerator() is None
    assert derivo.version.cuda is None
    cuda.manual_seed_all(0)
    cuda.empty_cache()
    assert cuda.memory_allocated() == 0
    assert cuda.get_rng_state_all() == []


def test_what_needs_a_gpu_says_so():
    with pytest.raises(AssertionError, match="Torch not compiled with CUDA enabled"):
        cuda.get_device_name(0)
    with pytest.raises(AssertionError, match="Torch not compiled with CUDA enabled"):
        cuda.synchronize()


def test_settings_can_be_written():
    before = backends.cudnn.benchmark
    with backends.cudnn.flags(benchmark=True):
        assert backends.cudnn.benchmark
    assert backends.cudnn.benchmark is before
    with (
        pytest.raises(TypeError, match="unexpected keyword argument 'speed'"),
        backends.cudnn.flags(speed=1),
    ):
        pass
    with backends.cuda.sdp_kernel(enable_flash=False):
        assert not backends.cuda.flash_sdp_enabled()
    assert backends.cuda.flash_sdp_enabled()


def test_mixed_precision_switches_itself_off():
    with pytest.warns(UserWarning, match="CUDA is not available"):
        context = amp.autocast("cuda", derivo.float16)
    w = derivo.ones(2, requires_grad=True)
    with context:
        loss = (w @ w) * 2
    assert loss.dtype is derivo.float32
    with pytest.warns(UserWarning, match="CUDA is not available"):
        scaler = cuda.amp.GradScaler()
    scaler.scale(loss).backward()
    scaler.step(derivo.optim.SGD([w], lr=0.25))
    scaler.update()
    assert w.tolist() == [0.0, 0.0]


def test_mixed_precision_on_the_cpu_is_refused():
    with pytest.raises(RuntimeError, match="mixed precision on 'cpu'"):
        amp.autocast("cpu", derivo.bfloat16)
    with pytest.raises(RuntimeError, match="scaling on 'cpu'"):
        amp.GradScaler("cpu")


def test_importing_derivo_leaves_them_out():
    code = "import sys, derivo; print([m for m in sys.modules if 'checkpoints' in m "
    code += "or m in ('derivo.cuda', 'derivo.amp', 'derivo.backends', 'pickle')])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
