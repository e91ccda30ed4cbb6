// Sliders on the leaves: this page computes every value and every gradient anew, by the op table's own formulas.
const LEAVES = 8; // sliders at once; of more, one leaf at a time has its own
const leavesBox = at_("leaves");
const live = data.program ? replayer(data.program, ops) : null;
let moved = null; // after a leaf was moved: the texts of the numbers

function compute() {
  live.run();
  const write = (elements, node, kind = node.kind) => valueText(elements, { axes: node.axes, shape: node.shape, kind }, data.precision);
  const once = (written) => { // a text is written when it is asked for
    const texts = new Map();
    return (key) => {
      if (!texts.has(key)) texts.set(key, written(key));
      return texts.get(key);
    };
  };
  const gets = (step) => (step.slot === undefined ? data.program.seed.map(Number) : live.contribution(step.node, step.slot));
  const sums = new Map(), last = [];
  for (const step of data.steps) {
    if (step.to === undefined) continue;
    const before = last[step.to], more = gets(step);
    last[step.to] = before ? more.map((x, i) => before[i] + x) : more;
    sums.set(step, last[step.to]);
  }
  moved = {
    value: once((i) => write(live.value(i), data.nodes[i])),
    contribution: once((step) => write(gets(step), data.nodes[step.to], "")),
    total: once((step) => write(sums.get(step), data.nodes[step.to], "")),
    factor: once((step) => write(live.factor(step.node, step.slot), data.nodes[step.node], "")),
  };
}

// What can be moved: the numbers of the leaves that are no constants of a formula.
const movable = live ? data.nodes.flatMap((node, i) => {
  const count = node.axes.reduce((a, b) => a * b, 1);
  if (node.call || node.bare || node.kind || count > SMALL) return [];
  return live.value(i).map((number, k) => ({ node: i, element: k, number, start: number, name: node.name + indexText(k, node.axes) }));
}) : [];

function indexText(k, axes) {
  const places = [];
  for (let i = axes.length - 1; i >= 0; i--) {
    places.unshift(k % axes[i]);
    k = Math.floor(k / axes[i]);
  }
  return places.length ? `[${places.join(", ")}]` : "";
}

let waiting = false;
function set(leaf, number) {
  leaf.number = number;
  live.set(leaf.node, leaf.element, number);
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    answered.clear();
    compute();
    refresh(true);
  });
}

// A slider counts places to both sides of the number that was recorded.
const PLACES = 64;
function row(leaf) {
  const box = element("div", undefined, "leaf"), label = element("label", leaf.name);
  const slide = element("input"), number = element("input");
  const middle = Number.isFinite(leaf.start) ? leaf.start : 0;
  const unit = 2 ** Math.ceil(Math.log2(Math.max(1, 2 * Math.abs(middle)))) / PLACES;
  Object.assign(slide, { type: "range", min: -PLACES, max: PLACES, step: 1, id: `leaf${leaf.node}-${leaf.element}` });
  Object.assign(number, { type: "text", autocomplete: "off" });
  label.htmlFor = slide.id;
  number.setAttribute("aria-label", `${leaf.name}, the number itself`);
  const tellIt = () => {
    number.value = numberText(leaf.number, 6);
    slide.value = Math.round((leaf.number - middle) / unit) || 0;
    slide.setAttribute("aria-valuetext", number.value);
  };
  slide.addEventListener("input", () => { set(leaf, middle + Number(slide.value) * unit); tellIt(); });
  number.addEventListener("change", () => {
    const read = typed(number.value, 1);
    if (read) set(leaf, read[0]);
    tellIt();
  });
  tellIt();
  box.append(label, slide, number);
  return box;
}

let several = null;
function offer(place) {
  if (several && movable.some((leaf) => leaf.node === place)) {
    several.value = place;
    several.dispatchEvent(new Event("change"));
  }
}

function sliders() {
  if (!movable.length) {
    leavesBox.append(element("p", live ? "No leaf has a number that could be moved." : `The leaves cannot be moved: ${data.obstacle}.`, "quiet"));
    return;
  }
  const group = element("details"), list = element("div"), reset = element("button", "as recorded", "word");
  group.append(element("summary", "move the leaves"));
  const fill_ = (leaves) => list.replaceChildren(...leaves.map(row));
  const chosenOnes = () => (several ? movable.filter((leaf) => leaf.node === Number(several.value)) : movable);
  if (movable.length > LEAVES) {
    several = element("select");
    several.setAttribute("aria-label", "which leaf");
    for (const i of new Set(movable.map((leaf) => leaf.node))) several.append(new Option(data.nodes[i].name, i));
    several.addEventListener("change", () => fill_(chosenOnes()));
    group.append(several);
  }
  reset.addEventListener("click", () => {
    movable.forEach((leaf) => { leaf.number = leaf.start; live.set(leaf.node, leaf.element, leaf.start); });
    moved = null;
    answered.clear();
    fill_(chosenOnes());
    refresh();
  });
  group.append(list, reset);
  group.addEventListener("toggle", () => { if (group.open && !list.firstChild) fill_(chosenOnes()); });
  leavesBox.append(group);
}
sliders();
