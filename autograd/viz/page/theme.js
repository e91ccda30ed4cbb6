// Colours: the system's choice, light or dark, or that of the page around this one, which posts {theme: "light"},
// {theme: "dark"} or {theme: "auto"}.
const probe = document.body.appendChild(document.createElement("i"));
probe.hidden = true;

// A colour of the style sheet as it is now, for a canvas.
function colourOf(name) {
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}

function onRecolour(act) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", act);
  window.addEventListener("recolour", act);
}

window.addEventListener("message", ({ source, data: said }) => {
  if (source !== window.parent || !["light", "dark", "auto"].includes(said?.theme)) return;
  document.documentElement.style.colorScheme = said.theme === "auto" ? "" : said.theme;
  window.dispatchEvent(new Event("recolour"));
});
