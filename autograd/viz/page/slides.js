"use strict";
// Each frame is in the page; the script shows one at a time. The number in the address says which.
const frames = [...document.querySelectorAll("section")];
const [back, next] = ["back", "next"].map((id) => document.getElementById(id));
let at = 0;

function turn(to) {
  at = Math.max(0, Math.min(frames.length - 1, to));
  frames.forEach((frame, i) => frame.classList.toggle("now", i === at));
  back.disabled = at === 0;
  next.disabled = at === frames.length - 1;
  document.getElementById("said").textContent = frames[at].getAttribute("aria-label");
  try { history.replaceState(null, "", `#${at + 1}`); } catch { /* a frame of a notebook has no address */ }
}

const asked = () => (Number.parseInt(location.hash.slice(1), 10) || 1) - 1;
back.addEventListener("click", () => turn(at - 1));
next.addEventListener("click", () => turn(at + 1));
window.addEventListener("hashchange", () => turn(asked()));
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const to = { ArrowRight: at + 1, PageDown: at + 1, ArrowLeft: at - 1, PageUp: at - 1, Home: 0, End: frames.length - 1 };
  if (event.key === " " && event.target.tagName !== "BUTTON") to[" "] = event.shiftKey ? at - 1 : at + 1;
  if (event.key in to) { event.preventDefault(); turn(to[event.key]); }
});
document.documentElement.classList.add("turning");
turn(asked());
