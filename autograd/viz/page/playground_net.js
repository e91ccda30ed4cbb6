"use strict";
// What the playground computes, without a page: data, a net, and its training sample by sample. All calculus is the op
// table's: a neuron is written out as products and sums, with the values and derivatives of `ops`.

// Random numbers in [0, 1) that a seed decides (mulberry32).
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// Numbers that are drawn are short, so that their text in Python is the number itself.
const short = (x, digits) => Number(x.toFixed(digits)) + 0;

const SAMPLES = 150;
// Each draws a point and its class.
const SETS = {
  circle(random) {
    const inside = random() < 0.5, radius = inside ? 0.9 * Math.sqrt(random()) : 1.3 + 0.7 * random();
    const angle = 2 * Math.PI * random();
    return [radius * Math.cos(angle), radius * Math.sin(angle), inside ? 1 : 0];
  },
  xor(random) {
    const x = (0.1 + 1.9 * random()) * (random() < 0.5 ? 1 : -1), y = (0.1 + 1.9 * random()) * (random() < 0.5 ? 1 : -1);
    return [x, y, x * y > 0 ? 1 : 0];
  },
  spiral(random) {
    const arm = random() < 0.5 ? 1 : 0, radius = 0.2 + 1.8 * random();
    const angle = 1.2 * Math.PI * radius + arm * Math.PI + 0.16 * (random() - 0.5);
    return [radius * Math.cos(angle), radius * Math.sin(angle), arm];
  },
  moons(random) {
    const lower = random() < 0.5, angle = Math.PI * random();
    const x = lower ? 1 - Math.cos(angle) : Math.cos(angle), y = lower ? 0.5 - Math.sin(angle) : Math.sin(angle);
    return [1.25 * (x - 0.5) + 0.25 * (random() - 0.5), 1.25 * (y - 0.25) + 0.25 * (random() - 0.5), lower ? 1 : 0];
  },
  line(random) {
    const x = 4 * random() - 2, y = 4 * random() - 2, side = x + 0.6 * y > 0.2;
    return [x + (side ? 0.1 : -0.1), y, side ? 1 : 0];
  },
};

// Points with their classes; what is numbers to predict (of one's own data) has no classes.
function drawnData(name, seed) {
  const random = generator(seed);
  const points = Array.from({ length: SAMPLES }, () => SETS[name](random));
  return { X: points.map(([x, y]) => [short(x, 3), short(y, 3)]), y: points.map((point) => point[2]), classes: true };
}

// A function of numbers as Python recorded it: its value, and its derivative by an argument times `g`, which is that at
// the arguments of the last value.
function recordedFunction({ cells, steps, inputs, output }) {
  const values = Float64Array.from(cells, (number) => Number(number ?? 0));
  const slopes = new Float64Array(values.length), reached = new Uint8Array(values.length);
  const depends = new Set(inputs);
  const calls = steps.map(([cell, name, operands, params]) => {
    if (operands.some((operand) => depends.has(operand))) depends.add(cell);
    return { cell, op: ops[name], operands, params: params.map(Number) };
  });
  function value(...arguments_) {
    inputs.forEach((cell, i) => { values[cell] = arguments_[i]; });
    for (const { cell, op, operands, params } of calls) {
      values[cell] = op.value(...operands.map((operand) => values[operand]), ...params);
    }
    return values[output];
  }
  function slope(argument, g) {
    slopes.fill(0);
    reached.fill(0);
    slopes[output] = g;
    reached[output] = 1;
    for (let k = calls.length - 1; k >= 0; k--) {
      const { cell, op, operands, params } = calls[k];
      if (!reached[cell]) continue;
      const read = [values[cell], ...operands.map((operand) => values[operand]), ...params];
      operands.forEach((operand, i) => {
        if (!depends.has(operand) || !op.vjps[i] || drops(op, i, read)) return;
        slopes[operand] += op.vjps[i](slopes[cell], ...read);
        reached[operand] = 1;
      });
    }
    return slopes[inputs[argument]];
  }
  return { value, slope };
}

