// What the page shows at a step. Nothing that a later step calculates is in the document before that step.
const holder_ = document.getElementById("data");
const data = JSON.parse(holder_.textContent);
holder_.remove();
const at_ = (id) => document.getElementById(id);
const slider = at_("slider"), panel = at_("panel"), details = at_("details"), ledger = at_("ledger"), predict = at_("predict");
const CHIPS = 12, ROWS = 100; // of contributions to a node, and of nodes; the others are summed up

const folded = data.cards.length < data.nodes.length;
const cardOf = [], rows = [];
data.cards.forEach((card, i) => {
  card.work = [];
  card.from = card.operands.map((id) => data.cards.findIndex((other) => other.id === id));
  card.to = [];
  for (const node of card.members) cardOf[node] = i;
});
data.cards.forEach((card, i) => card.from.forEach((j) => data.cards[j].to.push(i)));
data.nodes.forEach((node) => { node.entries = []; });
data.steps.forEach((step, i) => {
  new Set(step.nodes).forEach((node) => data.cards[cardOf[node]].work.push([i + 1, node]));
  if (step.to === undefined) return;
  if (!data.nodes[step.to].entries.length) rows.push(step.to);
  step.before = data.nodes[step.to].entries.at(-1);
  data.nodes[step.to].entries.push(i + 1);
});
const turn = data.steps.findIndex((step) => step.phase === "backward") + 1;

let at = 0, chosen = null, hinted = false;
const answered = new Map(); // in predict mode: the steps, and whether the first answer was right
const asked = (k) => predict.checked && k > 0 && !answered.has(k) && askable(data.steps[k - 1]);
const seen = () => (asked(at) ? at - 1 : at); // the last step whose number is known
const askable = (step) => step.chain === undefined ? step.phase === "forward" && numbersIn(text.result(step)) : step.slot !== undefined && numbersIn(text.result(step)) !== null;

// The numbers as texts: the engine's own, or after a leaf was moved, those that this page computed.
const text = {
  value: (i) => (moved ? moved.value(i) : data.nodes[i].value),
  contribution: (step) => (moved ? moved.contribution(step) : step.value),
  total: (step) => (moved ? moved.total(step) : step.total),
  factor: (step) => (moved ? moved.factor(step) : step.factor),
  gradient: (i) => text.total(data.steps[data.nodes[i].entries.at(-1) - 1]),
  result: (step) => (step.phase === "forward" ? text.value(step.node) : text.contribution(step)),
};
const bracketed = (number) => (number.startsWith(MINUS) ? `(${number})` : number);
const fill = (parts, step) => parts.map((part) => {
  if (typeof part === "string") return part;
  const place = Array.isArray(part) ? part[0] : part;
  const number = place === -1 ? text.gradient(step.node) : place === -2 ? text.factor(step) : text.value(place);
  return Array.isArray(part) ? bracketed(number) : number;
}).join("");
const equation = (...texts) => texts.filter((t, i) => t && t !== texts[i + 1]).join(" = ");

// Of the nodes that share a card, the one that was last at work.
const shownOf = (card) => (card.work.findLast(([step]) => step <= at) || [0, card.members[0]])[1];
const lastEntry = (node, step) => node.entries.findLast((entry) => entry <= step);

const views = ["wide", "narrow"].map((name) => drawing(name, data.cards));
let view = null, focused = 0;

function show(step) {
  const to = Math.max(0, Math.min(data.steps.length, step));
  if (to !== at) hinted = false;
  at = to;
  refresh();
  const now = at ? data.steps[at - 1] : null;
  if (now) reveal((now.phase === "forward" ? now.active : now.active.toReversed()).map(view.part));
}

// With `renumbered`, the same as before with other numbers: at once where they are seen, elsewhere and for screen
// readers as soon as no other follows.
function refresh(renumbered) {
  const now = at ? data.steps[at - 1] : null, known = seen();
  const all = () => data.cards.forEach((card, i) => paint(card, i, known));
  clearTimeout(resting);
  if (renumbered) {
    const visible = inSight(view);
    data.cards.forEach((card, i) => { if (visible(view.places[i])) paint(card, i, known); });
    const renumber = (list) => list.forEach(([node, number]) => { node.data = number(); });
    renumber(numbers.slice(-2 * CHIPS)); // the latest, to which the list is scrolled
    resting = setTimeout(() => { all(); renumber(numbers); name(known); }, 50);
  } else {
    all();
    name(known);
  }
  tell(now, known);
  ask(now, known);
  if (chosen !== null) explain(chosen);
  if (renumbered) return;
  slider.value = at;
  view.svg.querySelectorAll(".forward, .backward").forEach((g) => g.classList.remove("forward", "backward"));
  if (now) now.active.forEach((id) => view.part(id).classList.add(now.phase));
  addUp(now, known);
  survey(view);
}

