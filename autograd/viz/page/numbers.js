// Numbers as Python writes them (autograd/graph/formatting.py), so that a number that changes looks like one that did not.
const MINUS = "\u2212";
const SMALL = 6; // elements; a larger array is written by its dtype and shape only

// In at most so many significant digits, half to even, with a true minus and never −0.
function numberText(x, precision) {
  if (x === 0) return "0";
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x < 0 ? `${MINUS}inf` : "inf";
  const [digits, exponent] = rounded(Math.abs(x), precision);
  const shown = digits.replace(/0+$/, "") || "0";
  let text;
  if (exponent < -4 || exponent >= precision) {
    const size = String(Math.abs(exponent)).padStart(2, "0");
    text = `${shown[0]}${shown.length > 1 ? `.${shown.slice(1)}` : ""}e${exponent < 0 ? MINUS : "+"}${size}`;
  } else if (exponent < 0) {
    text = `0.${"0".repeat(-exponent - 1)}${shown}`;
  } else {
    const whole = digits.slice(0, exponent + 1), part = shown.slice(exponent + 1);
    text = part ? `${whole}.${part}` : whole;
  }
  return x < 0 ? MINUS + text : text;
}

// The first digits of a positive number, and the power of ten of the first.
function rounded(x, precision) {
  const split = (count) => {
    const [mantissa, power] = x.toExponential(count - 1).split("e");
    return [mantissa.replace(".", ""), Number(power)];
  };
  const exact = precision < 60 ? split(precision + 40) : null;
  // JavaScript rounds a tie up, Python to even.
  if (exact && /^50*$/.test(exact[0].slice(precision)) && Number(exact[0][precision - 1]) % 2 === 0) {
    return [exact[0].slice(0, precision), exact[1]];
  }
  return split(precision);
}

// A number, or an array with its elements in order: what Python calls the value's text.
function valueText(elements, { axes, kind, shape }, precision) {
  const one = (x, digits) => (
    kind === "truth" ? (x ? "True" : "False") : kind === "integer" ? String(x).replace("-", MINUS) : numberText(x, digits));
  if (!axes.length) return one(elements[0], precision);
  if (!elements.length || elements.length > SMALL) return shape;
  const rows = [], width = axes.at(-1);
  for (let i = 0; i < elements.length; i += width) {
    rows.push(elements.slice(i, i + width).map((x) => one(x, Math.min(precision, 3))).join("  "));
  }
  return `[${rows.join("; ")}]`;
}

// The numbers that somebody typed: decimals and fractions, for an array with anything between them; else null.
function typed(text, count) {
  const plain = text.trim().replace(/[\u2212\u2013]/g, "-").replace(/\u221e/g, "inf");
  const pieces = (count === 1 ? plain.replace(/^\[|\]$/g, "").replace(/^([^.,]*),([^.,]*)$/, "$1.$2") : plain)
    .split(/[\s,;[\]]+/).filter(Boolean);
  const numbers = pieces.map((piece) => {
    const fraction = piece.match(/^([^/]+)\/([^/]+)$/);
    return fraction ? plainNumber(fraction[1]) / plainNumber(fraction[2]) : plainNumber(piece);
  });
  return numbers.length === count && !numbers.includes(null) ? numbers : null;
}

function plainNumber(text) {
  const word = text.toLowerCase();
  if (word === "nan") return NaN;
  if (/^[+-]?inf(inity)?$/.test(word)) return word.startsWith("-") ? -Infinity : Infinity;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(word) ? Number(word) : null;
}

// The numbers in a text that this page or Python wrote.
const numbersIn = (text) => typed(text, text.replace(/^\[|\]$/g, "").split(/[\s;]+/).length);

// Within one percent, or what a number rounds to that was written with fewer digits.
function near(guess, right) {
  if (Number.isNaN(right) || !Number.isFinite(right)) return Object.is(guess, right);
  return Math.abs(guess - right) <= Math.abs(right) / 100 + 1e-12;
}
