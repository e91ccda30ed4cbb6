"use strict";
// The playground's controls: what is chosen, where the training is, and what keys do.

const content = JSON.parse(byId("content").textContent);
const { activations, losses, own: ownData } = content;
const BATCHES = [1, 5, 10, 30, 0]; // 0: all samples
const PENALTIES = { none: ["", 0], "L2 0.0001": ["l2", 0.0001], "L2 0.001": ["l2", 0.001], "L2 0.01": ["l2", 0.01],
  "L1 0.0001": ["l1", 0.0001], "L1 0.001": ["l1", 0.001], "L1 0.01": ["l1", 0.01] };
const WIDEST = 8, DEEPEST = 4; // hidden layers that are made here

const ownKinds = content.layers && content.layers.map((layer) => layer.activation);
const startLoss = ownKinds && ownKinds.at(-1) === "linear" && (!ownData || ownData.two) ? "entropy" : "squared";
const chosenAtStart = {
  data: content.start.data, hidden: content.start.sizes.slice(1, -1),
  activation: ownKinds && ownKinds.length > 1 ? ownKinds[0] : content.start.activation,
  loss: startLoss, rate: 0.03, batch: 1, penalty: "none", seed: 1, own: Boolean(content.layers), unit: "layer",
};
let settings = { ...chosenAtStart }, net, training, view, digits = 4, chosen = null, pinned = null, palette = makePalette();
let running = false, square, size;

// ---- what is chosen, and the address that keeps it

function fromAddress() {
  const found = new URLSearchParams(location.hash.slice(1)), next = { ...chosenAtStart };
  const take = (key, read, holds) => {
    if (!found.has(key)) return;
    const value = read(found.get(key));
    if (holds(value)) next[key] = value;
  };
  take("data", String, (v) => content.sets.includes(v));
  take("hidden", (v) => (v ? v.split("-").map(Number) : []), (v) => v.length <= DEEPEST && v.every((n) => Number.isInteger(n) && n > 0 && n <= WIDEST));
  take("activation", String, (v) => Object.hasOwn(activations, v));
  take("loss", String, (v) => Object.hasOwn(losses, v));
  take("rate", Number, (v) => v > 0 && Number.isFinite(v));
  take("batch", Number, (v) => BATCHES.includes(v));
  take("penalty", String, (v) => Object.hasOwn(PENALTIES, v));
  take("seed", Number, (v) => Number.isInteger(v) && v >= 0 && v < 2 ** 32);
  if (["seed", "hidden", "activation"].some((key) => found.has(key))) next.own = false;
  return next;
}

function toAddress() {
  const { data, hidden, activation: kind, loss, rate, batch, penalty, seed } = settings;
  const parts = { data, loss, rate, batch, penalty, ...(settings.own ? {} : { hidden: hidden.join("-"), activation: kind, seed }) };
  try {
    history.replaceState(null, "", `#${new URLSearchParams(parts)}`);
  } catch { /* a frame in a notebook has no address */ }
}

// The points with their targets; `signs` say which of two classes, or which side of the mean.
function dataFor(kinds) {
  const drawn = settings.data === "own" ? { X: ownData.X, y: ownData.y, classes: Boolean(ownData.two) } : drawnData(settings.data, settings.seed);
  if (!drawn.classes) settings.loss = "squared";
  const { X, y, classes } = drawn, squared = settings.loss === "squared", last = kinds.at(-1);
  let targets = y;
  if (classes) {
    const [low, high] = squared && last === "sigmoid" ? [0, 1] : losses[settings.loss].targets;
    targets = squared && settings.data === "own" && last === "linear" ? ownData.numbers : y.map((k) => (k ? high : low));
  }
  const least = Math.min(...targets), most = Math.max(...targets);
  const middle = classes && !squared ? 0 : (least + most) / 2, reach = classes && !squared ? 1 : (most - least) / 2 || 1;
  return { X, targets, classes, middle, reach, signs: targets.map((t) => Math.sign(t - (least + most) / 2)) };
}

const kindsOf = () => {
  if (settings.own) return ownKinds;
  const plain = settings.data === "own" && !ownData.two;
  return [...settings.hidden.map(() => settings.activation), plain ? "linear" : losses[settings.loss].output];
};