let resting = 0;
const numbers = []; // in the list of gradients: text nodes, and what writes them
function numberIn(list, number) {
  const node = document.createTextNode(number());
  list.push([node, number]);
  return node;
}

// What a screen reader says of the cards and the slider.
function name(known) {
  const now = at ? data.steps[at - 1] : null;
  slider.setAttribute("aria-valuetext", now ? `step ${at} of ${data.steps.length}: ${spoken(now, known)}` : "start");
  for (const card of data.cards) {
    const i = shownOf(card), node = data.nodes[i], last = lastEntry(node, known), there = node.forward <= known;
    const label = [node.name, ...card.head, there ? node.bare ? "" : `value ${text.value(i)}` : "not yet computed",
      there && last ? `${node.derivative} ${text.total(data.steps[last - 1])}${last < node.entries.at(-1) ? " so far" : ""}` : ""]
      .filter(Boolean).join(", ");
    const group = view.part(card.id);
    if (group.getAttribute("aria-label") !== label) group.setAttribute("aria-label", label);
  }
}

function spoken(step, known) {
  if (known < at) return "what is the number?";
  return step.phase === "forward" ? equation(data.nodes[step.node].name, text.value(step.node))
    : `${data.nodes[step.to].derivative} = ${text.total(step)}`;
}

function paint(card, i, known) {
  const place = shownOf(card), node = data.nodes[place], last = lastEntry(node, known);
  const there = node.forward <= known, [two, name] = [node.shape !== undefined, node.bare ? "" : node.name];
  const line = (bold, number, gradient) => (
    two && bold ? [[bold, "", gradient], ["", number, gradient]] : [[bold, bold ? ` = ${number}` : number, gradient]]);
  const lines = [...card.head.map((head) => ["", head, false]),
    ...(there ? line(name, text.value(place), false) : [[node.name, "", false]])];
  if (there && last) lines.push(...line(node.derivative, text.total(data.steps[last - 1]), true));
  write(view, i, lines);
  for (const id of card.parts) view.part(id).classList.toggle("todo", !there);
}

function tell(now, known) {
  panel.className = `panel ${now ? now.phase : ""}`;
  const where = now ? `step ${at} of ${data.steps.length} · ${now.phase}` : `${data.steps.length} steps`;
  const lines = [element("p", where, "quiet")];
  if (!now) {
    lines.push(element("p", "Step forward with the button, the slider or the arrow keys: first the values are computed, "
      + "then the gradients flow back."), ...data.caption.map((caption) => element("p", caption, "quiet")));
  } else {
    lines.push(...(now.phase === "forward" ? forwardLines(now, known < at) : backwardLines(now, known < at)));
    if (now.note && !moved) lines.push(element("p", now.note, "quiet"));
  }
  panel.replaceChildren(...lines);
}

function formulaLine(formula, result) {
  const line = element("p", formula, "formula");
  line.append(" = ", element("b", result));
  return line;
}

function forwardLines(now, hidden) {
  const name = data.nodes[now.node].name, numbers = fill(now.numbers, now), value = text.value(now.node);
  return [element("p", `${name} = ${now.rule}`),
    formulaLine(hidden || numbers !== value ? `${name} = ${numbers}` : name, hidden ? "?" : value)];
}

function backwardLines(now, hidden) {
  const name = data.nodes[now.to].derivative, value = text.contribution(now), lines = [element("p", now.what)];
  const chain = now.slot === undefined ? now.chain : `${name} += ${now.chain}`;
  const numbers = !now.numbers || (hidden && now.factor) ? "" : fill(now.numbers, now);
  lines.push(formulaLine(equation(chain, ...(numbers !== value ? [numbers] : [])), hidden ? "?" : value));
  if (now.local) {
    const rule = equation(now.local, now.rule, ...(hidden ? [] : [fill(now.ruleNumbers, now), text.factor(now)]));
    lines.push(element("p", `where ${rule}`));
  }
  if (hidden && hinted && now.hint) lines.push(element("p", `in numbers: ${fill(now.hint, now)}`));
  if (!hidden && now.before) {
    const before = text.total(data.steps[now.before - 1]);
    lines.push(element("p", `contributions add up: ${name} = ${before} + ${bracketed(value)} = ${text.total(now)}`));
  }
  return lines;
}