// An activation: its value, and ∂L/∂z of ∂L/∂a at z, where it is a. A single op is called directly: the boundary asks
// for a hundred thousand values a frame.
function activation(program) {
  const { steps, inputs } = program;
  if (!steps.length) return { value: (z) => z, back: (g) => g };
  const [[cell, name, operands, params]] = steps;
  if (steps.length === 1 && !params.length && operands.length === 1 && operands[0] === inputs[0]) {
    const op = ops[name], back = op.vjps[0];
    return { value: op.value, back: (g, a, z) => (drops(op, 0, [a, z]) ? 0 : back(g, a, z)) };
  }
  const f = recordedFunction(program);
  return { value: f.value, back: (g, a, z) => { f.value(z); return f.slope(0, g); } };
}

// A net: `sizes` of its layers, an activation behind each, all weights in one list `theta`: for each neuron of each
// layer its weights, then its bias, which stays 0 where a layer is `unbiased`.
function makeNet(sizes, kinds, activations, loss, unbiased = []) {
  const { value: plus } = ops.add, { value: times, vjps: [byLeft, byRight] } = ops.mul;
  const layers = [];
  let count = 0;
  for (let l = 1; l < sizes.length; l++) {
    layers.push({ start: count, inputs: sizes[l - 1], width: sizes[l], f: activation(activations[kinds[l - 1]].program) });
    count += sizes[l] * (sizes[l - 1] + 1);
  }
  const place = (l, j) => layers[l - 1].start + j * (layers[l - 1].inputs + 1); // of a neuron's first weight; l from 1
  const bias = (l, j) => place(l, j) + layers[l - 1].inputs;
  const state = { z: sizes.map((n) => new Float64Array(n)), a: sizes.map((n) => new Float64Array(n)),
    back: sizes.map((n) => new Float64Array(n)), delta: sizes.map((n) => new Float64Array(n)), loss: 0 };
  const lossOf = recordedFunction(loss.program);

  function forward(theta, x) {
    for (let i = 0; i < sizes[0]; i++) state.a[0][i] = x[i];
    layers.forEach(({ start, inputs, width, f }, k) => {
      const from = state.a[k], z = state.z[k + 1], a = state.a[k + 1];
      for (let j = 0, at = start; j < width; j++, at += inputs + 1) {
        let sum = theta[at + inputs];
        for (let i = 0; i < inputs; i++) sum = plus(sum, times(theta[at + i], from[i]));
        z[j] = sum;
        a[j] = f.value(sum);
      }
    });
    return state.a[layers.length][0];
  }

  // ∂L/∂a in `back`, δ = ∂L/∂z in `delta`; ∂L/∂w and ∂L/∂b are added to `gradient`.
  function backward(theta, target, gradient) {
    const last = layers.length;
    state.loss = lossOf.value(state.a[last][0], target);
    state.back[last][0] = lossOf.slope(0, 1);
    for (let l = last; l > 0; l--) {
      const { start, inputs, width, f } = layers[l - 1], from = state.a[l - 1], below = state.back[l - 1];
      below.fill(0);
      for (let j = 0, at = start; j < width; j++, at += inputs + 1) {
        const delta = state.delta[l][j] = f.back(state.back[l][j], state.a[l][j], state.z[l][j]);
        for (let i = 0; i < inputs; i++) {
          gradient[at + i] += byLeft(delta, 0, theta[at + i], from[i]);
          below[i] = plus(below[i], byRight(delta, 0, theta[at + i], from[i]));
        }
        gradient[at + inputs] += delta;
      }
    }
  }

  const lossAt = (theta, x, target) => lossOf.value(forward(theta, x), target);
  function meanLoss(theta, { X, targets }) {
    let total = 0;
    for (let k = 0; k < X.length; k++) total += lossAt(theta, X[k], targets[k]);
    return total / X.length;
  }

  // Weights uniform in ±√(6/(inputs + outputs)), biases 0.
  function start(seed) {
    const random = generator(seed), theta = new Float64Array(count);
    layers.forEach(({ inputs, width }, k) => {
      const limit = Math.sqrt(6 / (inputs + width));
      for (let j = 0; j < width; j++) {
        for (let i = 0; i < inputs; i++) theta[place(k + 1, j) + i] = short((2 * random() - 1) * limit, 4);
      }
    });
    return theta;
  }

  return { sizes, kinds, unbiased, layers, count, place, bias, state, forward, backward, lossAt, meanLoss, start };
}