const trainingSettings = () => {
  const [kind, strength] = PENALTIES[settings.penalty];
  return { rate: settings.rate, batch: settings.batch, penalty: { kind, strength } };
};

// A new net, new data and a new training.
function begin() {
  stop();
  if (settings.loss !== "squared" && settings.data === "own" && !ownData.two) settings.loss = "squared";
  const kinds = kindsOf(), data = dataFor(kinds), sizes = [2, ...(settings.own ? content.start.sizes.slice(1, -1) : settings.hidden), 1];
  const unbiased = settings.own ? content.layers.map((layer) => layer.unbiased) : [];
  net = makeNet(sizes, kinds, activations, losses[settings.loss], unbiased);
  const theta = settings.own ? Float64Array.from(content.layers.flatMap(({ weight, bias }) => weight.flatMap((row, j) => [...row, bias[j]])))
    : net.start(settings.seed);
  training = makeTraining(net, data, trainingSettings(), theta);
  square = squareOf(data.X, settings.data === "own");
  size = net.count > 150 ? 24 : 40;
  pinned = null;
  chosen = [1, 0];
  const titles = sizes.map((_, l) => (l === 0 ? "input" : `${l === sizes.length - 1 ? "output" : `layer ${l}`} · ${activations[kinds[l - 1]].title}`));
  view = makeNetView(byId("net"), net, titles, choose, pin);
  digits = view.layOut();
  byId("title").textContent = `a net ${sizes.join("-")} learns ${content.titles[settings.data]}`;
  toAddress();
  showSettings();
  draw();
}

// Another rate, batch or penalty: the weights stay, and the way back begins here.
function goOn() {
  training = makeTraining(net, training.data, trainingSettings(), training.theta.slice(), training.epochs);
  toAddress();
  draw();
}

// ---- drawing

function draw() {
  const { theta, place, moment, data } = training, answers = answersOn(net, theta, square, size);
  training.go(...place); // the grid went through the net
  const output = answers.at(-1)[0], reach = data.reach, isLogit = settings.loss === "entropy";
  view.drawMaps(answers, size, palette);
  paintPlane(byId("plane"), output.map((a) => (isLogit ? Math.tanh(a / 2) : (a - data.middle) / reach)), size, square, data, place[1], palette);
  drawNet();
  drawCurve(byId("curve"), training.losses.slice(0, training.epochs - training.epochsBefore + 1), training.epochsBefore);
  const state = byId("state");
  state.className = moment.phase;
  [byId("now").textContent, byId("where").textContent] = stateTexts();
  const sample = `sample ${place[1] + 1} at ${data.X[place[1]].map((x) => number(x)).join(", ")}`;
  byId("plane").setAttribute("aria-label", `the plane: ${data.X.length} samples, the net's answer as shade, and ${sample} with a ring`);
  byId("back").disabled = byId("reset").disabled = place.every((k) => k === 0);
}

function drawNet() {
  const { theta, moment } = training, shows = document.querySelector("#view :checked").value;
  let amounts = [...theta];
  if (shows === "gradients") amounts = known((i) => training.own[i]);
  if (shows === "updates") {
    const changes = training.changes();
    amounts = known((i) => changes[i]);
  }
  view.drawLines(amounts, shows === "gradients", moment, pinned || (document.activeElement?.classList.contains("neuron") ? chosen : null));
  view.drawCards(training, theta, digits, chosen, pinned);
  byId("chain").replaceChildren(...chainOf(net, training, activations, losses[settings.loss], pinned || chosen));
  const legend = byId("legend"), what = { weights: "weight", gradients: "∂L/∂w of this sample", updates: "change of w by this batch" }[shows];
  const key = (tag, name, text) => [element(tag, undefined, name), text];
  const slope = shows === "gradients" ? "slope" : "";
  legend.replaceChildren(...key("i", slope, `${what} above 0`), ...key("i", `${slope} negative`, "below 0, the wider the larger"),
    ...key("b", "", "bias, at the corner of a map"));
}