// The gradients so far, the latest below: of every node, or where cards are shared, of those at work.
function addUp(now, known) {
  const there = folded ? [...new Set(now ? now.nodes : [])] : rows;
  const begun = there.filter((i) => data.nodes[i].entries[0] <= known);
  let current = null;
  numbers.length = 0;
  ledger.replaceChildren(...begun.slice(-ROWS).map((i) => {
    const node = data.nodes[i], entered = node.entries.filter((entry) => entry <= known);
    const chips = element("td"), left = entered.length > CHIPS ? entered.length - CHIPS + 1 : 0;
    if (left) {
      const chip = element("span", undefined, "chip");
      chip.append(numberIn(numbers, () => text.total(data.steps[entered[left - 1] - 1])), " ", element("small", `from ${left} earlier`));
      chips.append(chip, " + ");
    }
    entered.slice(left).forEach((entry, k) => {
      const step = data.steps[entry - 1], chip = element("span", undefined, entry === at ? "chip new" : "chip");
      chip.append(numberIn(numbers, () => text.contribution(step)), " ", element("small", step.from));
      chips.append(...(k ? [" + "] : []), chip);
    });
    const row = element("tr"), head = element("th", node.name), total = element("td", undefined, "total");
    head.scope = "row";
    total.append(numberIn(numbers, () => text.total(data.steps[entered.at(-1) - 1])));
    row.append(head, chips, total);
    if (entered.at(-1) === at) current = row;
    return row;
  }));
  at_("gradients").hidden = !begun.length;
  if (current) within(current);
}

// Scrolls the list, and not the page, to a row.
function within(row) {
  const list = row.closest(".sums"), box = row.getBoundingClientRect(), frame_ = list.getBoundingClientRect();
  if (box.bottom > frame_.bottom) list.scrollTop += box.bottom - frame_.bottom + 8;
  if (box.top < frame_.top) list.scrollTop += box.top - frame_.top - 8;
}

// What is known of a node, and the steps at which something happens to it.
function explain(place) {
  chosen = place;
  const node = data.nodes[place], known = seen(), card = data.cards[cardOf[place]], there = node.forward <= known;
  const list = element("dl"), entered = node.entries.filter((entry) => entry <= known);
  const add = (term, ...content) => {
    const value = element("dd");
    value.append(...content);
    list.append(element("dt", term), value);
  };
  const array = (short, long) => (long !== undefined && !moved ? long : short);
  if (node.name !== node.value) add("name", node.name);
  if (node.shape) add("shape", node.shape);
  if (there) add("value", array(text.value(place), node.whole));
  if (node.call) add("computed as", node.call);
  if (node.op) add("op", node.op);
  if (entered.length) {
    const complete = entered.length === node.entries.length;
    const total = text.total(data.steps[entered.at(-1) - 1]);
    add(node.derivative, complete ? array(total, node.wholeGradient) : `${total} so far`);
  }
  if (node.users) add("used by", node.users);
  const jumps = [...(node.forward ? [[node.forward, "computed"]] : []), ...node.entries.map((entry) => [entry, "gradient"])];
  const buttons = jumps.slice(0, CHIPS).map(([step, word]) => {
    const button = element("button", `${word}: step ${step}`, "word");
    button.addEventListener("click", () => show(step));
    return button;
  });
  if (buttons.length) add("steps", ...buttons);
  details.replaceChildren(list);
  details.hidden = false;
  if (card.members.length === 1) return;
  const select = element("select");
  select.setAttribute("aria-label", "which of those that share the card");
  for (const i of card.members) select.append(new Option(data.nodes[i].name, i, false, i === place));
  select.addEventListener("change", () => { explain(Number(select.value)); details.querySelector("select").focus(); });
  details.prepend(select);
}

// A click or Enter on a node: its details, and its step; the next of its steps if it is there already. While the reader
// predicts, the details have buttons for that, for a step tells every number before it.
function choose(i) {
  focused = i;
  const card = data.cards[i], place = shownOf(card), node = data.nodes[place];
  const steps = [...(node.forward ? [node.forward] : []), ...node.entries];
  explain(place);
  if (typeof offer === "function") offer(place);
  if (!predict.checked && steps.length) show(steps.find((step) => step > at && steps.includes(at)) ?? steps[0]);
}
