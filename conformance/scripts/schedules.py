"""Learning rates that follow a plan, for groups of parameters, several optimizers."""

import warnings

import torch
from torch import nn
from torch.optim import lr_scheduler as plans

warnings.simplefilter("ignore")
torch.manual_seed(6)
x = torch.randn(64, 5)
y = torch.sin(x.sum(1, keepdim=True))


def build():
    torch.manual_seed(7)
    return nn.Sequential(nn.Linear(5, 10), nn.Tanh(), nn.Linear(10, 1))


def groups(model):
    return [
        {"params": model[0].parameters(), "lr": 0.02},
        {"params": [model[2].weight], "weight_decay": 0.1},
        {"params": [model[2].bias], "lr": 0.2, "weight_decay": 0.0},
    ]


def adam(model):
    return torch.optim.Adam(groups(model), lr=0.01, betas=(0.8, 0.99), amsgrad=True)


def adamw(model):
    return torch.optim.AdamW(groups(model), lr=0.01)


def sgd(model):
    return torch.optim.SGD(groups(model), lr=0.05, momentum=0.9, nesterov=True)


def rmsprop(model):
    return torch.optim.RMSprop(groups(model), lr=0.01, momentum=0.5, centered=True)


RECIPES = {
    "step": (adam, lambda o: plans.StepLR(o, 3, gamma=0.5)),
    "multistep": (sgd, lambda o: plans.MultiStepLR(o, [2, 5, 5, 9], gamma=0.3)),
    "exponential": (sgd, lambda o: plans.ExponentialLR(o, 0.9)),
    "cosine": (adam, lambda o: plans.CosineAnnealingLR(o, 6, eta_min=1e-4)),
    "restarts": (sgd, lambda o: plans.CosineAnnealingWarmRestarts(o, 3, 2)),
    "lambda": (
        adamw,
        lambda o: plans.LambdaLR(o, [lambda e: 1 / (1 + e), lambda e: 0.9**e, len_]),
    ),
    "linear": (rmsprop, lambda o: plans.LinearLR(o, 0.25, total_iters=5)),
    "polynomial": (sgd, lambda o: plans.PolynomialLR(o, 8, power=2)),
    "one cycle": (
        sgd,
        lambda o: plans.OneCycleLR(o, max_lr=[0.05, 0.1, 0.2], total_steps=12),
    ),
    "cyclic": (sgd, lambda o: plans.CyclicLR(o, 0.001, 0.05, step_size_up=3)),
    "warm up": (
        adam,
        lambda o: plans.SequentialLR(
            o,
            [plans.ConstantLR(o, 0.1, 4), plans.ExponentialLR(o, 0.8)],
            milestones=[4],
        ),
    ),
    "chained": (
        sgd,
        lambda o: plans.ChainedScheduler(
            [plans.LinearLR(o, 0.5, total_iters=4), plans.StepLR(o, 5, 0.1)]
        ),
    ),
}


def len_(epoch):
    return min(1.0, 0.1 * (epoch + 1))


for name, (optimizer_of, plan_of) in RECIPES.items():
    model = build()
    optimizer = optimizer_of(model)
    plan = plan_of(optimizer)
    for epoch in range(12):
        loss = nn.functional.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        rates = [g["lr"] for g in optimizer.param_groups]
        print(name, epoch, loss.item(), rates, plan.get_last_lr())
        plan.step()

# A plan that waits for the loss, and everything put away and taken up again.
model = build()
optimizer = adam(model)
plan = plans.ReduceLROnPlateau(optimizer, patience=1, factor=0.5, threshold=0.05)
for epoch in range(12):
    if epoch == 6:
        saved = model.state_dict(), optimizer.state_dict(), plan.state_dict()
        model = build()
        optimizer = adam(model)
        plan = plans.ReduceLROnPlateau(optimizer)
        for thing, state in zip((model, optimizer, plan), saved, strict=True):
            thing.load_state_dict(state)
    loss = nn.functional.mse_loss(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    plan.step(loss)
    print("plateau", epoch, loss.item(), [g["lr"] for g in optimizer.param_groups])
state = optimizer.state_dict()
print([g["params"] for g in state["param_groups"]], sorted(state["state"]))
print(state["state"][0]["step"], state["state"][0]["exp_avg"].norm().item())
