"use strict";
// Everything shown was calculated by the engine; this page only decides what is visible at a step.
const data = JSON.parse(document.getElementById("data").textContent);
const slider = document.getElementById("slider");
const panel = document.getElementById("panel");
const details = document.getElementById("details");
const ledger = document.getElementById("ledger");
const views = ["wide", "narrow"];
const part = (view, id) => document.getElementById(`${view}-${id}`);

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

let at = 0;

// Of the nodes that share a card, the one that was last at work.
const shownOf = (card) => (card.work.findLast(([step]) => step <= at) || [0, card.members[0]])[1];

function show(step) {
  at = Math.max(0, Math.min(data.steps.length, step));
  slider.value = at;
  const now = at ? data.steps[at - 1] : null;
  slider.setAttribute("aria-valuetext", now ? `step ${at} of ${data.steps.length}: ${now.spoken}` : "start");
  for (const view of views) {
    for (const card of data.cards) {
      const node = data.nodes[shownOf(card)];
      const lines = part(view, card.id).querySelectorAll("text");
      const known = node.forward <= at;
      const last = node.entries.filter((entry) => entry.step <= at).pop();
      const texts = [...card.head, ...(known ? node.value : [node.name]), ...(known && last ? last.text : [])];
      lines.forEach((line, i) => { line.textContent = texts[i] || "\u00a0"; });
      for (const id of card.parts) part(view, id).classList.toggle("todo", !known);
    }
    document.querySelectorAll(`#${view} .forward, #${view} .backward`).forEach((active) => {
      active.classList.remove("forward", "backward");
    });
    if (now) {
      for (const id of now.active) part(view, id).classList.add(now.phase);
      reveal(document.getElementById(view), now.active.map((id) => part(view, id).getBoundingClientRect()));
    }
  }
  tell(now);
  addUp(now);
}

// Scrolls a graph that is larger than its frame to what is at work.
function reveal(frame, boxes) {
  const seen = frame.getBoundingClientRect();
  const left = Math.min(...boxes.map((box) => box.left)), right = Math.max(...boxes.map((box) => box.right));
  const top = Math.min(...boxes.map((box) => box.top)), bottom = Math.max(...boxes.map((box) => box.bottom));
  if (left < seen.left || right > seen.right) frame.scrollLeft += (left + right - seen.left - seen.right) / 2;
  if (top < seen.top || bottom > seen.bottom) frame.scrollTop += (top + bottom - seen.top - seen.bottom) / 2;
}

// An arrow can point both ways; where a head is hidden, a line takes its place.
function turnable(edge) {
  [...edge.querySelectorAll("polygon")].forEach((arrow, i) => {
    const way = i ? "head" : "tail";
    const [a, tip, b] = arrow.getAttribute("points").split(" ").map((point) => point.split(",").map(Number));
    const stub = edge.querySelector("path").cloneNode();
    stub.setAttribute("d", `M${(a[0] + b[0]) / 2},${(a[1] + b[1]) / 2}L${tip[0]},${tip[1]}`);
    arrow.classList.add(way);
    stub.classList.add(way);
    arrow.after(stub);
  });
}

function tell(now) {
  panel.className = `panel ${now ? now.phase : ""}`;
  const where = now ? `step ${at} of ${data.steps.length} · ${now.phase}` : `${data.steps.length} steps`;
  const lines = [element("p", where, "quiet")];
  if (now) {
    lines.push(element("p", now.what));
    const formula = element("p", now.formula, "formula");
    if (now.result) formula.append(" = ", element("b", now.result));
    lines.push(formula);
    if (now.sum) lines.push(element("p", now.sum));
    if (now.note) lines.push(element("p", now.note, "quiet"));
  } else {
    lines.push(element("p", "Step forward with the button, the slider or the arrow keys: first the values are computed, "
      + "then the gradients flow back."));
  }
  panel.replaceChildren(...lines);
}

// The gradients so far: of every node, or where cards are shared, of those at work.
function addUp(now) {
  const shown = folded ? [...new Set(now ? now.nodes : [])] : [...data.nodes.keys()].reverse();
  ledger.replaceChildren(...shown.map((i) => data.nodes[i]).filter((node) => node.entries.length).map((node) => {
    const entered = node.entries.filter((entry) => entry.step <= at);
    const chips = element("td", entered.length ? undefined : "–");
    entered.forEach((entry, i) => {
      const chip = element("span", `${entry.value} `, entry.step === at ? "chip new" : "chip");
      chip.append(element("small", entry.from));
      chips.append(...(i ? [" + "] : []), chip);
    });
    const row = element("tr");
    row.append(element("td", node.name), chips, element("td", entered.length ? entered.at(-1).total : "", "total"));
    return row;
  }));
}

function explain(card, chosen) {
  const list = element("dl");
  for (const [term, text] of data.nodes[chosen].details) list.append(element("dt", term), element("dd", text));
  details.replaceChildren(list);
  details.hidden = false;
  if (card.members.length === 1) return;
  const select = element("select");
  select.setAttribute("aria-label", "which of those that share the card");
  for (const i of card.members) select.append(new Option(data.nodes[i].name, i, false, i === chosen));
  select.addEventListener("change", () => { explain(card, Number(select.value)); details.querySelector("select").focus(); });
  details.prepend(select);
}

const folded = data.cards.length < data.nodes.length;
const holder = [];
for (const card of data.cards) {
  card.work = [];
  for (const i of card.members) holder[i] = card;
}
data.steps.forEach((step, i) => step.nodes.forEach((node) => holder[node].work.push([i + 1, node])));

for (const card of data.cards) {
  const before = card.head.length + data.nodes[card.members[0]].value.length;
  for (const view of views) {
    card.arrows.forEach((id) => turnable(part(view, id)));
    part(view, card.id).querySelectorAll("text").forEach((line, i) => {
      if (i >= before) line.classList.add("grad");
    });
    for (const id of card.parts) {
      const group = part(view, id);
      const open = () => explain(card, shownOf(card));
      group.setAttribute("tabindex", "0");
      group.setAttribute("role", "button");
      group.setAttribute("aria-label", `details of ${[data.nodes[card.members[0]].name, ...card.head].join(" ")}`);
      group.addEventListener("click", open);
      group.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") { event.preventDefault(); open(); }
      });
    }
  }
}
slider.max = data.steps.length;
slider.addEventListener("input", () => show(Number(slider.value)));
document.getElementById("back").addEventListener("click", () => show(at - 1));
document.getElementById("next").addEventListener("click", () => show(at + 1));
document.addEventListener("keydown", (event) => {
  if (event.target === slider || event.target.tagName === "SELECT" || event.altKey || event.ctrlKey || event.metaKey) return;
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: data.steps.length }[event.key];
  if (to !== undefined) { event.preventDefault(); show(to); }
});
show(0);
