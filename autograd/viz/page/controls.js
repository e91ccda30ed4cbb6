// Predicting, playing, keys and pointers.
const guess = at_("guess"), answer = at_("answer"), verdict = at_("verdict");

function ask(now, known) {
  guess.hidden = !(now && predict.checked && askable(now));
  if (guess.hidden) return;
  const hidden = known < at, forward = now.phase === "forward";
  at_("asked").textContent = forward ? `${data.nodes[now.node].name} =` : `${data.nodes[now.to].derivative} gets`;
  for (const part of [answer, at_("reveal"), at_("hint"), guess.querySelector("[type=submit]")]) part.hidden = !hidden;
  at_("asked").hidden = !hidden;
  at_("hint").hidden = !hidden || !now.hint || hinted;
  if (guess.dataset.step !== String(at)) {
    guess.dataset.step = at;
    answer.value = "";
    const first = [...answered.values()];
    verdict.textContent = hidden || !answered.has(at) ? "" : `${first.filter(Boolean).length} of ${first.length} right at once`;
  }
}

guess.addEventListener("submit", (event) => {
  event.preventDefault();
  const right = numbersIn(text.result(data.steps[at - 1])), guessed = typed(answer.value, right.length);
  if (!guessed) {
    verdict.textContent = right.length === 1 ? "type a number, such as −0.5 or 1/3" : `type ${right.length} numbers, row by row`;
    return;
  }
  if (!guessed.every((number, i) => near(number, right[i]))) {
    guess.dataset.missed = at;
    verdict.textContent = "not right: try again, or let it be shown";
    answer.select();
    return;
  }
  settle(guess.dataset.missed !== String(at), "right");
});

function settle(first, word) {
  answered.set(at, first);
  const all = [...answered.values()];
  refresh();
  verdict.textContent = `${word}; ${all.filter(Boolean).length} of ${all.length} right at once`;
  at_("next").focus();
}
at_("reveal").addEventListener("click", () => settle(false, "shown"));
at_("hint").addEventListener("click", () => { hinted = true; refresh(); answer.focus(); });
predict.addEventListener("change", () => { answered.clear(); stop(); at_("play").disabled = predict.checked; refresh(); });

let playing = 0;
function stop() {
  clearInterval(playing);
  playing = 0;
  at_("play").textContent = "play";
  panel.setAttribute("aria-live", "polite");
}
at_("play").addEventListener("click", () => {
  if (playing) { stop(); return; }
  if (at === data.steps.length) show(0);
  at_("play").textContent = "pause";
  panel.setAttribute("aria-live", "off"); // too fast to be read out
  playing = setInterval(() => { show(at + 1); if (at === data.steps.length) stop(); }, 1200);
});

function move(step) {
  stop();
  show(step);
  if (asked(at)) answer.focus({ preventScroll: true });
}

function layOut() {
  const to = best(views);
  if (to !== view) {
    for (const other of views) other.box.hidden = other !== to;
    const first = !view;
    view = to;
    zoom.own = false;
    if (!first) refresh();
  }
  if (zoom.own) survey(view); else fitted(view);
}

// One stop of the tab key for the whole graph; the arrow keys move within it.
function prepare(of) {
  data.cards.forEach((card, i) => {
    const group = of.part(card.id);
    group.setAttribute("role", "button");
    group.setAttribute("tabindex", i === focused ? "0" : "-1");
    group.addEventListener("focus", () => walkTo(i, false));
    group.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      if (event.key === "Enter" || event.key === " ") choose(i);
      else if (event.key === "Home") walkTo(0, true);
      else if (event.key === "End") walkTo(data.cards.length - 1, true);
      else if (event.key.startsWith("Arrow")) walkTo(neighbour(of, data.cards, i, event.key) ?? i, true);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    for (const id of card.parts) of.part(id).addEventListener("click", () => choose(i));
  });
}

function walkTo(i, focus) {
  for (const of of views) of.part(data.cards[focused].id).setAttribute("tabindex", "-1");
  focused = i;
  for (const of of views) of.part(data.cards[i].id).setAttribute("tabindex", "0");
  const group = view.part(data.cards[i].id);
  if (focus) group.focus({ preventScroll: true });
  reveal([group]);
}

slider.max = data.steps.length;
slider.addEventListener("input", () => { stop(); show(Number(slider.value)); });
at_("turn").style.setProperty("--turn", (turn - 1) / data.steps.length);
at_("turn").setAttribute("aria-label", `backward begins at step ${turn}`);
at_("turn").addEventListener("click", () => move(turn));
at_("back").addEventListener("click", () => move(at - 1));
at_("next").addEventListener("click", () => move(at + 1));
at_("in").addEventListener("click", () => scaled(view, zoom.scale * 5 / 4, true));
at_("out").addEventListener("click", () => scaled(view, zoom.scale * 4 / 5, true));
at_("whole").addEventListener("click", () => (
  zoom.scale > whole(view) * 1.1 && zoom.scale <= LARGEST ? scaled(view, whole(view), true) : fitted(view)));
frame.addEventListener("wheel", (event) => {
  if (!event.ctrlKey) return;
  event.preventDefault();
  scaled(view, zoom.scale * Math.exp(-event.deltaY / 300), true);
}, { passive: false });
frame.addEventListener("scroll", () => survey(view));
onRecolour(() => survey(view));
document.addEventListener("keydown", (event) => {
  const tag = event.target.tagName;
  if (tag === "INPUT" || tag === "SELECT" || event.altKey || event.ctrlKey || event.metaKey) {
    if (!(event.target === predict)) return;
  }
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: data.steps.length }[event.key];
  if (to !== undefined) { event.preventDefault(); move(to); }
  if (event.key === "+" || event.key === "-") at_(event.key === "+" ? "in" : "out").click();
});
views.forEach(prepare);
draggable(() => view);
layOut();
new ResizeObserver(layOut).observe(frame);
show(0);
