// The answer in a sentence, the numbers behind it, and what could not be shown.
"use strict";

// "0.5040 (95 % interval 0.48 to 0.53 over 5 runs)".
function valueText(estimate) {
  const spreads = spreadTexts(estimate);
  return short(estimate.mean) + (spreads.length > 0 ? ` (${spreads.join("; ")})` : "");
}

function answerText() {
  const order = ranking(), best = order[0], estimate = estimateOf(best);
  if (estimate.mean === null) return `No configuration has a ${state.metric}.`;
  if (data.configurations.length === 1) return `${state.metric} ended at ${valueText(estimate)}.`;
  const lost = order.filter((i) => estimateOf(i).mean === null).length;
  const ties = order.filter((i) => i !== best && estimateOf(i).group === estimate.group).length;
  const single = data.configurations.some((each) => each.runs.length < 2);
  const rest = data.configurations.length - 1 - ties - lost;
  const none = lost === 0 ? "" : ` ${lost === 1 ? "One has" : `${lost} have`} no value.`;
  const compared = ties === 0 ? (rest > 0 ? "It is better than all others." : "It is the only one with a value.")
    : `${ties === 1 ? "One other cannot" : `${ties} others cannot`} be told apart from it` +
      (rest > 0 ? `; ${rest} can.` : ".") + (single ? " Single runs tell little: repeats give intervals." : "");
  return `Best by ${state.metric}: ${labelOf(best)} with ${valueText(estimate)}. ${compared}${none}`;
}

// "3", or "3 to 8" of several seeds.
function rangeText(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? String(low) : `${low} to ${high}`;
}

// Of the best configuration all seeds count, as in its other numbers.
function cardsOf() {
  const best = data.configurations[ranking()[0]], runs = best.runs.map((index) => data.runs[index]);
  const tested = runs.filter((run) => run.test), kept = runs.filter((run) => run.best);
  const seconds = data.runs.reduce((sum, each) => sum + each.seconds, 0);
  const cards = data.metrics.map(({ name }) => [short(best.estimates[name].mean),
    data.configurations.length > 1 ? `${name} of the best` : name]);
  if (tested.length) cards.push([short(meanOf(tested.map((run) => run.test.val_accuracy))), "accuracy on the test set"]);
  if (kept.length) cards.push([rangeText(kept.map((run) => run.best.epoch)), "epoch of the best weights kept"]);
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
