// Loss and accuracy against epochs: training solid, validation or test dashed, a band over seeds.
"use strict";

const kAll = 1e9;

// Of each run of a configuration that has a value: its points, [epoch, value], up to the last with one.
function seriesOf(configuration, metric) {
  return data.configurations[configuration].runs.map((index) => {
    const run = data.runs[index], values = run.curves[metric];
    const count = values.findLastIndex((value) => value !== null) + 1;
    return { run, points: values.slice(0, count).map((value, i) => [run.curves.epoch[i], value]) };
  }).filter(({ points }) => points.length > 0);
}

// Mean, lowest and highest value at the epochs that all runs of a configuration have, and what runs that go on have from
// the last of these on: a mean of the runs that are left would be one of the lucky.
function bandOf(configuration, metric) {
  const series = seriesOf(configuration, metric), byRun = series.map(({ points }) => new Map(points));
  const epochs = series.length === 0 ? [] : [...byRun[0].keys()].filter((epoch) => byRun.every((each) => Number.isFinite(each.get(epoch))));
  const values = epochs.map((epoch) => byRun.map((each) => each.get(epoch))), end = epochs.at(-1) ?? 0;
  const rests = series.map(({ run, points }) => ({ run, points: points.filter(([epoch]) => epoch >= end) })).filter(({ points }) => points.length > 1);
  return { epochs, rests, mean: values.map(meanOf), low: values.map((list) => Math.min(...list)), high: values.map((list) => Math.max(...list)) };
}

const kThin = 0.7;  // pixels
const lineOf = (colour, dash, width = dash ? 1.9 : 1.4) => ({ color: colour, width, dash: dash ? "5px,3px" : "solid" });

function seedTrace(configuration, { run, points }, metric, line) {
  return { x: points.map(([epoch]) => epoch), y: points.map(([, value]) => value), mode: points.length === 1 ? "markers" : "lines",
    line, marker: { color: line.color },
    hovertemplate: `${forPlotly(labelOf(configuration))}, seed ${run.seed}<br>${metric} %{y:.4g} in epoch %{x}<extra></extra>` };
}

function bandTraces(configuration, metric, colour, dash) {
  const band = bandOf(configuration, metric), several = data.configurations[configuration].runs.length > 1;
  const mode = band.epochs.length === 1 ? "markers" : "lines";
  const traces = [];
  if (several) {
    traces.push({ x: [...band.epochs, ...band.epochs.slice().reverse()], y: [...band.high, ...band.low.slice().reverse()],
      fill: "toself", fillcolor: translucent(colour, 0.17), line: { width: 0 }, mode: "lines", hoverinfo: "skip" });
  }
  traces.push({ x: band.epochs, y: band.mean, mode, line: lineOf(colour, dash), marker: { color: colour },
    customdata: band.low.map((low, i) => several ? `<br>seeds ${short(low)} to ${short(band.high[i])}` : ""),
    hovertemplate: `${forPlotly(labelOf(configuration))}<br>${metric} %{y:.4g} in epoch %{x}%{customdata}<extra></extra>` });
  return traces.concat(band.rests.map((rest) => seedTrace(configuration, rest, metric, lineOf(colour, dash, kThin))));
}

const seedTraces = (configuration, metric, colour, dash) =>
  seriesOf(configuration, metric).map((series) => seedTrace(configuration, series, metric, lineOf(colour, dash, 1.1)));

function drawPanel(id, metric, shown) {
  const make = byId("curve-seeds").checked ? seedTraces : bandTraces;
  const traces = shown.flatMap((configuration, place) =>
    [[metric, false], [`val_${metric}`, true]].flatMap(([name, dash]) => make(configuration, name, colourOf(place), dash)));
  const epochs = Math.max(...data.runs.map((run) => run.epochs));
  const logarithmic = metric === "loss" && byId("curve-log").checked;
  draw(id, traces, { title: { text: metric, font: { size: 14 }, x: 0.01, xanchor: "left" }, xaxis: axis("epoch", epochs <= 10 ? { dtick: 1 } : {}),
    yaxis: axis("", { type: logarithmic ? "log" : "linear", tickformat: isAccuracy(metric) ? ".0%" : "" }),
    hovermode: "closest", dragmode: isPhone() ? false : "zoom", margin: { l: 48, r: 8, t: 34, b: 42 } });
}

// Which split the columns val_… are about: the test split, unless a part of the training set is kept back.
function validatedOn() {
  const place = data.varying.indexOf("data.validation_fraction");
  const fractions = place >= 0 ? data.configurations.map(({ values }) => values[place])
    : data.sources.map(({ config }) => JSON.parse(config).data.validation_fraction);
  const splits = new Set(fractions.map((fraction) => fraction === null ? "test" : "validation"));
  return splits.size === 1 ? [...splits][0] : "validation or test";
}

function legend(shown) {
  const key = (kind, text) => element("span", {}, element("i", { class: kind }), text);
  const lines = [key("plain", "training"), key("dashed", validatedOn())];
  if (data.configurations.length > 1) {
    shown.forEach((configuration, place) => lines.push(element("span", { style: `color:${colourOf(place)}` },
      element("i", { class: "plain" }), element("span", { style: `color:${variable("--text")}` }, labelOf(configuration)))));
  }
  byId("curve-legend").replaceChildren(...lines);
}

function showCurves() {
  const shown = ranking().slice(0, Number(byId("curve-count").value));
  const bands = data.configurations.some((each) => each.runs.length > 1);
  const uneven = data.configurations.some((each) => new Set(each.runs.map((index) => data.runs[index].epochs)).size > 1);
  byId("curve-hint").textContent = [isPhone() ? "" : "Drag to zoom, double-click for the whole.",
    bands ? "Lines are means over seeds, bands reach from the lowest to the highest seed." : "",
    uneven ? "Where the first seed ends, thin lines go on with the others." : "",
    data.stride > 1 ? `One epoch in ${data.stride} is drawn.` : ""].filter(Boolean).join(" ");
  drawPanel("chart-loss", "loss", shown);
  drawPanel("chart-accuracy", "accuracy", shown);
  legend(shown);
}

function setUpCurves() {
  const count = data.configurations.length;
  const choices = [1, 3, 6, 12].filter((few) => few < count).map((few) => [few, few === 1 ? "the best" : `the best ${few}`]);
  const few = data.configurations.some((each) => each.runs.length > 1) ? 3 : 6;  // bands on bands hide each other
  options(byId("curve-count"), [...choices, [kAll, "all"]], count > few ? few : kAll);
  byId("curve-count").parentElement.hidden = count === 1;
  byId("curve-seeds").parentElement.hidden = data.configurations.every((each) => each.runs.length === 1);
  for (const id of ["curve-count", "curve-log", "curve-seeds"]) byId(id).addEventListener("change", showCurves);
}
