// What varies against what comes out: heat map or points, parallel coordinates, main effects.
"use strict";

// Levels of a varying path in reading order: numbers by size, then the rest.
function levelsOf(path) {
  const values = new Map(data.configurations.map((each) => [JSON.stringify(each.values[path]), each.values[path]]));
  return [...values.values()].sort((a, b) => {
    const numbers = (typeof a === "number") - (typeof b === "number");
    return numbers ? -numbers : typeof a === "number" ? a - b : plain(a) < plain(b) ? -1 : 1;
  });
}

const levelText = (value) => forPlotly(plain(value));
const pathText = (path) => forPlotly(shortPath(data.varying[path]));

// ---- heat map ------------------------------------------------------------------------------------

// The configurations at each pair of levels, and the mean of their means.
function cellsOf(rows, columns) {
  const rowLevels = levelsOf(rows).map(levelText), columnLevels = levelsOf(columns).map(levelText);
  const cells = rowLevels.map(() => columnLevels.map(() => []));
  data.configurations.forEach((each, i) => {
    cells[rowLevels.indexOf(levelText(each.values[rows]))][columnLevels.indexOf(levelText(each.values[columns]))].push(i);
  });
  return { rowLevels, columnLevels, cells };
}

const valuesOf = (cell) => cell.map((i) => estimateOf(i).mean).filter((mean) => mean !== null);

function cellMean(cell) {
  const means = valuesOf(cell);
  return means.length ? meanOf(means) : null;
}

// What ± can say of a configuration.
const kSpreads = [
  { name: "half the 95 % interval over seeds", of: ({ low, high }) => low === null ? null : (high - low) / 2 },
  { name: "the standard deviation over a run's last epochs, 50 at most", of: ({ tail }) => tail?.sd ?? null },
];

// The first of these that the cells of one configuration have, for all of them: ± means one thing in one picture.
function spreadOf(cells) {
  const estimates = cells.flat().filter((cell) => cell.length === 1).map(([i]) => estimateOf(i));
  return kSpreads.find(({ of }) => estimates.some((each) => of(each) !== null));
}

function cellSpread(cell, spread) {
  const size = spread && cell.length === 1 ? spread.of(estimateOf(cell[0])) : null;
  return size === null ? "" : `<br>± ${size.toPrecision(2)}`;
}

function heatHint(cells, spread) {
  const counts = cells.flat().map((cell) => cell.length).filter((count) => count > 0);
  return state.metric + (Math.max(...counts) > 1 ? `; a cell is the mean of ${rangeText(counts)} configurations` : "") +
    (spread ? `; ± is ${spread.name}. Differences smaller than that mean little.` : ".");
}

function cellHover(cell) {
  if (cell.length === 0) return "no run";
  if (cell.length > 1) return `mean of ${plural(valuesOf(cell).length, "configuration")}`;
  const estimate = estimateOf(cell[0]);
  return [`${plural(estimate.n, "run")}, tie group ${estimate.group}`, ...spreadTexts(estimate)].join("<br>");
}

const paletteOfMetric = () => ({ colorscale: scaleOf(), reversescale: lowerIsBetter(state.metric), showscale: !isPhone() });

function showHeat(rows, columns) {
  const { rowLevels, columnLevels, cells } = cellsOf(rows, columns);
  const z = cells.map((line) => line.map(cellMean));
  const small = isPhone() || columnLevels.length > 12;
  const spread = small ? undefined : spreadOf(cells);
  const text = cells.map((line, i) => line.map((cell, j) => z[i][j] === null ? "" : short(z[i][j]) + cellSpread(cell, spread)));
  byId("heat-hint").textContent = heatHint(cells, spread);
  draw("chart-heat", [{ type: "heatmap", x: columnLevels, y: rowLevels, z, text, texttemplate: "%{text}", textfont: { size: small ? 11 : 13 }, xgap: 2, ygap: 2,
    customdata: cells.map((line) => line.map(cellHover)), ...paletteOfMetric(), colorbar: { thickness: 12, outlinewidth: 0 },
    hovertemplate: `${pathText(rows)} %{y}, ${pathText(columns)} %{x}<br>${state.metric} %{z:.4g}<br>%{customdata}<extra></extra>` }],
  { xaxis: axis(shortPath(data.varying[columns]), { type: "category", showgrid: false }),
    yaxis: axis(shortPath(data.varying[rows]), { type: "category", showgrid: false, autorange: "reversed" }),
    dragmode: false, margin: { l: 60, r: 10, t: 30, b: 50 } });
}

// ---- points in the plane of two values -----------------------------------------------------------

const levelAxis = (values) => values.every((value) => typeof value === "number") ? {} : { type: "category" };

const kLogarithmicFrom = 30;  // the largest level over the smallest
const overDecades = (levels) => levels[0] > 0 && levels.at(-1) / levels[0] >= kLogarithmicFrom;

