// The picture: one graph drawn twice, for wide and for narrow frames, of which one is seen; with zoom, pan and overview.
const READABLE = 101 / 100, LARGEST = 1.5; // pixels to a unit of the drawings, whose texts are 12 units high
const frame = document.getElementById("frame");
const overview = document.getElementById("overview");
const pen = document.createElement("canvas").getContext("2d");

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
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

function drawing(name, cards) {
  const box = document.getElementById(name), svg = box.querySelector("svg");
  const { width, height } = svg.viewBox.baseVal, [shift] = svg.querySelectorAll("g");
  svg.removeAttribute("style");
  svg.setAttribute("aria-label", "the graph: arrow keys move along its arrows, Enter goes to a node's step");
  svg.querySelectorAll("text").forEach((text) => { text.removeAttribute("font-family"); });
  for (const card of cards) card.arrows.forEach((id) => turnable(document.getElementById(`${name}-${id}`)));
  const part = (id) => document.getElementById(`${name}-${id}`);
  const [dx, dy] = shift.getAttribute("transform").match(/translate\(([^)]*)\)/)[1].split(/[ ,]+/).map(Number);
  const places = cards.map((card) => place(part(card.id), dx, dy));
  return { name, box, svg, width, height, part, places, lines: new Map() };
}

// Where a card is, from the numbers that Graphviz wrote, for nothing can be measured in a page that is not seen yet.
function place(group, dx, dy) {
  const boxes = [...group.querySelectorAll("polygon, path, ellipse")].map((shape) => {
    const numbers = (shape.getAttribute("points") || shape.getAttribute("d")).match(/-?[\d.]+/g).map(Number);
    const [xs, ys] = [0, 1].map((axis) => numbers.filter((_, i) => i % 2 === axis));
    const left = Math.min(...xs), top = Math.min(...ys);
    return { left, top, width: Math.max(...xs) - left, height: Math.max(...ys) - top };
  });
  const inner = boxes.reduce((a, b) => (b.width < a.width ? b : a)), texts = [...group.querySelectorAll("text")];
  const ys = texts.map((text) => Number(text.getAttribute("y")));
  return {
    x: inner.left + inner.width / 2 + dx, y: inner.top + inner.height / 2 + dy, width: inner.width, height: inner.height,
    room: inner.width - 8, texts, pitch: ys.length > 1 ? ys[1] - ys[0] : 0, shape: group.querySelector("polygon, path"),
  };
}

// Writes the lines of a card, [bold, plain, whether about a gradient], in its middle and never wider than the card.
function write(view, i, lines) {
  const { texts, room, pitch } = view.places[i];
  const before = view.lines.get(i) || [];
  view.lines.set(i, lines);
  const down = `translate(0 ${pitch * Math.max(0, texts.length - lines.length) / 2})`;
  texts.forEach((text, row) => {
    const [bold, plain, gradient] = lines[row] || ["", "\u00a0", false], last = before[row];
    if (!last) text.replaceChildren(nameIn(text), "");
    if (!last || before.length !== lines.length) text.setAttribute("transform", down);
    if (last && last[0] === bold && last[1] === plain && last[2] === gradient) return;
    if (!last || last[0] !== bold) text.firstChild.textContent = bold;
    text.lastChild.data = plain;
    text.classList.toggle("grad", gradient);
    if (8 * (bold.length + plain.length) > room && width(bold, "bold") + width(plain, "") > room) {
      text.setAttribute("textLength", room);
      text.setAttribute("lengthAdjust", "spacingAndGlyphs");
    } else if (text.hasAttribute("textLength")) {
      text.removeAttribute("textLength");
    }
  });
}

function nameIn(text) {
  const name = document.createElementNS(text.namespaceURI, "tspan");
  name.setAttribute("class", "name");
  return name;
}

function width(text, weight) {
  pen.font = `${weight} 12px Helvetica, Arial, sans-serif`;
  return pen.measureText(text).width;
}

