// The answer in a sentence, the numbers behind it, and what could not be shown.
"use strict";

// "0.5040 (95 % interval 0.48 to 0.53 over 5 runs)", or with the spread of the last epochs of a single run.
function valueText(estimate) {
  if (estimate.low !== null) return `${short(estimate.mean)} (${intervalText(estimate)}, ${plural(estimate.n, "run")})`;
  const tail = estimate.tail;
  if (!tail || tail.sd === null || tail.n < 2) return short(estimate.mean);
  return `${short(estimate.mean)} (last ${tail.n} epochs: ${short(tail.mean)} ± ${short(tail.sd)})`;
}

function answerText() {
  const order = ranking(), best = order[0], estimate = estimateOf(best);
  if (data.configurations.length === 1) return `${state.metric} ended at ${valueText(estimate)}.`;
  const ties = order.filter((i) => i !== best && estimateOf(i).group === estimate.group).length;
  const single = data.configurations.some((each) => each.runs.length < 2);
  const rest = data.configurations.length - 1 - ties;
  const compared = ties === 0 ? "It is better than all others."
    : `${ties === 1 ? "One other cannot" : `${ties} others cannot`} be told apart from it` +
      (rest > 0 ? `; ${rest} can.` : ".") + (single ? " Single runs tell little: repeats give intervals." : "");
  return `Best by ${state.metric}: ${labelOf(best)} with ${valueText(estimate)}. ${compared}`;
}

function cardsOf() {
  const best = data.configurations[ranking()[0]], run = data.runs[best.runs[0]];
  const seconds = data.runs.reduce((sum, each) => sum + each.seconds, 0);
  const cards = data.metrics.map(({ name }) => [short(best.estimates[name].mean),
    data.configurations.length > 1 ? `${name} of the best` : name]);
  if (run.test) cards.push([short(run.test.val_accuracy), "accuracy on the test set"]);
  if (run.best) cards.push([String(run.best.epoch), "epoch of the best weights kept"]);
  cards.push([best.parameters.toLocaleString("en"), "parameters"], [duration(seconds), "training time, all runs"]);
  return cards;
}

function note(text) {
  const warning = text.startsWith("warning");
  return element("p", { class: warning ? "note warning" : "note" }, text);
}

function notesOf() {
  const wrong = data.runs.filter((run) => run.status !== "done");
  const counts = {};
  for (const run of wrong) counts[run.status] = (counts[run.status] || 0) + 1;
  const notes = Object.entries(counts).map(([status, count]) => `warning: ${plural(count, "run")} ${status}, not done`);
  if (data.runs.some((run) => !run.exact)) notes.push("warning: a run was resumed under other threads, CPU capability or versions");
  return notes.concat(data.notes.map((text) => `not shown: ${text}`));
}

function showOverview() {
  byId("title").textContent = data.title;
  byId("facts").textContent = `${plural(data.configurations.length, "configuration")}, ${plural(data.runs.length, "run")}, ` +
    `report of ${data.created.slice(0, 16).replace("T", " ")} UTC`;
  byId("answer").textContent = answerText();
  byId("cards").replaceChildren(...cardsOf().map(([value, text]) =>
    element("div", { class: "card" }, element("b", {}, value), element("span", {}, text))));
  byId("notes").replaceChildren(...notesOf().map(note));
  byId("made").textContent = `Made by nnrun ${data.version}: ${data.command}`;
}
