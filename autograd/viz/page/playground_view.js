"use strict";
// The net on the page: cards of neurons, lines of weights, the chain rule in numbers.

const byId = (id) => document.getElementById(id);
const small_digits = "₀₁₂₃₄₅₆₇₈₉";
const index = (k) => String(k).replace(/\d/g, (d) => small_digits[d]);

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

const neuronName = (net, l, j) => (l === 0 ? `input x${index(j + 1)}`
  : l === net.sizes.length - 1 ? "output" : `layer ${l}, neuron ${j + 1}`);
const shortName = (net, l, j) => (l === 0 ? `x${index(j + 1)}` : l === net.sizes.length - 1 ? "output" : `neuron ${j + 1}`);

// Cards and lines of a net, placed for a width; `choose` is called with the neuron that has the focus, `pin` with Enter.
function makeNetView(box, net, titles, choose, pin) {
  const svg = svgElement("svg", { "aria-hidden": "true" }), last = net.sizes.length - 1;
  const cards = net.sizes.map((width, l) => Array.from({ length: width }, (_, j) => makeCard(l, j)));
  const lines = []; // in the order of theta: for each neuron its weights; biases have none
  const columns = titles.map((title) => element("div", title, "column"));
  net.layers.forEach(({ inputs, width }, k) => {
    for (let j = 0; j < width; j++) {
      for (let i = 0; i < inputs; i++) lines.push({ l: k + 1, j, i, at: net.place(k + 1, j) + i, line: svgElement("line", {}) });
    }
  });
  svg.append(...lines.map(({ line }) => line));
  box.replaceChildren(svg, ...columns, ...cards.flat().map(({ card }) => card));
  let isTall = false;

  function makeCard(l, j) {
    const card = element("button", undefined, "neuron"), canvas = element("canvas"), numbers = element("span", undefined, "numbers");
    const value = element("b"), delta = element("div", undefined, "delta"), bias = element("span", undefined, "bias");
    card.type = "button";
    card.tabIndex = l === 0 && j === 0 ? 0 : -1;
    card.id = `neuron-${l}-${j}`;
    numbers.append(value, delta);
    card.append(canvas, numbers, ...(l ? [bias] : []));
    card.addEventListener("focus", () => { rove(card); choose(l, j); });
    card.addEventListener("click", () => { card.focus(); choose(l, j); });
    card.addEventListener("keydown", (event) => walk(event, l, j));
    return { card, canvas, value, delta, bias };
  }

  const rove = (card) => cards.flat().forEach((other) => { other.card.tabIndex = other.card === card ? 0 : -1; });

  function walk(event, l, j) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const along = isTall ? { ArrowDown: 1, ArrowUp: -1 } : { ArrowRight: 1, ArrowLeft: -1 };
    const across = isTall ? { ArrowRight: 1, ArrowLeft: -1 } : { ArrowDown: 1, ArrowUp: -1 };
    if (event.key === "Enter" || event.key === " ") pin(l, j);
    else if (along[event.key]) {
      const to = cards[l + along[event.key]];
      if (to) to[Math.min(to.length - 1, Math.round((j + 0.5) * to.length / cards[l].length - 0.5))].card.focus();
    } else if (across[event.key]) cards[l][j + across[event.key]]?.card.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // Columns from left to right, or in a narrow box rows from top to bottom, where many neurons stand in a zigzag.
  function layOut() {
    const width = box.clientWidth, most = Math.max(...net.sizes), count = last + 1;
    isTall = width < 600;
    const isNarrow = isTall || (width - 124 * count) / last < (most > 5 ? 24 : 46);
    box.classList.toggle("narrow", isNarrow);
    box.classList.toggle("rows", isTall);
    const [w, h] = isNarrow ? [64, 86] : [124, 52], isZigzag = isTall && most * (w + 2) > width;
    const row = isZigzag ? 2 * h + 6 : h, gap = 44;
    const pitch = !isTall ? Math.max(h + 12, Math.min(h + 34, 330 / most)) : isZigzag ? Math.max((w + 2) / 2, (width - w - 2) / (most - 1))
      : Math.min(92, (width - w - 2) / Math.max(1, most - 1));
    const total = isTall ? Math.max(width, (most - 1) * pitch + w) : width;
    const height = isTall ? count * row + last * gap + 8 : 24 + most * pitch;
    box.style.height = `${height}px`;
    svg.style.width = `${total}px`;
    const center = (l, j) => {
      const isSplit = isZigzag && net.sizes[l] * (w + 2) > width;
      const across = (j - (net.sizes[l] - 1) / 2) * (isZigzag && !isSplit ? w + 12 : pitch);
      if (!isTall) return [w / 2 + 4 + l * (width - w - 8) / last, 24 + (height - 24) / 2 + across];
      const down = isSplit ? (j % 2) * (h + 6) : (row - h) / 2;
      return [total / 2 + across, 4 + h / 2 + down + l * (row + gap)];
    };
    cards.forEach((layer, l) => layer.forEach(({ card }, j) => {
      const [x, y] = center(l, j);
      card.style.left = `${x}px`;
      card.style.top = `${y}px`;
    }));
    columns.forEach((column, l) => { column.style.left = `${center(l, 0)[0]}px`; column.style.top = "0"; });
    for (const { l, j, i, line } of lines) {
      const [x1, y1] = center(l - 1, i), [x2, y2] = center(l, j);
      set(line, isTall ? { x1, y1: y1 + h / 2, x2, y2: y2 - h / 2 } : { x1: x1 + w / 2, y1, x2: x2 - w / 2, y2 });
    }
    return isNarrow ? 2 : 3;
  }

  // What lines stand for: weights, or slopes of the loss, or the changes of the next update; null is not known yet.
  function drawLines(amounts, isSlope, moment, chosen) {
    const sizes = amounts.filter((v) => v !== null && Number.isFinite(v)).map(Math.abs).sort((a, b) => a - b);
    const largest = sizes[Math.floor(0.95 * (sizes.length - 1))] || sizes.at(-1) || 1;
    for (const { l, j, i, at, line } of lines) {
      const v = amounts[at], flows = moment.phase === "forward" ? moment.layer === l && moment.neuron === j
        : moment.phase === "backward" && moment.layer + 1 === l && moment.neuron === i;
      const kind = v === null ? "unknown" : v !== v ? "nan" : v === 0 ? "zero" : v < 0 ? "negative" : "positive";
      const faint = chosen && !(chosen[0] === l && chosen[1] === j) && !(chosen[0] === l - 1 && chosen[1] === i);
      const way = flows ? ` flow${moment.phase === "backward" ? " against" : ""}` : "";
      line.setAttribute("class", kind + (isSlope ? " slope" : "") + (faint ? " faint" : "") + way);
      line.setAttribute("stroke-width", v === null || v === 0 || v !== v ? 1.5 : (0.8 + 5.2 * Math.min(1, Math.abs(v) / largest)).toFixed(2));
    }
  }

  function drawCards(training, theta, digits, chosen, pinned) {
    const { moment, state } = training;
    cards.forEach((layer, l) => layer.forEach(({ card, value, delta, bias }, j) => {
      const a = training.knows(l, j) ? number(state.a[l][j], digits) : "–";
      const d = training.knowsDelta(l, j) ? number(state.delta[l][j], digits) : "";
      value.textContent = l ? a : `x${index(j + 1)} ${number(state.a[0][j], digits)}`;
      delta.textContent = d && `δ ${d}`;
      const b = l && theta[net.bias(l, j)];
      bias.className = `bias ${b > 0 ? "positive" : b < 0 ? "negative" : ""}`;
      bias.style.setProperty("--size", `${6 + 8 * Math.min(1, Math.abs(b) || 0)}px`);
      const isNow = moment.layer === l && moment.neuron === j;
      card.className = `neuron${isNow ? " now" : ""}${isNow && moment.phase === "backward" ? " against" : ""}`
        + (chosen && chosen[0] === l && chosen[1] === j ? " chosen" : "") + (pinned && pinned[0] === l && pinned[1] === j ? " pinned" : "");
      card.setAttribute("aria-label", l
        ? `${neuronName(net, l, j)}, output ${a}${d && `, delta ${d}`}, bias ${number(b)}` : `${neuronName(net, 0, j)} = ${number(state.a[0][j])}`);
    }));
  }

  function drawMaps(answers, size, palette) {
    cards.forEach((layer, l) => layer.forEach(({ canvas }, j) => paint(canvas, inUnits(answers[l][j]), size, palette, 0.9)));
  }

  return { layOut, drawLines, drawCards, drawMaps, focus: (l, j) => cards[l][j].card.focus() };
}