// Levels are sorted, so are the words of a category axis; numbers over decades stand on a logarithmic one.
function axisOfLevels(path) {
  const levels = levelsOf(path), { type } = levelAxis(levels), title = shortPath(data.varying[path]);
  if (type) return axis(title, { type, categoryorder: "array", categoryarray: levels.map(levelText) });
  return axis(title, overDecades(levels) ? { type: "log", exponentformat: "none" } : {});
}

function showPoints(rows, columns) {
  byId("heat-hint").textContent = `A point is a configuration, coloured by ${state.metric}; those without a value are hollow.`;
  const at = (path) => {
    const { type } = axisOfLevels(path);
    return data.configurations.map(({ values }) => type === "category" ? levelText(values[path]) : values[path]);
  };
  const means = data.configurations.map((_, i) => estimateOf(i).mean), known = means.map((mean) => mean !== null);
  const x = at(columns), y = at(rows), label = data.configurations.map((_, i) => `${forPlotly(labelOf(i))}<br>${state.metric} ${short(means[i])}<br>${cellHover([i])}`);
  const trace = (kept, marker) => {
    const pick = (list) => list.filter((_, i) => kept(i));
    return { type: "scatter", mode: "markers", x: pick(x), y: pick(y), text: pick(label), hovertemplate: "%{text}<extra></extra>", marker };
  };
  const line = { color: variable("--quiet"), width: 1 };
  draw("chart-heat", [
    trace((i) => !known[i], { symbol: "circle-open", size: 9, color: line.color }),
    trace((i) => known[i], { size: 11, line, color: means.filter((mean) => mean !== null), ...paletteOfMetric(), colorbar: { thickness: 12, outlinewidth: 0 } })],
  { xaxis: axisOfLevels(columns), yaxis: axisOfLevels(rows), hovermode: "closest", dragmode: false, margin: { l: 60, r: 10, t: 30, b: 50 } });
}

const kMostLevels = 15;  // of a heat map's axis

// A grid is a heat map, if it is not too fine and most of its cells have a run.
function showPlane() {
  const rows = Number(byId("heat-rows").value), columns = Number(byId("heat-columns").value);
  const across = levelsOf(columns).length, down = levelsOf(rows).length;
  const filled = new Set(data.configurations.map(({ values }) => JSON.stringify([values[rows], values[columns]]))).size;
  (Math.max(across, down) > kMostLevels || 2 * filled < across * down ? showPoints : showHeat)(rows, columns);
}

// ---- points with intervals -----------------------------------------------------------------------

function pointTrace(values, estimates, colour) {
  const up = estimates.map((each) => each.high === null ? 0 : each.high - each.mean);
  const down = estimates.map((each) => each.low === null ? 0 : each.mean - each.low);
  const numbers = values.every((value) => typeof value === "number");
  return { x: numbers ? values : values.map(levelText), y: estimates.map((each) => each.mean), mode: numbers ? "lines+markers" : "markers",
    line: { color: colour, width: 1.5 }, marker: { color: colour, size: 8 },
    error_y: { type: "data", array: up, arrayminus: down, color: colour, thickness: 1.4, width: 4 },
    text: estimates.map((each) => `${plural(each.n, "run")}${each.low === null ? "" : `<br>${intervalText(each.low, each.high)}`}`),
    hovertemplate: "%{x}: %{y:.4g}<br>%{text}<extra></extra>" };
}

// ---- parallel coordinates ------------------------------------------------------------------------

// The powers of ten between the first and the last level.
function decadesOf(levels) {
  const first = Math.ceil(Math.log10(levels[0])), last = Math.floor(Math.log10(levels.at(-1)));
  return Array.from({ length: last - first + 1 }, (_, i) => Number(`1e${first + i}`));
}

// Parallel coordinates have no logarithmic axis, but ticks with texts; these, unlike all others of Plotly, are no markup.
function numberDimension(levels, column) {
  const logarithmic = overDecades(levels), at = logarithmic ? Math.log10 : (value) => value;
  const ticks = levels.length <= 10 ? levels : logarithmic ? decadesOf(levels) : [];
  return { values: column.map(at), ...(ticks.length > 0 ? { tickvals: ticks.map(at), ticktext: ticks.map(plain) } : {}) };
}

function pathDimension(path) {
  const levels = levelsOf(path), column = data.configurations.map((each) => each.values[path]), label = pathText(path);
  if (levels.every((level) => typeof level === "number")) return { label, ...numberDimension(levels, column) };
  const names = levels.map(plain);
  return { label, values: column.map((value) => names.indexOf(plain(value))), tickvals: names.map((_, i) => i), ticktext: names };
}

// Parallel coordinates draw no gaps: what has no value is left out.
const drawable = () => data.configurations.map((_, i) => i).filter((i) => data.metrics.every(({ name }) => estimateOf(i, name).mean !== null));

