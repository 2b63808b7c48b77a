"""Logistic regression with the update written by hand, and a line fitted."""

import torch

torch.manual_seed(2)
x = torch.randn(200, 3)
truth = torch.tensor([1.5, -2.0, 0.5])
y = (x @ truth + 0.3 * torch.randn(200) > 0).float()

w = torch.zeros(3, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
for step in range(50):
    p = torch.sigmoid(x @ w + b)
    loss = -(y * p.log() + (1 - y) * (1 - p).log()).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.5 * w.grad
        b -= 0.5 * b.grad
    w.grad.zero_()
    b.grad = None
    print(step, loss.item())
print(w.tolist(), b.item())

# Newton's method by second derivatives.
t = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
for step in range(8):
    f = t**4 - 3 * t**3 + 2
    (g,) = torch.autograd.grad(f, t, create_graph=True)
    (h,) = torch.autograd.grad(g, t)
    with torch.no_grad():
        t -= g / h
    print(step, f.item(), t.item())
