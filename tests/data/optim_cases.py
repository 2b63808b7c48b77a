"""Optimizers and schedules to be run on PyTorch (recorded) and on derivo (compared)."""

from __future__ import annotations

import math

OPTIMIZERS = [
    "SGD(p, lr=0.1)",
    "SGD(p, lr=0.1, momentum=0.9)",
    "SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01, nesterov=True)",
    "SGD(p, lr=0.1, momentum=0.9, dampening=0.3, maximize=True)",
    "SGD(p, lr=0.1, weight_decay=0.1)",
    "Adam(p, lr=0.01)",
    "Adam(p, lr=0.01, weight_decay=0.1, amsgrad=True)",
    "Adam(p, lr=0.01, betas=(0.4, 0.9), maximize=True)",
    "Adam(p, lr=0.01, weight_decay=0.1, decoupled_weight_decay=True)",
    "AdamW(p, lr=0.01)",
    "AdamW(p, lr=0.01, amsgrad=True, eps=0.001)",
    "RMSprop(p)",
    "RMSprop(p, centered=True, momentum=0.5, weight_decay=0.1)",
    "Adagrad(p, lr_decay=0.1, initial_accumulator_value=0.5)",
    "Adadelta(p)",
    "Adamax(p)",
    "NAdam(p)",
    "NAdam(p, weight_decay=0.1, decoupled_weight_decay=True)",
    "RAdam(p)",
    "ASGD(p, t0=3.0)",
    "Rprop(p)",
]

SHAPES = [(3,), (4, 5), (21,)]


def wave(torch, shape, phase):
    count = math.prod(shape)
    values = [math.sin(1.7 * i + phase) for i in range(count)]
    return torch.tensor(values).reshape(shape)


def gradient(torch, shape, phase):
    return wave(torch, shape, 0.3 + 2.1 * phase)


def run_optimizer(torch, text, transpose=False):
    """Eight steps with given gradients."""
    params = [torch.nn.Parameter(wave(torch, s, 1.0)) for s in SHAPES]
    optimizer = eval("optim." + text, {"optim": torch.optim, "p": params})
    for step in range(8):
        for k, param in enumerate(params):
            # One of them has no gradient at times: its step count stays behind.
            param.grad = None
            if not (k == 2 and step % 3 == 1):
                param.grad = gradient(torch, SHAPES[k], step + 0.1 * k)
        optimizer.step()
    saved = optimizer.state_dict()
    return {
        "repr": repr(optimizer),
        "params": [p.tolist() for p in params],
        "state": {
            str(k): {
                name: value.tolist() if hasattr(value, "tolist") else value
                for name, value in entry.items()
            }
            for k, entry in saved["state"].items()
        },
        "options": list(saved["param_groups"][0]),
    }


SCHEDULES = {
    "step": lambda L, o: L.StepLR(o, 3, 0.5),
    "lambda": lambda L, o: L.LambdaLR(o, lambda e: 0.9**e),
    "multiplicative": lambda L, o: L.MultiplicativeLR(o, lambda e: 0.95),
    "milestones": lambda L, o: L.MultiStepLR(o, [2, 5, 5], 0.1),
    "constant": lambda L, o: L.ConstantLR(o, 0.5, 4),
    "linear": lambda L, o: L.LinearLR(o, 0.5, total_iters=4),
    "exponential": lambda L, o: L.ExponentialLR(o, 0.9),
    "polynomial": lambda L, o: L.PolynomialLR(o, 4, 2.0),
    "cosine": lambda L, o: L.CosineAnnealingLR(o, 5, 0.01),
    "restarts": lambda L, o: L.CosineAnnealingWarmRestarts(o, 3, 2),
    "triangular": lambda L, o: L.CyclicLR(o, 0.01, 0.1, 3),
    "triangular2": lambda L, o: L.CyclicLR(o, 0.01, 0.1, 3, 2, mode="triangular2"),
    "exp_range": lambda L, o: L.CyclicLR(o, 0.01, 0.1, 3, mode="exp_range", gamma=0.9),
    "one cycle": lambda L, o: L.OneCycleLR(o, 0.1, 20),
    "three phases": lambda L, o: L.OneCycleLR(
        o, 0.1, 20, three_phase=True, anneal_strategy="linear"
    ),
    "sequential": lambda L, o: L.SequentialLR(
        o, [L.ConstantLR(o, 0.1, 2), L.ExponentialLR(o, 0.9), L.StepLR(o, 2)], [2, 6]
    ),
    "chained": lambda L, o: L.ChainedScheduler(
        [L.ConstantLR(o, 0.1, 2), L.ExponentialLR(o, 0.9)]
    ),
}


def run_schedule(torch, name):
    """Rates and momenta of two groups over sixteen epochs."""
    first, second = (torch.zeros(n, requires_grad=True) for n in (1, 2))
    optimizer = torch.optim.SGD(
        [{"params": [first]}, {"params": [second], "lr": 0.3}], lr=0.05, momentum=0.9
    )
    schedule = SCHEDULES[name](torch.optim.lr_scheduler, optimizer)
    out = [[(g["lr"], g["momentum"]) for g in optimizer.param_groups]]
    for _ in range(16):
        optimizer.step()
        schedule.step()
        out.append([(g["lr"], g["momentum"]) for g in optimizer.param_groups])
    return {"rates": out, "last": schedule.get_last_lr()}