const zoom = { scale: 0, own: false }; // `own`: chosen by the reader, so that it stays
const whole = (view) => Math.min((frame.clientWidth - 12) / view.width, (frame.clientHeight - 12) / view.height);

function best(views) {
  const [wide, narrow] = views;
  if (window.innerWidth <= 640 && window.innerHeight > window.innerWidth) return narrow;
  return whole(wide) < READABLE && whole(narrow) > 1.1 * whole(wide) ? narrow : wide;
}

function scaled(view, scale, own) {
  const least = Math.min(whole(view), READABLE);
  const middle = [frame.scrollLeft + frame.clientWidth / 2, frame.scrollTop + frame.clientHeight / 2];
  const before = zoom.scale || 1;
  zoom.scale = Math.max(least * 0.8, Math.min(4, scale));
  zoom.own = own;
  view.svg.setAttribute("width", view.width * zoom.scale);
  view.svg.setAttribute("height", view.height * zoom.scale);
  frame.scrollLeft = middle[0] * zoom.scale / before - frame.clientWidth / 2;
  frame.scrollTop = middle[1] * zoom.scale / before - frame.clientHeight / 2;
  survey(view);
}

// A graph that is whole in the frame needs no overview, which would take the room for that.
function fitted(view) {
  const isHidden = overview.hidden;
  overview.hidden = true;
  const scale = Math.min(LARGEST, whole(view));
  if (scale < READABLE) overview.hidden = isHidden;
  scaled(view, Math.max(READABLE, scale), false);
}

// The overview is there where the frame shows a part only: below a wide graph, beside a high one.
function survey(view) {
  const partly = frame.scrollWidth > frame.clientWidth + 2 || frame.scrollHeight > frame.clientHeight + 2;
  const high = view.height > view.width;
  if (overview.hidden === partly || overview.parentElement.classList.contains("high") !== high) {
    overview.hidden = !partly;
    overview.parentElement.classList.toggle("high", high);
    return; // the frame has another size now, of which it hears
  }
  if (!partly) return;
  const scale = Math.min(overview.clientWidth / view.width, overview.clientHeight / view.height);
  const dots = window.devicePixelRatio, ink = overview.getContext("2d");
  overview.width = overview.clientWidth * dots;
  overview.height = overview.clientHeight * dots;
  const left = (overview.clientWidth - view.width * scale) / 2, top = (overview.clientHeight - view.height * scale) / 2;
  ink.setTransform(dots * scale, 0, 0, dots * scale, dots * left, dots * top);
  ink.strokeStyle = colourOf("--line");
  ink.lineWidth = 1 / scale;
  data.cards.forEach((card, i) => card.from.forEach((j) => {
    const [a, b] = [view.places[j], view.places[i]];
    ink.beginPath();
    ink.moveTo(a.x, a.y);
    ink.lineTo(b.x, b.y);
    ink.stroke();
  }));
  for (const { x, y, width, height, shape } of view.places) {
    const look = getComputedStyle(shape);
    ink.fillStyle = look.fill;
    ink.strokeStyle = look.stroke;
    ink.lineWidth = parseFloat(look.strokeWidth) > 3 ? 3 / scale : 1 / scale;
    ink.fillRect(x - width / 2, y - height / 2, width, height);
    ink.strokeRect(x - width / 2, y - height / 2, width, height);
  }
  const [a, b] = [frame.scrollLeft / frame.scrollWidth, frame.scrollTop / frame.scrollHeight];
  const [w, h] = [frame.clientWidth / frame.scrollWidth, frame.clientHeight / frame.scrollHeight];
  ink.strokeStyle = colourOf("--forward");
  ink.lineWidth = 2 / scale;
  ink.strokeRect(a * view.width, b * view.height, w * view.width, h * view.height);
}

