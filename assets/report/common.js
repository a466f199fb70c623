// What all parts of the page share: the data, the theme, numbers, labels, charts.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const state = { metric: data.metric, kept: null };  // kept: Set of configurations that the brush leaves, or null

const byId = (id) => document.getElementById(id);

// element("td", {class: "text"}, "shown") — text is never parsed as HTML.
function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

// ---- numbers and labels --------------------------------------------------------------------------

const isAccuracy = (metric) => metric.endsWith("accuracy");
const lowerIsBetter = (metric) => data.metrics.find((each) => each.name === metric).lower_is_better;

// Four significant digits, no noise: 0.5040, 1.403, 25.35, 8.651e+6.
function short(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number") return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  const size = Math.abs(value);
  return size >= 1e5 || (size > 0 && size < 1e-4) ? value.toExponential(3) : value.toPrecision(4);
}

// A tick or a swept value: 0.5, relu, [5,5].
const plain = (value) =>
  value === null ? "none" : typeof value === "string" ? value : typeof value === "number" ? String(value) : JSON.stringify(value);

function duration(seconds) {
  if (seconds < 59.95) return `${seconds.toPrecision(3)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const meanOf = (values) => values.reduce((a, b) => a + b, 0) / values.length;
const plural = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;
const shortPath = (path) => path.replace(/^model\.layers\./, "").replace(/^(training|optimizer|data)\./, "");

// Configurations go by their names; trials of a sweep, whose folders are but numbers, by what varies where that is not too much.
function labelOf(configuration) {
  const { name, values } = data.configurations[configuration];
  if (!/(^|\/)trial-\d+$/.test(name) || values.length === 0 || values.length > 6) return name;
  return values.map((value, i) => `${shortPath(data.varying[i])} ${plain(value)}`).join(", ");
}
// Plotly reads markup and %{variables} in its texts: what a name has of them is to be seen.
const forPlotly = (name) => name.replace(/[&<>]|%(?=\{)/g, (character) => `&#${character.charCodeAt(0)};`);

// Runs go by their folders, without what all of these begin with.
const commonParts = (() => {
  const all = data.runs.map((run) => run.folder.split("/").slice(0, -1));
  let count = 0;
  while (all[0].length > count && all.every((parts) => parts[count] === all[0][count])) count += 1;
  return data.runs.length > 1 ? count : 0;
})();
const runLabel = (run) => run.folder.split("/").slice(commonParts).join("/");

const estimateOf = (configuration, metric = state.metric) => data.configurations[configuration].estimates[metric];

// Indices of the configurations, best first; those without a value last.
function ranking(metric = state.metric) {
  const sign = lowerIsBetter(metric) ? 1 : -1;
  const key = (i) => { const mean = estimateOf(i, metric).mean; return mean === null ? Infinity : sign * mean; };
  return data.configurations.map((_, i) => i).sort((a, b) => key(a) - key(b) || a - b);
}

const intervalText = (low, high) => `95 % interval ${short(low)} to ${short(high)}`;

// How uncertain a configuration's value is: over seeds; of a single run over the items it was validated on, and lately.
function spreadTexts({ n, low, high, items_low, items_high, tail }) {
  const texts = low === null ? [] : [`${intervalText(low, high)} over ${plural(n, "run")}`];
  if (items_low !== null) texts.push(`${intervalText(items_low, items_high)} over the items it was validated on`);
  if ((tail?.sd ?? null) !== null) texts.push(`last ${tail.n} epochs: ${short(tail.mean)}, sd ${short(tail.sd)}`);
  return texts;
}

// ---- theme and charts ----------------------------------------------------------------------------

// Okabe and Ito's colours, told apart by the colour-blind too; brighter on dark ground.
const palettes = {
  light: ["#0072b2", "#d55e00", "#009e73", "#b8579a", "#b07d00", "#3a9bd1", "#4b5563"],
  dark: ["#4aa8e0", "#ff8a3d", "#2fd0a0", "#e593c4", "#f0b93a", "#8fd3ff", "#c5cdd8"],
};
const theme = () => document.documentElement.dataset.theme ||
  (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
const variable = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const colourOf = (place) => palettes[theme()][place % palettes.light.length];
const isPhone = () => matchMedia("(max-width: 760px)").matches;

// From bad to good; viridis, without its darkest part on dark ground.
const scaleOf = () => theme() === "dark" ? [[0, "#6a5acd"], [0.35, "#2f93b5"], [0.7, "#4fc97a"], [1, "#fde725"]] : "Viridis";

function translucent(hex, opacity) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  return `rgba(${r},${g},${b},${opacity})`;
}

// With a standoff Plotly moves the title out of long tick labels.
function axis(title, more = {}) {
  return { title: { text: forPlotly(title), font: { size: 13 }, standoff: 8 }, gridcolor: variable("--line"), zerolinecolor: variable("--line"),
    linecolor: variable("--line"), automargin: true, ...more };
}

function layout(more) {
  return { paper_bgcolor: variable("--card"), plot_bgcolor: variable("--card"), showlegend: false,
    font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: variable("--text") },
    hoverlabel: { bgcolor: variable("--card"), bordercolor: variable("--line"), font: { color: variable("--text") }, align: "left" },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: translucent(variable("--quiet"), 0.6), activecolor: variable("--accent") },
    margin: { l: 55, r: 12, t: 34, b: 46 }, ...more };
}

function draw(id, traces, description) {
  const node = typeof id === "string" ? byId(id) : id;
  const name = `nnrun-${node.id || "chart"}`;
  const buttons = description.dragmode === "zoom" ? ["toImage", "zoom2d", "pan2d", "resetScale2d"] : ["toImage"];
  return Plotly.react(node, traces, layout(description), { responsive: true, displaylogo: false, displayModeBar: !isPhone(),
    modeBarButtons: [buttons], toImageButtonOptions: { format: "svg", filename: name } });
}

function options(select, choices, chosen) {
  select.replaceChildren(...choices.map(([value, text]) => {
    const option = element("option", { value }, text);
    option.selected = String(value) === String(chosen);
    return option;
  }));
}
