"""
Derivatives of derivatives
==========================

A gradient is computed by operations like any other, so it has a gradient, too. Here a
function and its first four derivatives, each taken from the one before.
"""

import matplotlib.pyplot as plt

import derivo

# %%
# ``create_graph`` records the backward walk itself. Summing first makes one number of
# many: each point only depends on its own ``x``, so the gradient of the sum holds the
# slope at each point.
x = derivo.linspace(-4.0, 4.0, 400, dtype=derivo.float64, requires_grad=True)
curves = [derivo.tanh(x)]
for _ in range(4):
    (slope,) = derivo.autograd.grad(curves[-1].sum(), x, create_graph=True)
    curves.append(slope)

# %%
# tanh' = 1 - tanh², and what follows from it.
y = curves[0]
assert derivo.allclose(curves[1], 1 - y**2)
assert derivo.allclose(curves[2], -2 * y * (1 - y**2))

# %%
figure, axes = plt.subplots(figsize=(7, 4))
for order, curve in enumerate(curves):
    axes.plot(x.detach().numpy(), curve.detach().numpy(), label=f"order {order}")
axes.set_ylim(-5, 5)
axes.legend()
plt.show()
