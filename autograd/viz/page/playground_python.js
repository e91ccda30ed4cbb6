"use strict";
// The state of a training as lines of Python, which give the same numbers.

const pythonNumber = (x) => (Number.isFinite(x) ? String(Object.is(x, -0) ? "-0.0" : x)
  : x !== x ? "np.nan" : x > 0 ? "np.inf" : "-np.inf");
const pythonList = (numbers) => `[${[...numbers].map((x) => (Array.isArray(x) ? pythonList(x) : pythonNumber(x))).join(", ")}]`;

// A list over several lines of at most 110 signs.
function pythonRows(items, indent) {
  const lines = [""];
  for (const item of items) {
    if (lines.at(-1).length + item.length > 108 - indent.length) lines.push("");
    lines[lines.length - 1] += `${item}, `;
  }
  return lines.map((line) => `${indent}${line.trimEnd()}`).join("\n");
}

function pythonText(net, training, activations, loss) {
  const { sizes, kinds } = net, { data, settings, batch, place, origin } = training, n = data.X.length;
  const parts = [], state = [];
  let at = 0; // in the chain: a layer may have several activations, or none
  kinds.forEach((kind, k) => {
    const l = k + 1, row = (j) => origin.slice(net.place(l, j), net.bias(l, j));
    const rows = Array.from({ length: sizes[l] }, (_, j) => pythonList(row(j)));
    const biases = Array.from({ length: sizes[l] }, (_, j) => origin[net.bias(l, j)]);
    state.push(`    "${at}.weight": [\n${rows.map((r) => `        ${r},`).join("\n")}\n    ],`);
    if (!net.unbiased[k]) state.push(`    "${at}.bias": ${pythonList(biases)},`);
    parts.push(`nn.Linear(${sizes[k]}, ${sizes[l]}${net.unbiased[k] ? ", bias=False" : ""})`);
    parts.push(...activations[kind].python);
    at += 1 + activations[kind].python.length;
  });
  const { kind, strength } = settings.penalty;
  const penalty = kind ? ` + ${pythonNumber(strength)} * nn.penalties.${kind}(weights)` : "";
  const perEpoch = Math.ceil(n / batch), steps = training.updates;
  return `import numpy as np

import nn
from autograd import Tensor, gradients

X = np.array([
${pythonRows(data.X.map(pythonList), "    ")}
])
y = np.array([
${pythonRows([...data.targets].map(pythonNumber), "    ")}
])[:, None]

model = nn.Sequential(${parts.join(", ")})
model.load_state_dict({
${state.join("\n")}
})
weights = [layer.weight for layer in model if hasattr(layer, "weight")]
optimizer = nn.optim.SGD(model.parameters(), lr=${pythonNumber(settings.rate)})
loss_function = ${loss.python}


def update(step):  # minibatches in the order of the data
    first = step % ${perEpoch} * ${batch}
    optimizer.zero_grad()
    loss = loss_function(model(X[first : first + ${batch}]), y[first : first + ${batch}])${penalty}
    loss.backward()
    optimizer.step()


for step in range(${steps}):
    update(step)

# sample ${place[1] + 1} in the net: what each neuron adds up, and its δ = ∂L/∂z
a, z = Tensor(X[${place[1]}]), []
for layer in model:
    a = layer(a)
    if hasattr(layer, "weight"):
        z.append(a)
delta = gradients(loss_function(a, y[${place[1]}]), z)
${training.isUpdate ? `update(${steps})\n` : ""}
loss = loss_function(model(X), y).item()
print("loss", loss)
for k, d in enumerate(delta, 1):
    print("δ of layer", k, d)
`;
}