function showParallel() {
  const rows = drawable();
  const dimensions = data.varying.map((_, path) => pathDimension(path)).map((each) => ({ ...each, values: rows.map((i) => each.values[i]) }));
  for (const { name } of data.metrics) dimensions.push({ label: name, values: rows.map((i) => estimateOf(i, name).mean) });
  const chart = draw("chart-parallel", [{ type: "parcoords", dimensions, labelangle: dimensions.length > 7 ? -20 : 0,
    line: { color: rows.map((i) => estimateOf(i).mean), colorscale: scaleOf(), reversescale: lowerIsBetter(state.metric), showscale: !isPhone(),
      colorbar: { thickness: 12, outlinewidth: 0, title: { text: state.metric, side: "right" } } },
    unselected: { line: { color: variable("--line"), opacity: 0.25 } } }], { margin: { l: 50, r: 50, t: 60, b: 24 } });
  chart.then(() => {
    const node = byId("chart-parallel");
    node.removeAllListeners("plotly_restyle");
    node.on("plotly_restyle", () => brush(node.data[0].dimensions, rows));
  });
}

// The configurations inside all ranges that were drawn on the axes.
function brush(dimensions, rows) {
  const inside = (value, range) => range.length && Array.isArray(range[0]) ? range.some((each) => inside(value, each)) : value >= range[0] && value <= range[1];
  const limits = dimensions.filter((each) => each.constraintrange);
  state.kept = limits.length === 0 ? null
    : new Set(rows.filter((_, place) => limits.every((each) => inside(each.values[place], each.constraintrange))));
  showRuns();
}

// ---- main effects --------------------------------------------------------------------------------

const kFewRuns = 2;  // the t-interval of so few is so wide that beside it no effect would be seen

// From the lowest to the highest mean or end of a bar in all panels, but for bars of few runs.
function effectsRange(levels) {
  const ends = levels.filter((each) => each.mean !== null)
    .flatMap(({ n, mean, low, high }) => n <= kFewRuns ? [mean] : [low, mean, high]);
  const kept = isAccuracy(state.metric) ? ends.map((end) => Math.min(1, Math.max(0, end))) : ends;
  const low = Math.min(...kept), high = Math.max(...kept), rim = (high - low) * 0.06 || 0.01;
  return [low - rim, high + rim];
}

function showEffects() {
  const all = data.effects[state.metric].flat(), range = effectsRange(all);
  const cut = all.some(({ n, low, high }) => n <= kFewRuns && low !== null && (low < range[0] || high > range[1]));
  byId("effects-hint").textContent = `Mean ${state.metric} of all runs with a value, whatever the others are; bars are 95 % intervals` +
    (cut ? ", those of two runs go beyond the picture." : ".");
  const nodes = data.effects[state.metric].map((levels, path) => {
    const node = element("div", { class: "chart", id: `chart-effect-${path}` });
    return { node, path, levels };
  });
  byId("charts-effects").replaceChildren(...nodes.map(({ node }) => node));
  for (const { node, path, levels } of nodes) {
    draw(node, [pointTrace(levels.map((each) => each.value), levels, colourOf(path))],
      { xaxis: { ...axisOfLevels(path), ...(levels.length <= 8 && levels.every((each) => typeof each.value === "number") ? { tickvals: levels.map((each) => each.value) } : {}) },
        yaxis: axis("", { range }), dragmode: false, margin: { l: 50, r: 8, t: 30, b: 44 } });
  }
  showVariance();
}

function showVariance() {
  const shares = data.variance[state.metric];
  byId("variance").hidden = shares.length === 0;
  const header = element("tr", {}, element("th", { class: "text" }, "source of variance"), ...["share", "degrees of freedom", "p (F-test)"].map((name) => element("th", {}, name)));
  const lines = shares.map((each) => element("tr", {}, element("td", { class: "text" }, shortPath(each.source)),
    element("td", {}, `${(100 * each.share).toFixed(1)} %`), element("td", {}, String(each.degrees)), element("td", {}, short(each.p))));
  byId("variance").replaceChildren(element("thead", {}, header), element("tbody", {}, ...lines));
}

// ---- which of them there are ---------------------------------------------------------------------

const kMostPaths = 8;  // more differ between models of different kinds; no picture helps there

function showSweep() {
  const paths = data.varying.length, some = data.configurations.length > 1 && paths > 0 && paths <= kMostPaths;
  byId("sweep").hidden = !some || paths < 2;
  byId("parallel").hidden = !some || drawable().length < 3;
  byId("effects").hidden = !some;
  if (!some) return;
  byId("heat-controls").hidden = paths < 3;
  if (paths > 1) showPlane();
  if (!byId("parallel").hidden) showParallel();
  showEffects();
}

function setUpSweep() {
  const choices = data.varying.map((path, i) => [i, shortPath(path)]);
  options(byId("heat-rows"), choices, 0);
  options(byId("heat-columns"), choices, 1);
  for (const id of ["heat-rows", "heat-columns"]) byId(id).addEventListener("change", showPlane);
}