// By place in theta, what is known of it once the backward pass has come to its neuron.
function known(amount) {
  const amounts = Array(net.count).fill(null);
  net.layers.forEach(({ inputs, width }, k) => {
    for (let j = 0; j < width; j++) {
      if (!training.knowsDelta(k + 1, j)) continue;
      for (let i = 0; i <= inputs; i++) amounts[net.place(k + 1, j) + i] = amount(net.place(k + 1, j) + i);
    }
  });
  return amounts;
}

// What happens, and where the training is.
function stateTexts() {
  const { moment, place, data, state, epochs, epochsBefore, inBatch: [count, of] } = training;
  const neuron = moment.layer && neuronName(net, moment.layer, moment.neuron);
  const what = {
    start: () => "start: a sample comes in",
    forward: () => `forward: ${neuron} gives ${number(state.a[moment.layer][moment.neuron])}`,
    loss: () => `loss: L = ${number(state.loss)}, the target is ${number(data.targets[place[1]])}`,
    backward: () => `backward: ${neuron} has δ = ${number(state.delta[moment.layer][moment.neuron])}`,
    update: () => (training.isUpdate ? `update: w ← w − η·∂L/∂w${of > 1 ? `, the mean of ${of} samples` : ""}`
      : `its slopes are kept: ${count} of ${of} samples of the minibatch`),
  }[moment.phase]();
  const done = `mean loss after ${epochs} epoch${epochs === 1 ? "" : "s"} ${number(training.losses[epochs - epochsBefore])}`;
  return [what, `epoch ${epochsBefore + place[0] + 1} · sample ${place[1] + 1} of ${data.X.length} · ${done}`];
}

function choose(l, j) {
  chosen = [l, j];
  drawNet();
}

function pin(l, j) {
  pinned = pinned && pinned[0] === l && pinned[1] === j ? null : [l, j];
  chosen = [l, j];
  drawNet();
}

// ---- transport

const unit = () => document.querySelector("#unit :checked").value;

function move(way) {
  stop();
  way === "reset" ? training.go(0, 0, 0) : training[way](unit());
  if (training.moment.layer) chosen = [training.moment.layer, training.moment.neuron];
  draw();
}

function train() {
  if (running) return stop();
  running = true;
  byId("state").setAttribute("aria-live", "off");
  byId("train").textContent = "❚❚ stop";
  const turn = () => {
    if (!running) return;
    training.forth("epoch");
    draw();
    requestAnimationFrame(turn);
  };
  requestAnimationFrame(turn);
  return undefined;
}

function stop() {
  if (!running) return;
  running = false;
  byId("train").textContent = "▶▶ train";
  byId("state").setAttribute("aria-live", "polite");
  draw();
}

// ---- check and copy

function check() {
  const found = training.differences(), own = training.own;
  let worst = 0;
  found.forEach((slope, i) => { if (Math.abs(slope - own[i]) > Math.abs(found[worst] - own[worst]) || slope !== slope) worst = i; });
  const l = net.layers.findIndex((layer, k) => worst < (net.layers[k + 1]?.start ?? net.count)) + 1;
  const j = Math.floor((worst - net.place(l, 0)) / (net.layers[l - 1].inputs + 1)), i = worst - net.place(l, j);
  const name = i < net.layers[l - 1].inputs ? `w${index(i + 1)}` : "b";
  byId("checked").textContent = `${found.length} slopes of the loss of sample ${training.place[1] + 1} beside (L(w + h) − L(w − h))/2h: the largest `
    + `difference is ${number(Math.abs(found[worst] - own[worst]), 2)}, for ${name} of ${neuronName(net, l, j)}: ${number(own[worst], 7)} by the chain rule, ${number(found[worst], 7)} by differences`;
  draw();
}

function copy() {
  stop();
  const area = byId("python"), text = pythonText(net, training, activations, losses[settings.loss]);
  area.value = text;
  area.hidden = false;
  area.focus();
  area.select();
  const said = byId("checked"), shown = "the lines are selected below; copy them with Ctrl+C";
  const copied = navigator.clipboard ? navigator.clipboard.writeText(text) : Promise.reject(new Error("no clipboard"));
  copied.then(() => { said.textContent = "copied: the lines give the numbers of the page"; }, () => { said.textContent = shown; });
}

// ---- controls

function option(value, text) {
  const made = element("option", text);
  made.value = value;
  return made;
}

