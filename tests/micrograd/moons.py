"""Two half moons told apart by a small net with a max-margin loss, and the regions that it finds."""

import math
import random

from micrograd.engine import Value
from micrograd.nn import MLP

random.seed(1337)
points, labels = [], []
for i in range(30):
    angle = math.pi * random.random()
    upper = i % 2 == 0
    x, y = (math.cos(angle), math.sin(angle)) if upper else (1 - math.cos(angle), 0.5 - math.sin(angle))
    points.append([x + random.gauss(0, 0.1), y + random.gauss(0, 0.1)])
    labels.append(1 if upper else -1)

model = MLP(2, [8, 8, 1])
print(model)
print("number of parameters", len(model.parameters()))


def loss():
    inputs = [list(map(Value, row)) for row in points]
    scores = list(map(model, inputs))
    losses = [(1 + -yi * score).relu() for yi, score in zip(labels, scores)]
    data_loss = sum(losses) * (1.0 / len(losses))
    alpha = 1e-4
    reg_loss = alpha * sum(p * p for p in model.parameters())
    accuracy = [(yi > 0) == (score.data > 0) for yi, score in zip(labels, scores)]
    return data_loss + reg_loss, sum(accuracy) / len(accuracy)


for k in range(12):
    total_loss, acc = loss()
    model.zero_grad()
    total_loss.backward()
    learning_rate = 1.0 - 0.9 * k / 12
    for p in model.parameters():
        p.data -= learning_rate * p.grad
    print(f"step {k} loss {total_loss.data:.6f}, accuracy {acc * 100:.1f}%")

for row in range(5):
    scores = [model([Value(-1 + 0.5 * column), Value(1 - 0.4 * row)]) for column in range(7)]
    print("".join("+" if s.data > 0 else "." for s in scores))
