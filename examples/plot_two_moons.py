"""
A network that learns a boundary
================================

Two interlocking half circles, and a small network that learns to tell them apart. The
script runs unchanged with ``import torch`` and prints the same losses.
"""

import matplotlib.pyplot as plt

import derivo as torch
from derivo import nn

# %%
# Two hundred points of each kind.
torch.manual_seed(0)
angle = torch.rand(200) * torch.pi
upper = torch.stack([torch.cos(angle), torch.sin(angle)], dim=1)
lower = torch.stack([1.0 - torch.cos(angle), 0.5 - torch.sin(angle)], dim=1)
points = torch.cat([upper, lower]) + 0.1 * torch.randn(400, 2)
kinds = torch.cat([torch.zeros(200), torch.ones(200)]).long()

# %%
model = nn.Sequential(
    nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 2)
)
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
judge = nn.CrossEntropyLoss()
for step in range(200):
    optimizer.zero_grad()
    loss = judge(model(points), kinds)
    loss.backward()
    optimizer.step()
    if step % 50 == 0:
        print(f"step {step:3}  loss {loss.item():.4f}")

right = (model(points).argmax(dim=1) == kinds).float().mean().item()
print(f"told apart: {right:.1%}")
assert right > 0.97

# %%
# What the network thinks of every place in the plane.
across = torch.linspace(-1.5, 2.5, 160)
up = torch.linspace(-1.2, 1.7, 120)
grid_y, grid_x = torch.meshgrid(up, across, indexing="ij")
with torch.no_grad():
    places = torch.stack([grid_x.flatten(), grid_y.flatten()], dim=1)
    belief = torch.softmax(model(places), dim=1)[:, 1].reshape(120, 160)

figure, axes = plt.subplots(figsize=(6, 4))
axes.contourf(across.numpy(), up.numpy(), belief.numpy(), levels=20, cmap="RdBu")
axes.scatter(*points.t().numpy(), c=kinds.numpy(), cmap="RdBu", edgecolors="k", s=12)
plt.show()
