// Single runs: confusion matrices, feature maps; and how to make everything again.
"use strict";

// ---- confusion matrices --------------------------------------------------------------------------

// A long name would leave no room for the matrix; whole ones stand in the hover text and in the table.
function shortened(name) {
  const letters = [...name], most = isPhone() ? 12 : 24;
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : name;
}

function showConfusion() {
  const confusion = data.confusions[Number(byId("confusion-run").value)];
  const { counts, classes } = confusion;
  const totals = counts.map((line) => line.reduce((a, b) => a + b, 0));
  const all = totals.reduce((a, b) => a + b, 0), right = counts.reduce((sum, line, i) => sum + line[i], 0);
  byId("confusion-hint").textContent = `Test split: ${right.toLocaleString("en")} of ${all.toLocaleString("en")} right (${short(right / all)}), ` +
    `${confusion.weights} weights, epoch ${confusion.epoch}. Rows are the true classes; colours are shares of a row.`;
  const names = classes.map(forPlotly), few = classes.length <= (isPhone() ? 10 : 20);
  const ticks = { type: "category", showgrid: false, ...(few ? { tickvals: names, ticktext: classes.map(shortened).map(forPlotly) } : {}) };
  draw("chart-confusion", [{ type: "heatmap", x: names, y: names, z: counts.map((line, i) => line.map((count) => totals[i] ? count / totals[i] : 0)),
    text: counts.map((line) => line.map((count) => few && count ? String(count) : "")), texttemplate: "%{text}", customdata: counts,
    zmin: 0, zmax: 1, colorscale: blues(), showscale: false, xgap: 1, ygap: 1,
    hovertemplate: "true %{y}, predicted %{x}<br>%{customdata} examples, %{z:.1%} of the class<extra></extra>" }],
  { xaxis: axis("predicted", { ...ticks, tickangle: -40 }), yaxis: axis("true", { ...ticks, autorange: "reversed" }),
    dragmode: false, margin: { l: 70, r: 8, t: 30, b: 70 } });
  const rows = classes.map((name, i) => ({ name, examples: totals[i], ...confusion.scores[i] }));
  sortable(byId("table-classes"), [{ name: "class", text: true, value: (row) => row.name },
    ...["precision", "recall", "f1", "examples"].map((name) => ({ name, value: (row) => row[name] }))], rows);
}

const blues = () => theme() === "dark" ? [[0, "#1d2631"], [0.5, "#2b6ea8"], [1, "#8fd3ff"]] : [[0, "#f3f6fa"], [0.5, "#5aa0d8"], [1, "#08457e"]];

// ---- feature maps --------------------------------------------------------------------------------

function picture(map, image) {
  const caption = `${map.layer}, image ${image}`;
  const show = () => {
    byId("viewer-image").src = map.png;
    byId("viewer-image").alt = byId("viewer-caption").textContent = caption;
    byId("viewer").showModal();
  };
  return element("figure", {}, element("img", { src: map.png, alt: caption, loading: "lazy", onclick: show }), element("figcaption", {}, map.layer));
}

function showFeatures() {
  const { images } = data.features[Number(byId("features-run").value)];
  byId("pictures").replaceChildren(...images.flatMap(({ image, maps }) =>
    [element("h3", {}, `Image ${image}`), element("div", { class: "maps" }, ...maps.map((map) => picture(map, image)))]));
}

// ---- reproduce -----------------------------------------------------------------------------------

function copyButton(text) {
  const button = element("button", { type: "button", onclick: async () => {
    await navigator.clipboard.writeText(text);
    button.textContent = "copied";
    setTimeout(() => { button.textContent = "copy"; }, 1500);
  } }, "copy");
  return button;
}

const command = (text) => element("div", { class: "command" }, element("code", {}, text), copyButton(text));

function save(name, text) {
  const link = element("a", { href: URL.createObjectURL(new Blob([text], { type: "application/json" })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function source(each) {
  const name = each.folder.split("/").filter(Boolean).pop() + ".json";
  return element("div", { class: "source" }, element("b", {}, each.folder), ...each.commands.map(command),
    element("details", {}, element("summary", {}, "config.json, with every value that was used"),
      element("button", { type: "button", onclick: () => save(name, each.config) }, `save as ${name}`), element("pre", {}, each.config)));
}

function environment(each) {
  const facts = Object.entries(each.facts).filter(([, value]) => value !== "")
    .concat([["data hash", each.data_hashes.length <= 3 ? each.data_hashes.join(", ") : `${each.data_hashes.length} different ones`]])
    .flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]);
  const files = each.files.map((file) => element("tr", {}, element("td", { class: "text" }, file.path), element("td", {}, file.bytes.toLocaleString("en")),
    element("td", { class: "text" }, element("code", {}, file.sha256))));
  const head = element("tr", {}, element("th", { class: "text" }, "input file"), element("th", {}, "bytes"), element("th", { class: "text" }, "SHA-256"));
  const of = each.runs.length === data.runs.length ? "all runs" : each.runs.length <= 4 ? each.runs.map((index) => runLabel(data.runs[index])).join(", ") : plural(each.runs.length, "run");
  return element("div", { class: "source" }, element("b", {}, of), element("dl", {}, ...facts),
    files.length ? element("div", { class: "scroll" }, element("table", {}, element("thead", {}, head), element("tbody", {}, ...files))) : null);
}

function showReproduce() {
  byId("sources").replaceChildren(...data.sources.map(source));
  byId("environments").replaceChildren(...data.environments.map(environment));
}

function showDetails() {
  byId("confusion").hidden = data.confusions.length === 0;
  byId("features").hidden = data.features.length === 0;
  if (data.confusions.length) showConfusion();
  if (data.features.length) showFeatures();
}

function setUpDetails() {
  for (const [id, list, show] of [["confusion-run", data.confusions, showConfusion], ["features-run", data.features, showFeatures]]) {
    options(byId(id), list.map((each, i) => [i, runLabel(data.runs[each.run])]), 0);
    byId(id).addEventListener("change", show);
    byId(id).parentElement.hidden = list.length < 2;
  }
  byId("viewer").addEventListener("click", () => byId("viewer").close());
  showReproduce();
}
