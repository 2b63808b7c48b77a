"""
Fitting a curve
===============

Which numbers make a formula fit some measurements? Ask for the error's gradient with
respect to them, step against it, and repeat.
"""

import matplotlib.pyplot as plt

import derivo

# %%
# Measurements of an oscillation that dies away, with noise.
derivo.manual_seed(0)
t = derivo.linspace(0.0, 6.0, 60)
measured = 1.7 * derivo.exp(-0.4 * t) * derivo.cos(3.0 * t) + 0.05 * derivo.randn(60)

# %%
# The formula, with numbers that are wrong to begin with. ``requires_grad`` says that
# we shall ask for the gradient of something with respect to them.
height = derivo.tensor(1.0, requires_grad=True)
decay = derivo.tensor(0.1, requires_grad=True)
speed = derivo.tensor(2.7, requires_grad=True)


def formula(t):
    return height * derivo.exp(-decay * t) * derivo.cos(speed * t)


# %%
# One call of ``backward`` leaves the three gradients in ``.grad``.
optimizer = derivo.optim.Adam([height, decay, speed], lr=0.05)
errors = []
for _ in range(300):
    optimizer.zero_grad()
    error = (formula(t) - measured).square().mean()
    error.backward()
    optimizer.step()
    errors.append(error.item())

print(f"{height.item():.2f} exp(-{decay.item():.2f} t) cos({speed.item():.2f} t)")
assert errors[-1] < 0.01

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3))
left.plot(t.numpy(), measured.numpy(), ".", label="measured")
left.plot(t.numpy(), formula(t).detach().numpy(), label="fitted")
left.set_xlabel("time")
left.legend()
right.semilogy(errors)
right.set_xlabel("step")
right.set_ylabel("error")
figure.tight_layout()
plt.show()