// The chain rule of a neuron in numbers, as far as the sample has come.
function chainOf(net, training, activations, loss, [l, j]) {
  const { state, before, settings, data, place } = training, last = net.sizes.length - 1;
  const formulas = element("div", undefined, "formulas"), lines = [element("h2", `${neuronName(net, l, j)} · sample ${place[1] + 1}`)];
  const say = (text, className) => formulas.append(element("p", text, className));
  const product = (x, y) => `${number(x)}·${y < 0 ? `(${number(y)})` : number(y)}`;
  const sum = (terms) => terms.join(" + ").replaceAll("+ −", "− ");
  const knowsBelow = (k) => Array.from({ length: net.sizes[k] }, (_, i) => training.knowsDelta(k, i)).every(Boolean);
  const propagated = () => {
    const k = net.layers[l].width, weights = Array.from({ length: k }, (_, i) => before[net.place(l + 1, i) + j]);
    return sum(weights.map((w, i) => product(w, state.delta[l + 1][i])));
  };
  if (l === 0) {
    say(`x${index(j + 1)} = ${number(state.a[0][j])}`);
    say(knowsBelow(1) ? `∂L/∂x${index(j + 1)} = Σ w·δ = ${propagated()} = ${number(state.back[0][j])}` : "∂L/∂x = Σ w·δ: not yet", knowsBelow(1) ? "back" : "todo");
    return [...lines, formulas];
  }
  const at = net.place(l, j), { inputs, f } = net.layers[l - 1], kind = activations[net.kinds[l - 1]];
  const from = state.a[l - 1], z = state.z[l][j], a = state.a[l][j], d = state.delta[l][j], b = before[at + inputs];
  const terms = Array.from(from, (x, i) => product(before[at + i], x));
  if (training.knows(l, j)) {
    say(`z = b + Σ w·x = ${sum([number(b), ...terms])} = ${number(z)}`);
    say(kind.formula === "z" ? `a = z = ${number(a)}` : `a = ${kind.formula} = ${number(a)}`);
  } else say("z = b + Σ w·x and a: not computed yet", "todo");
  if (l === last && training.knowsLoss()) {
    say(`L = ${loss.formula} = ${number(state.loss)}, with the target t = ${number(data.targets[place[1]])}`);
  }
  const known = training.knowsDelta(l, j);
  if (known) {
    const slope = f.back(1, a, z), slopeText = kind.slope && kind.slope !== "1" ? ` = ${kind.slope}` : "";
    say(l === last ? `∂L/∂a = ${loss.slope} = ${number(state.back[l][j])}` : `∂L/∂a = Σ w·δ of the next layer = ${propagated()} = ${number(state.back[l][j])}`, "back");
    say(`∂a/∂z = f′(z)${slopeText} = ${number(slope)}`, "back");
    say(`δ = ∂L/∂z = ∂L/∂a · ∂a/∂z = ${product(state.back[l][j], slope)} = ${number(d)}`, "back");
  } else say("δ = ∂L/∂z = ∂L/∂a · ∂a/∂z: not yet; the backward pass begins at the output", "todo");
  const [count, of] = training.inBatch, changes = training.moment.phase === "update" ? training.changes() : null;
  const heads = ["from", "w", "x", "w·x", "∂L/∂w = δ·x"];
  if (of > 1) heads.push(`mean of ${count} of ${of}`);
  if (changes) heads.push(training.isUpdate ? "w − η·slope" : "change so far");
  const table = element("table"), head = element("tr");
  head.append(...heads.map((text) => set(element("th", text), { scope: "col" })));
  table.append(element("thead"), element("tbody"));
  table.tHead.append(head);
  for (let i = 0; i <= inputs; i++) {
    const row = element("tr"), w = before[at + i], x = i < inputs ? from[i] : 1;
    const knowsX = i === inputs || training.knows(l - 1, i);
    const cells = [i < inputs ? shortName(net, l - 1, i) : "bias b", number(w), i < inputs ? knowsX ? number(x) : "–" : "1",
      i < inputs ? knowsX ? number(w * x) : "–" : number(w)];
    cells.push(known ? [i < inputs ? product(d, x) : "δ", number(training.own[at + i])] : "–");
    if (of > 1) cells.push(known ? number(training.batchMean(at + i)) : "–");
    if (changes) {
      const amount = `${changes[at + i] < 0 ? "−" : "+"} ${number(Math.abs(changes[at + i]))}`;
      cells.push(training.isUpdate ? [`${number(w)} ${amount}`, number(training.theta[at + i])] : amount);
    }
    row.append(...cells.map((text, k) => {
      const cell = element("td", Array.isArray(text) ? undefined : text, k >= 4 ? "back" : "");
      if (Array.isArray(text)) cell.append(element("span", `${text[0]} = `, "long"), text[1]); // on a phone the result alone
      return cell;
    }));
    table.tBodies[0].append(row);
  }
  if (settings.penalty.kind && changes) say(`The penalty adds its slope, ${settings.penalty.kind === "l2" ? "2·λ·w" : "λ·sign(w)"}, to that of each weight; λ = ${number(settings.penalty.strength)}, η = ${number(settings.rate)}.`, "todo");
  const scroll = set(element("div", undefined, "scroll"), { tabindex: "0", role: "region", "aria-label": "weights of the neuron" });
  scroll.append(table);
  return [...lines, formulas, scroll];
}