// A training: where it is, and the way back, which is to compute again from the weights at the start of an epoch.
// A place is [epoch, sample, moment]. The moments of a sample: 0 it comes in, then a neuron after the other forwards, the
// loss, a neuron after the other backwards, and the update, which behind the last sample of a batch changes the weights.
function makeTraining(net, data, settings, origin, epochsBefore = 0) {
  const { sizes, state } = net, n = data.X.length, last = sizes.length - 1;
  const batch = Math.min(settings.batch || n, n);
  const moments = [{ phase: "start" }];
  for (let l = 1; l <= last; l++) for (let j = 0; j < sizes[l]; j++) moments.push({ phase: "forward", layer: l, neuron: j });
  moments.push({ phase: "loss" });
  for (let l = last; l > 0; l--) for (let j = 0; j < sizes[l]; j++) moments.push({ phase: "backward", layer: l, neuron: j });
  moments.push({ phase: "update" });
  const end = moments.length - 1;
  const forwardAt = sizes.map(() => []), backwardAt = sizes.map(() => []);
  moments.forEach(({ phase, layer, neuron }, k) => {
    if (layer) (phase === "forward" ? forwardAt : backwardAt)[layer][neuron] = k;
  });
  const starts = [origin], losses = [net.meanLoss(origin, data)];
  const { value: plus } = ops.add, { value: minus } = ops.sub, { value: times, vjps: [byLeft, byRight] } = ops.mul;
  const place = [0, 0, 0];
  // `theta` before the update of the batch of this sample, `after` behind it; `gradient` the sum over the batch so far,
  // `own` that of this sample alone.
  let theta = origin.slice(), after = theta, gradient = new Float64Array(net.count), own = new Float64Array(net.count);
  let reached = [0, 0]; // the epoch and the first sample of the batch for which `theta` is

  // The slope of the penalty λ·Σ w² or λ·Σ |w| of the weights, by a weight.
  function penalty(w) {
    const { kind, strength } = settings.penalty;
    if (kind === "l2") return plus(byLeft(strength, 0, w, w), byRight(strength, 0, w, w));
    return kind === "l1" ? ops.abs.vjps[0](strength, 0, w) : 0;
  }

  function change(weights, sum, size) {
    const changes = new Float64Array(net.count);
    net.layers.forEach(({ width, inputs }, k) => {
      for (let j = 0; j < width; j++) {
        const first = net.place(k + 1, j), bias = first + inputs;
        for (let i = first; i < bias; i++) changes[i] = -times(settings.rate, plus(sum[i] / size, penalty(weights[i])));
        changes[bias] = net.unbiased[k] ? -0 : -times(settings.rate, sum[bias] / size);
      }
    });
    return changes;
  }

  const updated = (weights, sum, size) => {
    const changes = change(weights, sum, size);
    return weights.map((w, i) => minus(w, -changes[i]));
  };

  function runBatch(first) {
    const stop = Math.min(first + batch, n);
    gradient.fill(0);
    for (let k = first; k < stop; k++) {
      net.forward(theta, data.X[k]);
      net.backward(theta, data.targets[k], gradient);
    }
    theta = updated(theta, gradient, stop - first);
  }

  // Bring `theta` to the start of a batch; epochs that are new are entered on the way.
  function seek(epoch, first) {
    if (epoch < reached[0] || (epoch === reached[0] && first < reached[1]) || (epoch > reached[0] && epoch < starts.length)) {
      theta = starts[epoch].slice();
      reached = [epoch, 0];
    }
    while (reached[0] < epoch || reached[1] < first) {
      runBatch(reached[1]);
      reached = [reached[0], reached[1] + batch];
      if (reached[1] >= n) {
        reached = [reached[0] + 1, 0];
        if (starts.length === reached[0]) {
          starts.push(theta.slice());
          losses.push(net.meanLoss(theta, data));
        }
      }
    }
  }

  function go(epoch, sample, moment) {
    const first = Math.floor(sample / batch) * batch, stop = Math.min(first + batch, n);
    seek(epoch, first);
    gradient.fill(0);
    for (let k = first; k < sample; k++) {
      net.forward(theta, data.X[k]);
      net.backward(theta, data.targets[k], gradient);
    }
    own.fill(0);
    net.forward(theta, data.X[sample]);
    net.backward(theta, data.targets[sample], own);
    for (let i = 0; i < own.length; i++) gradient[i] += own[i];
    after = moment === end && sample === stop - 1 ? updated(theta, gradient, stop - first) : theta;
    if (moment === end && sample === n - 1 && starts.length === epoch + 1) {
      starts.push(after.slice());
      losses.push(net.meanLoss(after, data));
      go(epoch, sample, moment); // the losses of the data went through the net
      return;
    }
    place.splice(0, 3, epoch, sample, moment);
  }

  const next = ([epoch, sample]) => (sample + 1 < n ? [epoch, sample + 1] : [epoch + 1, 0]);
  const previous = ([epoch, sample]) => (sample ? [epoch, sample - 1] : [epoch - 1, n - 1]);
  const isEdge = (k) => k === 0 || k === end || moments[k].phase === "loss" || moments[k + 1].layer !== moments[k].layer;
  const stops = { neuron: () => true, layer: isEdge, sample: (k) => k === end };

  function forth(unit) {
    if (unit === "epoch") return go(place[0] + (place[1] === n - 1 && place[2] === end ? 1 : 0), n - 1, end);
    let [epoch, sample, k] = place;
    do {
      k += 1;
      if (k > end) [[epoch, sample], k] = [next([epoch, sample]), 0];
    } while (!stops[unit](k));
    return go(epoch, sample, k);
  }

  function back(unit) {
    if (unit === "epoch") return place[0] ? go(place[0] - 1, n - 1, end) : go(0, 0, 0);
    let [epoch, sample, k] = place;
    do {
      k -= 1;
      if (k < 0) [[epoch, sample], k] = [previous([epoch, sample]), end];
      if (epoch < 0) return go(0, 0, 0);
    } while (!stops[unit](k));
    return go(epoch, sample, k);
  }

  // Each derivative of the loss of this sample beside (L(w + h) − L(w − h))/2h.
  function differences() {
    const found = [], weights = theta.slice(), x = data.X[place[1]], t = data.targets[place[1]];
    for (let i = 0; i < net.count; i++) {
      const w = weights[i], h = 1e-5 * Math.max(1, Math.abs(w));
      weights[i] = w + h;
      const above = net.lossAt(weights, x, t);
      weights[i] = w - h;
      found.push((above - net.lossAt(weights, x, t)) / (2 * h));
      weights[i] = w;
    }
    net.lossAt(weights, x, t);
    return found;
  }

  go(0, 0, 0);
  return {
    place, moments, end, batch, losses, origin, epochsBefore, go, forth, back, differences,
    get moment() { return moments[place[2]]; },
    get theta() { return place[2] === end ? after : theta; },
    get before() { return theta; },
    get own() { return own; },
    get epochs() { return epochsBefore + place[0] + (place[1] === n - 1 && place[2] === end ? 1 : 0); },
    get inBatch() { return [place[1] % batch + 1, Math.min(batch, n - Math.floor(place[1] / batch) * batch)]; },
    // How often the weights were changed before this sample's batch, and whether they have just been.
    get updates() { return place[0] * Math.ceil(n / batch) + Math.floor(place[1] / batch); },
    get isUpdate() { return after !== theta && place[2] === end; },
    // What the update of this batch is made of, as far as it is known.
    changes() { return change(theta, gradient, this.inBatch[1]); },
    batchMean(i) { return gradient[i] / this.inBatch[1]; },
    knows: (l, j) => l === 0 || place[2] >= forwardAt[l][j],
    knowsDelta: (l, j) => l > 0 && place[2] >= backwardAt[l][j],
    knowsLoss: () => place[2] >= forwardAt[last][sizes[last] - 1] + 1,
    state, data, settings,
  };
}
