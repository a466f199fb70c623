// Loss and accuracy against epochs: training solid, validation dashed, a band over seeds.
"use strict";

const kAll = 1e9;

// Mean, lowest and highest value over the runs of a configuration, at the epochs they share a grid of.
function bandOf(configuration, metric) {
  const byEpoch = new Map();
  for (const index of data.configurations[configuration].runs) {
    const curves = data.runs[index].curves;
    curves.epoch.forEach((epoch, i) => {
      if (curves[metric][i] === null) return;
      if (!byEpoch.has(epoch)) byEpoch.set(epoch, []);
      byEpoch.get(epoch).push(curves[metric][i]);
    });
  }
  const epochs = [...byEpoch.keys()].sort((a, b) => a - b), values = epochs.map((epoch) => byEpoch.get(epoch));
  return { epochs, mean: values.map((list) => list.reduce((a, b) => a + b, 0) / list.length),
    low: values.map((list) => Math.min(...list)), high: values.map((list) => Math.max(...list)) };
}

const lineOf = (colour, dash, width = dash ? 1.9 : 1.4) => ({ color: colour, width, dash: dash ? "5px,3px" : "solid" });

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
    hovertemplate: `${labelOf(configuration)}<br>${metric} %{y:.4g} in epoch %{x}%{customdata}<extra></extra>` });
  return traces;
}

function seedTraces(configuration, metric, colour, dash) {
  return data.configurations[configuration].runs.map((index) => {
    const run = data.runs[index];
    return { x: run.curves.epoch, y: run.curves[metric], mode: run.curves.epoch.length === 1 ? "markers" : "lines",
      line: lineOf(colour, dash, 1.1), marker: { color: colour },
      hovertemplate: `${labelOf(configuration)}, seed ${run.seed}<br>${metric} %{y:.4g} in epoch %{x}<extra></extra>` };
  });
}

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

function legend(shown) {
  const key = (kind, text) => element("span", {}, element("i", { class: kind }), text);
  const lines = [key("plain", "training"), key("dashed", "validation")];
  if (data.configurations.length > 1) {
    shown.forEach((configuration, place) => lines.push(element("span", { style: `color:${colourOf(place)}` },
      element("i", { class: "plain" }), element("span", { style: `color:${variable("--text")}` }, labelOf(configuration)))));
  }
  byId("curve-legend").replaceChildren(...lines);
}

function showCurves() {
  const shown = ranking().slice(0, Number(byId("curve-count").value));
  const bands = data.configurations.some((each) => each.runs.length > 1);
  byId("curve-hint").textContent = [isPhone() ? "" : "Drag to zoom, double-click for the whole.",
    bands ? "Lines are means over seeds, bands reach from the lowest to the highest seed." : "",
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
