// Puts the page together and draws it again when metric or theme change.
"use strict";

function contents() {
  const sections = [...document.querySelectorAll("main > section:not([hidden])")];
  byId("contents").replaceChildren(...sections.map((each) => element("a", { href: `#${each.id}` }, each.querySelector("h2").textContent)));
}

function showAll() {
  byId("theme").textContent = theme() === "dark" ? "☀ light" : "☾ dark";
  showOverview();
  showCurves();
  showSweep();
  showConfigurations();
  showRuns();
  showDetails();
  contents();
}

function setUp() {
  options(byId("metric"), data.metrics.map(({ name }) => [name, name]), state.metric);
  byId("metric").addEventListener("change", () => {
    state.metric = byId("metric").value;
    state.kept = null;
    showAll();
  });
  byId("theme").addEventListener("click", () => {
    document.documentElement.dataset.theme = theme() === "dark" ? "light" : "dark";
    showAll();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", showAll);
  byId("runs-filter").addEventListener("input", showRuns);
  setUpCurves();
  setUpSweep();
  setUpDetails();
  showAll();
  document.documentElement.dataset.ready = "yes";
}

setUp();
