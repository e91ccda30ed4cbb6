"use strict";
// The plane: what each neuron answers over it, the boundary, the samples; and the curve of the loss.

const channels = (name) => colourOf(name).match(/\d+/g).map(Number);

// A square of the plane that holds the data, with the same scale on both axes.
function squareOf(X, isOwn) {
  if (!isOwn) return { x: 0, y: 0, half: 2.4 };
  const [left, right, low, high] = [0, 0, 1, 1].map((axis, k) => (k % 2 ? Math.max : Math.min)(...X.map((point) => point[axis])));
  return { x: (left + right) / 2, y: (low + high) / 2, half: 0.58 * Math.max(right - left, high - low) || 1 };
}

// The outputs of every neuron on a grid, by layers; grid rows go down.
function answersOn(net, theta, square, size) {
  const answers = net.sizes.map((width) => Array.from({ length: width }, () => new Float64Array(size * size)));
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const x = square.x + square.half * ((2 * column + 1) / size - 1), y = square.y - square.half * ((2 * row + 1) / size - 1);
      net.forward(theta, [x, y]);
      for (let l = 0; l < net.sizes.length; l++) {
        for (let j = 0; j < net.sizes[l]; j++) answers[l][j][row * size + column] = net.state.a[l][j];
      }
    }
  }
  return answers;
}

function makePalette() {
  return { negative: channels("--negative"), middle: channels("--middle"), positive: channels("--positive"),
    text: colourOf("--text"), page: colourOf("--page") };
}

// Paint numbers from −1 to 1 on a canvas of their size.
function paint(canvas, numbers, size, palette, strength) {
  canvas.width = canvas.height = size;
  const context = canvas.getContext("2d"), image = context.createImageData(size, size), { negative, middle, positive } = palette;
  for (let k = 0; k < numbers.length; k++) {
    const v = Math.max(-1, Math.min(1, numbers[k])) * strength, end = v < 0 ? negative : positive, share = Math.abs(v) || 0;
    for (let c = 0; c < 3; c++) image.data[4 * k + c] = middle[c] + (end[c] - middle[c]) * share;
    image.data[4 * k + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

// What a neuron answers, in units of the largest answer, or of 1 where that is smaller.
function inUnits(numbers) {
  let largest = 1;
  for (const v of numbers) if (Math.abs(v) > largest && Number.isFinite(v)) largest = Math.abs(v);
  return numbers.map((v) => v / largest);
}

const small = document.createElement("canvas");

function paintPlane(canvas, numbers, size, square, data, current, palette) {
  const side = Math.round(canvas.clientWidth * Math.min(2, devicePixelRatio || 1)) || 300, scale = side / (canvas.clientWidth || 300);
  canvas.width = canvas.height = side;
  const context = canvas.getContext("2d");
  paint(small, numbers, size, palette, 0.62);
  context.imageSmoothingEnabled = true;
  context.drawImage(small, 0, 0, side, side);
  drawBoundary(context, numbers, size, side, palette, scale);
  const at = ([x, y]) => [((x - square.x) / square.half + 1) * side / 2, (1 - (y - square.y) / square.half) * side / 2];
  data.X.forEach((point, k) => {
    const [x, y] = at(point), r = 3.6 * scale, high = data.signs[k] > 0;
    context.beginPath();
    if (high) context.arc(x, y, r, 0, 7); else context.rect(x - r * 0.9, y - r * 0.9, 1.8 * r, 1.8 * r);
    context.fillStyle = `rgb(${high ? palette.positive : palette.negative})`;
    context.strokeStyle = palette.page;
    context.lineWidth = 1.2 * scale;
    context.fill();
    context.stroke();
  });
  const [x, y] = at(data.X[current]);
  for (const [color, width] of [[palette.page, 6], [palette.text, 3]]) {
    context.beginPath();
    context.arc(x, y, 9 * scale, 0, 7);
    context.strokeStyle = color;
    context.lineWidth = width * scale;
    context.stroke();
  }
}

// The line on which the output is between both classes: marching squares.
function drawBoundary(context, numbers, size, side, palette, scale) {
  const step = side / size, at = (k) => (k + 0.5) * step;
  context.beginPath();
  for (let r = 0; r + 1 < size; r++) {
    for (let c = 0; c + 1 < size; c++) {
      const corners = [[r, c], [r, c + 1], [r + 1, c + 1], [r + 1, c]], ends = [];
      corners.forEach(([i, j], k) => {
        const [m, n] = corners[(k + 1) % 4], here = numbers[i * size + j], there = numbers[m * size + n];
        if ((here > 0) === (there > 0)) return;
        const share = here / (here - there);
        ends.push([at(j + (n - j) * share), at(i + (m - i) * share)]);
      });
      for (let k = 0; k + 1 < ends.length; k += 2) {
        context.moveTo(...ends[k]);
        context.lineTo(...ends[k + 1]);
      }
    }
  }
  context.strokeStyle = palette.text;
  context.lineWidth = 2 * scale;
  context.stroke();
}

// The loss after each epoch.
function drawCurve(svg, losses, epochsBefore) {
  const width = svg.clientWidth || 300, height = svg.clientHeight || 110, left = 8, right = width - 8, top = 22, bottom = height - 20;
  const finite = losses.filter(Number.isFinite), highest = Math.max(...finite, 1e-12), n = losses.length;
  const count = Math.min(n, 300), points = [];
  for (let i = 0; i < count; i++) {
    const k = Math.round(i * (n - 1) / Math.max(1, count - 1));
    const y = Number.isFinite(losses[k]) ? bottom - (bottom - top) * losses[k] / highest : top;
    points.push(`${(n > 1 ? left + (right - left) * k / (n - 1) : left).toFixed(1)},${y.toFixed(1)}`);
  }
  if (!svg.childElementCount) {
    svg.append(svgElement("line", {}), svgElement("path", {}), svgElement("circle", { r: 4 }), ...[0, 1, 2].map(() => svgElement("text", {})));
  }
  const [line, path, dot, first, last, title] = svg.children;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  set(line, { x1: left, x2: right, y1: bottom, y2: bottom });
  set(path, { d: `M${points.join("L")}` });
  const [x, y] = points.at(-1).split(",");
  set(dot, { cx: x, cy: y, fill: "currentColor" });
  set(first, { x: left, y: height - 4 });
  set(last, { x: right, y: height - 4, "text-anchor": "end" });
  set(title, { x: left, y: 14 });
  first.textContent = `epoch ${epochsBefore}`;
  last.textContent = n > 1 ? `${epochsBefore + n - 1}` : "";
  title.textContent = `mean loss ${number(losses.at(-1))}, at first ${number(losses[0])}`;
  svg.setAttribute("aria-label", `the loss after each epoch: ${title.textContent}`);
}

const SVG = "http://www.w3.org/2000/svg";

function set(element, attributes) {
  for (const key in attributes) element.setAttribute(key, attributes[key]);
  return element;
}

const svgElement = (tag, attributes) => set(document.createElementNS(SVG, tag), attributes);

// A number in at most so many digits, with a true minus.
function number(x, digits = 4) {
  if (x === undefined || x === null) return "–";
  if (!Number.isFinite(x)) return x !== x ? "nan" : x > 0 ? "∞" : "−∞";
  const size = Math.abs(x);
  const text = size !== 0 && (size < 0.001 || size >= 10 ** Math.max(5, digits)) ? x.toExponential(Math.max(0, digits - 2)).replace("e+", "e")
    : String(Number(x.toPrecision(digits)));
  return text === "-0" ? "0" : text.replaceAll("-", "−");
}