// Whether a card is in the part of the picture that the frame shows.
function inSight(view) {
  const scale = zoom.scale, left = frame.scrollLeft / scale, top = frame.scrollTop / scale;
  const right = left + frame.clientWidth / scale, bottom = top + frame.clientHeight / scale;
  return ({ x, y, width, height }) => (
    x + width > left && x - width < right && y + 2 * height > top && y - 2 * height < bottom);
}

// Scrolls a graph that is larger than its frame to what is at work; the first of it is seen in any case.
function reveal(groups) {
  for (const some of [groups, groups.slice(0, 1)]) {
    const boxes = some.map((group) => group.getBoundingClientRect()), seen = frame.getBoundingClientRect();
    const margin = 8; // for the ring
    const left = Math.min(...boxes.map((box) => box.left)) - margin, right = Math.max(...boxes.map((box) => box.right)) + margin;
    const top = Math.min(...boxes.map((box) => box.top)) - margin, bottom = Math.max(...boxes.map((box) => box.bottom)) + margin;
    if (left < seen.left || right > seen.right) frame.scrollLeft += (left + right - seen.left - seen.right) / 2;
    if (top < seen.top || bottom > seen.bottom) frame.scrollTop += (top + bottom - seen.top - seen.bottom) / 2;
  }
}

// The card to which an arrow key leads: along the arrows of the graph, or across to another operand or user.
function neighbour(view, cards, i, key) {
  const along = view.name === "wide" ? "x" : "y", across = along === "x" ? "y" : "x";
  const vertical = key === "ArrowUp" || key === "ArrowDown", back = key === "ArrowUp" || key === "ArrowLeft";
  const here = view.places[i], place = (j) => view.places[j];
  const nearest = (list, axis) => list.reduce((a, b) => (
    a === null || Math.abs(place(b)[axis] - here[axis]) < Math.abs(place(a)[axis] - here[axis]) ? b : a), null);
  if (vertical === (along === "y")) return nearest(back ? cards[i].from : cards[i].to, across);
  const beside = new Set([...cards[i].to.flatMap((j) => cards[j].from), ...cards[i].from.flatMap((j) => cards[j].to)]);
  const there = (j) => j !== i && (back ? place(j)[across] < here[across] : place(j)[across] > here[across]);
  const all = [...cards.keys()].filter((j) => there(j) && Math.abs(place(j)[along] - here[along]) < 60);
  return nearest([...beside].filter(there), across) ?? nearest(all, across);
}

// A mouse drags the picture; a finger scrolls it without help.
function draggable(seenView) {
  let from = null;
  frame.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse" && event.button === 0) from = { x: event.clientX, y: event.clientY, moved: false };
  });
  window.addEventListener("pointermove", (event) => {
    if (!from) return;
    const dx = event.clientX - from.x, dy = event.clientY - from.y;
    if (!from.moved && Math.hypot(dx, dy) < 4) return;
    frame.scrollLeft -= dx;
    frame.scrollTop -= dy;
    from = { x: event.clientX, y: event.clientY, moved: true };
  });
  window.addEventListener("pointerup", () => { setTimeout(() => { from = null; }); });
  frame.addEventListener("click", (event) => { if (from && from.moved) event.stopPropagation(); }, true);
  const jump = (event) => {
    const box = overview.getBoundingClientRect(), { width, height } = seenView();
    const scale = Math.min(box.width / width, box.height / height);
    const x = (event.clientX - box.left - box.width / 2) / scale / width + 1 / 2;
    const y = (event.clientY - box.top - box.height / 2) / scale / height + 1 / 2;
    frame.scrollLeft = x * frame.scrollWidth - frame.clientWidth / 2;
    frame.scrollTop = y * frame.scrollHeight - frame.clientHeight / 2;
  };
  overview.addEventListener("pointerdown", (event) => { overview.setPointerCapture(event.pointerId); jump(event); });
  overview.addEventListener("pointermove", (event) => { if (event.buttons) jump(event); });
}