function showSettings() {
  const { hidden, own } = settings, row = element("div", undefined, "row");
  const shown = own ? content.start.sizes.slice(1, -1) : hidden;
  const button = (text, name, disabled, act) => {
    const made = element("button", text);
    made.type = "button";
    made.disabled = disabled;
    made.setAttribute("aria-label", name);
    made.dataset.name = name;
    made.addEventListener("click", () => { act(); document.querySelector(`#layers [data-name="${name}"]:enabled`)?.focus(); });
    return made;
  };
  const change = (next) => { settings = { ...settings, hidden: next, own: false }; begin(); };
  shown.forEach((n, k) => {
    const group = set(element("span", undefined, "stepped"), { role: "group", "aria-label": `layer ${k + 1}` });
    const resized = (by) => () => change(shown.map((m, i) => (i === k ? m + by : m)));
    group.append(button("−", `one neuron less in layer ${k + 1}`, n <= 1, resized(-1)), element("output", String(n)),
      button("+", `one neuron more in layer ${k + 1}`, n >= WIDEST, resized(1)));
    row.append(group);
  });
  row.append(button("− layer", "one layer less", !shown.length, () => change(shown.slice(0, -1))),
    button("+ layer", "one layer more", shown.length >= DEEPEST, () => change([...shown, shown.at(-1) ?? 4])));
  byId("layers").replaceChildren(byId("layers").querySelector("legend"), row);
  for (const key of ["data", "activation", "loss", "rate", "batch", "penalty", "seed"]) byId(key).value = settings[key];
  const plain = settings.data === "own" && !ownData.two;
  for (const choice of byId("loss").options) choice.disabled = plain && choice.value !== "squared";
}

function listen() {
  byId("data").append(...content.sets.map((name) => option(name, name === "own" ? "own X and y" : name)));
  byId("activation").append(...Object.keys(activations).map((name) => option(name, activations[name].title)));
  byId("loss").append(...Object.keys(losses).map((name) => option(name, losses[name].title)));
  byId("batch").append(...BATCHES.map((n) => option(n, n || "all")));
  byId("penalty").append(...Object.keys(PENALTIES).map((name) => option(name, name)));
  const renewed = { data: String, loss: String, activation: String, seed: Number }, kept = { rate: Number, batch: Number, penalty: String };
  for (const [key, read] of Object.entries({ ...renewed, ...kept })) {
    byId(key).addEventListener("change", (event) => {
      const value = read(event.target.value);
      const fits = key === "rate" ? value > 0 && Number.isFinite(value) : key !== "seed" || (Number.isInteger(value) && value >= 0 && value < 2 ** 32);
      if (!fits) { event.target.value = settings[key]; return; }
      settings = { ...settings, [key]: value, own: settings.own && !["activation", "seed"].includes(key) };
      key in kept ? goOn() : begin();
    });
  }
  byId("reseed").addEventListener("click", () => { settings = { ...settings, seed: settings.seed + 1, own: false }; begin(); });
  byId("settings").addEventListener("submit", (event) => event.preventDefault());
  for (const way of ["reset", "back"]) byId(way).addEventListener("click", () => move(way));
  byId("step").addEventListener("click", () => move("forth"));
  byId("train").addEventListener("click", train);
  byId("check").addEventListener("click", check);
  byId("copy").addEventListener("click", copy);
  byId("view").addEventListener("change", drawNet);
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || ["SELECT", "TEXTAREA"].includes(event.target.tagName) || event.target.type === "number") return;
    const act = { s: () => move("forth"), b: () => move("back"), t: train, Home: () => move("reset") }[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  window.addEventListener("hashchange", () => { settings = fromAddress(); begin(); });
  onRecolour(() => { palette = makePalette(); draw(); });
}

// A notebook may run the page before it gives it a width.
let room = "";

function fit() {
  const wide = byId("net").clientWidth, now = `${wide} ${byId("plane").clientWidth}`;
  if (!wide || now === room) return;
  if (!room) byId("choices").open = innerWidth > 640;
  room = now;
  digits = view.layOut();
  draw();
}

settings = fromAddress();
listen();
begin();
fit();
const watch = new ResizeObserver(fit);
for (const box of ["net", "plane"]) watch.observe(byId(box));
