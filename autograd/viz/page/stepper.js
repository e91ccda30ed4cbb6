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

function show(step) {
  at = Math.max(0, Math.min(data.steps.length, step));
  slider.value = at;
  const now = at ? data.steps[at - 1] : null;
  slider.setAttribute("aria-valuetext", now ? `step ${at} of ${data.steps.length}: ${now.spoken}` : "start");
  for (const view of views) {
    for (const node of data.nodes) {
      const lines = part(view, node.id).querySelectorAll("text");
      const known = node.forward <= at;
      const last = node.entries.filter((entry) => entry.step <= at).pop();
      const texts = [...(known ? node.value : [node.name]), ...(known && last ? last.text : [])];
      lines.forEach((line, i) => { line.textContent = texts[i] || "\u00a0"; });
      for (const id of node.parts) part(view, id).classList.toggle("todo", !known);
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
  addUp();
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

function addUp() {
  for (const node of data.nodes) {
    const row = node.entries.length && document.getElementById(`row-${node.id}`);
    if (!row) continue;
    const seen = node.entries.filter((entry) => entry.step <= at);
    const chips = [];
    seen.forEach((entry, i) => {
      if (i) chips.push(" + ");
      const chip = element("span", `${entry.value} `, entry.step === at ? "chip new" : "chip");
      chip.append(element("small", entry.from));
      chips.push(chip);
    });
    row.cells[1].replaceChildren(...(chips.length ? chips : ["–"]));
    row.cells[2].textContent = seen.length ? seen[seen.length - 1].total : "";
  }
}

function explain(node) {
  const list = element("dl");
  for (const [term, text] of node.details) list.append(element("dt", term), element("dd", text));
  details.replaceChildren(list);
  details.hidden = false;
}

for (const node of [...data.nodes].reverse()) {
  if (node.entries.length) {
    const row = element("tr");
    row.id = `row-${node.id}`;
    row.append(element("td", node.name), element("td"), element("td", "", "total"));
    ledger.append(row);
  }
  for (const view of views) {
    node.arrows.forEach((id) => turnable(part(view, id)));
    part(view, node.id).querySelectorAll("text").forEach((line, i) => {
      if (i >= node.value.length) line.classList.add("grad");
    });
    for (const id of node.parts) {
      const group = part(view, id);
      group.setAttribute("tabindex", "0");
      group.setAttribute("role", "button");
      group.setAttribute("aria-label", `details of ${node.name}`);
      group.addEventListener("click", () => explain(node));
      group.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") { event.preventDefault(); explain(node); }
      });
    }
  }
}
slider.max = data.steps.length;
slider.addEventListener("input", () => show(Number(slider.value)));
document.getElementById("back").addEventListener("click", () => show(at - 1));
document.getElementById("next").addEventListener("click", () => show(at + 1));
document.addEventListener("keydown", (event) => {
  if (event.target === slider || event.altKey || event.ctrlKey || event.metaKey) return;
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: data.steps.length }[event.key];
  if (to !== undefined) { event.preventDefault(); show(to); }
});
show(0);
