"""Next-letter prediction: Embedding, LayerNorm, AdamW, a Function, hooks."""

import torch
from torch import nn
from torch.nn import functional as F

text = "the quick brown fox jumps over the lazy dog. " * 6
letters = sorted(set(text))
codes = torch.tensor([letters.index(c) for c in text])


class Swish(torch.autograd.Function):
    """x * sigmoid(x) with the derivative written out."""

    @staticmethod
    def forward(ctx, x):
        s = torch.sigmoid(x)
        ctx.save_for_backward(x, s)
        return x * s

    @staticmethod
    def backward(ctx, grad):
        x, s = ctx.saved_tensors
        return grad * (s + x * s * (1 - s))


class Model(nn.Module):
    """Letters to vectors, normalised, one hidden layer."""

    def __init__(self, size, width=16, window=4):
        super().__init__()
        self.window = window
        self.embed = nn.Embedding(size, width)
        self.norm = nn.LayerNorm(width * window)
        self.hidden = nn.Linear(width * window, 32)
        self.out = nn.Linear(32, size)

    def forward(self, ids):
        x = self.norm(self.embed(ids).flatten(1))
        return self.out(Swish.apply(self.hidden(x)))


torch.manual_seed(3)
model = Model(len(letters))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=0.05)
windows = codes.unfold(0, 5, 1)
norms = []
model.out.weight.register_hook(lambda g: norms.append(g.norm().item()))
for step in range(50):
    rows = torch.randint(0, len(windows), (24,))
    batch = windows[rows]
    loss = F.cross_entropy(model(batch[:, :4]), batch[:, 4])
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    print(step, loss.item())
print(len(norms), sum(norms))
print(sorted(model.state_dict()))
