// Tables that sort by a click on a column's head; empty cells stay at the end.
"use strict";

// columns: [{name, text, value(row), show(row)}]; text columns align left.
function sortable(table, columns, rows) {
  const sort = table.sort || { column: -1, descending: false };
  table.sort = sort;
  const order = rows.slice();
  if (sort.column >= 0) {
    const { value } = columns[sort.column], sign = sort.descending ? -1 : 1;
    const missing = (each) => each === null || each === undefined;
    order.sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      if (missing(x) || missing(y)) return missing(x) - missing(y);
      return sign * (typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y), "en", { numeric: true }));
    });
  }
  const heads = columns.map((column, i) => element("th", { class: column.text ? "text" : "", scope: "col", tabindex: "0",
    ...(sort.column === i ? { "aria-sort": sort.descending ? "descending" : "ascending" } : {}),
    onclick: () => turn(i), onkeydown: (event) => { if (event.key === "Enter") turn(i); } }, column.name));
  const turn = (i) => {
    table.sort = { column: i, descending: sort.column === i && !sort.descending };
    sortable(table, columns, rows);
  };
  const line = (row) => element("tr", {}, ...columns.map((column) => {
    const shown = column.show ? column.show(row) : short(column.value(row));
    return element("td", { class: column.text ? "text" : "" }, shown);
  }));
  table.replaceChildren(element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...order.map(line)));
}

const statusMark = (status) => element("span", { class: `state-${status}` }, status);

function showConfigurations() {
  const rows = ranking();
  const number = (name, value) => ({ name, value });
  const columns = [
    { name: "configuration", text: true, value: (i) => data.configurations[i].name },
    ...data.varying.map((path, at) => ({ name: shortPath(path), value: (i) => data.configurations[i].values[at], show: (i) => plain(data.configurations[i].values[at]) })),
    number("tie group", (i) => estimateOf(i).group), number("runs", (i) => estimateOf(i).n),
    number(state.metric, (i) => estimateOf(i).mean), number("sd", (i) => estimateOf(i).sd),
    number("95 % low", (i) => estimateOf(i).low), number("95 % high", (i) => estimateOf(i).high),
    number("95 % of items low", (i) => estimateOf(i).items_low), number("95 % of items high", (i) => estimateOf(i).items_high),
    number("last epochs (≤\u00a050) mean", (i) => estimateOf(i).tail?.mean ?? null), number("last epochs (≤\u00a050) sd", (i) => estimateOf(i).tail?.sd ?? null),
    number("parameters", (i) => data.configurations[i].parameters), number("seconds", (i) => data.configurations[i].seconds),
  ];
  const filled = columns.filter((column) => rows.some((i) => column.value(i) !== null));
  byId("table-notes").replaceChildren(...data.table_notes[state.metric].map(note));
  sortable(byId("table-configurations"), filled, rows);
}

function runColumns() {
  const hasValue = (run) => run.last && run.status !== "diverged";  // weights that are not finite guess one class
  const last = (name) => ({ name, value: (run) => hasValue(run) ? run.last[name] : null });
  return [
    { name: "run", text: true, value: runLabel, show: (run) => element("span", { title: run.folder }, runLabel(run)) },
    { name: "status", text: true, value: (run) => run.status, show: (run) => statusMark(run.status) },
    { name: "seed", value: (run) => run.seed }, { name: "epochs", value: (run) => run.epochs },
    ...data.varying.slice(0, kMostPaths).map((path, at) => ({ name: shortPath(path), value: (run) => data.configurations[run.configuration].values[at],
      show: (run) => plain(data.configurations[run.configuration].values[at]) })),
    ...data.metrics.map(({ name }) => last(name)),
    { name: "best epoch", value: (run) => run.best ? run.best.epoch : null },
    { name: "best val_loss", value: (run) => run.best ? run.best.val_loss : null },
    { name: "parameters", value: (run) => run.parameters, show: (run) => run.parameters.toLocaleString("en") },
    { name: "seconds", value: (run) => run.seconds },
  ];
}

function showRuns() {
  const words = byId("runs-filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const textOf = (run) => `${run.folder} ${run.name} ${run.status} seed-${run.seed} ${labelOf(run.configuration)}`.toLowerCase();
  const rows = data.runs.filter((run) => (state.kept === null || state.kept.has(run.configuration)) &&
    words.every((word) => textOf(run).includes(word)));
  byId("runs-count").textContent = rows.length === data.runs.length ? "" : `${rows.length} of ${plural(data.runs.length, "run")}`;
  sortable(byId("table-runs"), runColumns(), rows);
}
