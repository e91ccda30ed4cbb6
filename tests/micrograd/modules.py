"""A model of one's own of the parts that come with the library, trained on single points with momentum."""

import random

from micrograd.engine import Value
from micrograd.nn import Layer, Module, Neuron


class Ring(Module):
    def __init__(self, width):
        self.hidden = Layer(2, width)
        self.out = Neuron(width, nonlin=False)

    def __call__(self, x):
        return self.out(self.hidden(x))

    def parameters(self):
        return self.hidden.parameters() + self.out.parameters()


random.seed(7)
model = Ring(6)
points = [[random.uniform(-1, 1), random.uniform(-1, 1)] for _ in range(20)]
targets = [x * x + y * y for x, y in points]
speed = dict.fromkeys(model.parameters(), 0.0)
for epoch in range(6):
    total = 0.0
    for point, target in zip(points, targets):
        loss = (model(point) - target) ** 2
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            speed[p] = 0.5 * speed[p] - 0.05 * p.grad
            p.data += speed[p]
        total += loss.data
    print(f"epoch {epoch} loss {total / len(points):.6f}")
print(model.hidden, model.out, model.out.w[0].data > Value(0).data)
