"""nnrun report: the file it writes, all but one of them without a browser (slow_report_test.py is the test with one)."""
import base64
import json
import math
import re
import shlex
import shutil
import subprocess
import unittest

from chromium import Chromium, find_chromium
from nnrun_cli import NNRUN, CliTest, environment, main, run, rows, summary, tiny, tree

GRID = {"method": "grid", "parameters": {"model.layers.C1.filters": {"values": [2, 3]},
                                         "optimizer.learning_rate": {"values": [0.01, 0.001]}}}
RANDOM = {"method": "random", "run_cap": 16, "parameters": {
    "optimizer.learning_rate": {"min": 0.0001, "max": 0.1, "distribution": "log_uniform_values"},
    "model.layers.D1.rate": {"min": 0.1, "max": 0.7}}}
MAPS = {"layers": ["C1", "S1"], "images": [10, 0, 2]}


def data_of(file):
    block, = re.findall(r'<script type="application/json" id="data">(.*?)</script>', file.read_text(), re.DOTALL)
    return json.loads(block)


class Report(CliTest):
    def report(self, *paths, **options):
        run("report", *paths, "-o", self.folder / "report.html", **options)
        return data_of(self.folder / "report.html")

    def test_a_single_run(self):
        self.train(config=tiny(feature_maps=MAPS))
        before = tree(self.folder / "run")
        data = self.report(self.folder / "run")
        self.assertEqual(tree(self.folder / "run"), before)
        self.assertEqual(data["title"], "run")
        only, = data["runs"]
        last = dict(zip(("epoch", "accuracy", "loss", "val_accuracy", "val_loss"), map(float, rows(self.folder / "run")[-1].split(","))))
        self.assertEqual(only["last"], last)
        self.assertEqual(only["curves"]["epoch"], [0, 1, 2, 3])
        confusion, = data["confusions"]
        evaluated = json.loads(run("evaluate", self.folder / "run", "--json").stdout)
        self.assertEqual(confusion["counts"], evaluated["confusion"])
        self.assertEqual(confusion["scores"][0]["f1"], evaluated["classes"][0]["f1"])
        images = data["features"][0]["images"]
        self.assertEqual([image["image"] for image in images], ["0", "2", "10"])
        self.assertEqual([each["layer"] for each in images[0]["maps"]], ["input", "C1", "S1"])
        png = (self.folder / "run/features/S1-2.png").read_bytes()
        self.assertEqual(base64.b64decode(images[1]["maps"][2]["png"].partition(",")[2]), png)

    def test_the_confusion_matrix_names_the_epoch_of_its_weights(self):
        stopping = {"monitor": "val_loss", "patience": 3, "restore_best": True}
        self.train(config=tiny(training__epochs=30, training__early_stopping=stopping, optimizer__learning_rate=0.3))
        losses = [float(row.split(",")[4]) for row in rows(self.folder / "run")]
        best = losses.index(min(losses))
        self.assertLess(best, len(losses) - 1)
        for weights in ("last", "best"):
            confusion, = self.report(self.folder / "run", "--weights", weights)["confusions"]
            self.assertEqual(confusion["epoch"], best)
            right = sum(confusion["counts"][i][i] for i in range(3))
            self.assertAlmostEqual(right / 30, float(rows(self.folder / "run")[best].split(",")[3]))

    def test_the_file_needs_nothing_else(self):
        self.train("run", "--quiet", config=tiny(training__epochs=1))
        out = run("report", self.folder / "run", "-o", self.folder / "a.html").stdout
        self.assertIn("a.html", out)
        text = (self.folder / "a.html").read_text()
        template = re.sub(r"<script.*?</script>|<style>.*?</style>", "", text, flags=re.DOTALL)
        self.assertNotRegex(template, r"(src|href)=\"(?!#)[^\"]")
        self.assertIn("default-src 'none'", template)
        self.assertIn("plotly.js", template)  # its licence
        self.assertIn("WITHOUT WARRANTY OF ANY KIND", template)
        self.assertIn("window.Plotly = Plotly", text)

    def test_a_sweep_with_repeats(self):
        self.train("sweep", "--quiet", config=tiny(sweep=GRID, repeats=2, training__epochs=2))
        data = self.report(self.folder / "sweep", "--metric", "loss")
        self.assertEqual(data["metric"], "loss")
        self.assertEqual(data["varying"], list(GRID["parameters"]))
        self.assertEqual(sorted(each["values"] for each in data["configurations"]), [[2, 0.001], [2, 0.01], [3, 0.001], [3, 0.01]])
        self.assertEqual(len(data["runs"]), 8)
        self.assertEqual(len(data["confusions"]), 4)
        self.assertAlmostEqual(sum(each["share"] for each in data["variance"]["loss"]), 1)
        self.assertEqual([len(levels) for levels in data["effects"]["loss"]], [2, 2])
        source, = data["sources"]
        self.assertEqual(source["folder"], str(self.folder / "sweep"))
        self.assertEqual(source["config"], (self.folder / "sweep/config.json").read_text())
        environment_, = data["environments"]
        self.assertEqual(environment_["runs"], list(range(8)))
        self.assertEqual(len(environment_["data_hashes"]), 2)  # synthetic data follow the seed

    def test_a_sweep_over_what_brings_keys_with_it(self):
        axes = {"optimizer.type": {"values": ["sgd", "adam"]},
                "optimizer.schedule": {"values": [None, {"type": "cosine", "final": 0.1}]}}
        self.train("sweep", "--quiet", config=tiny(sweep={"parameters": axes}, repeats=2, training__epochs=1))
        data = self.report(self.folder / "sweep")
        self.assertEqual(data["varying"], list(axes))
        self.assertEqual([each["values"] for each in data["configurations"]],
                         [[kind, schedule] for kind in ("sgd", "adam") for schedule in (None, {"type": "cosine", "final": 0.1})])
        self.assertEqual([each["source"] for each in data["variance"]["val_loss"]], [*axes, "interaction", "noise"])
        left = json.loads(run("table", self.folder / "sweep", "--filter", "optimizer.schedule=null", "--json").stdout)["rows"]
        self.assertEqual([row["optimizer.schedule"] for row in left], [None, None])

    def test_its_commands_make_the_runs_again(self):
        self.train("a run", "--threads", "1", config=tiny(training__epochs=1))
        source, = self.report(self.folder / "a run")["sources"]
        again, verify = source["commands"]
        for line in (again, verify):
            words = line.replace("nnrun", shlex.quote(str(NNRUN)), 1)
            subprocess.run(words, shell=True, check=True, capture_output=True, env=environment())
        self.assertEqual(rows(self.folder / "a run-again"), rows(self.folder / "a run"))

    def test_folders_without_a_name_of_their_own(self):
        self.train("run", "--quiet", config=tiny(training__epochs=1))
        folder = (self.folder / "run").resolve()
        for path, named in ((".", str(folder)), (f"{folder}/", str(folder)), ("../run/", "../run")):
            again, verify = self.report(path, cwd=folder)["sources"][0]["commands"]
            self.assertTrue(again.startswith(f"nnrun --config {named}/config.json --out {named}-again --device"), again)
            self.assertEqual(verify, f"nnrun verify {named} --rerun")

    def test_several_paths_and_what_is_below_a_folder(self):
        self.train("below/a", "--quiet", config=tiny(training__epochs=1))
        self.train("below/b", "--quiet", config=tiny(training__epochs=1, optimizer__learning_rate=0.5))
        self.assertEqual(len(self.report(self.folder / "below")["sources"]), 2)
        data = self.report(self.folder / "below/b", self.folder / "below/a")
        self.assertEqual(data["title"], "b, a")
        self.assertEqual(data["varying"], ["optimizer.learning_rate"])

    def test_runs_that_diverged_or_miss_their_weights(self):
        from nnrun_cli import diverging
        self.train("bad", "--quiet", config=diverging(), code=4)
        data = self.report(self.folder / "bad")
        self.assertEqual(data["runs"][0]["status"], "diverged")
        self.assertIsNone(data["runs"][0]["last"]["loss"])
        self.train("good", "--quiet")
        (self.folder / "good/last.nnr").unlink()
        done = run("report", self.folder / "good", "-o", self.folder / "c.html")
        self.assertIn("warning", done.stderr)
        data = data_of(self.folder / "c.html")
        self.assertEqual(data["confusions"], [])
        self.assertIn("last.nnr", data["notes"][0])

    @unittest.skipUnless(find_chromium(), "no Chromium")
    def test_a_random_sweep_in_a_browser(self):
        """No grid, but a coloured point per trial; a sentence for thinned curves."""
        self.train("sweep", "--quiet", config=tiny(sweep=RANDOM, training__epochs=1))
        self.report(self.folder / "sweep")
        with Chromium() as browser:
            page = browser.open(self.folder / "report.html")
            page.wait_for("document.documentElement.dataset.ready === 'yes'")
            charts = "[document.getElementById('chart-heat').data, document.getElementById('chart-heat').layout]"
            (*_, points), layout = page.run(charts)
            self.assertEqual([points["type"], len(points["x"])], ["scatter", 16])
            self.assertEqual(sorted([layout["xaxis"]["type"], layout["yaxis"].get("type", "linear")]), ["linear", "log"])
            effects = page.run("[...document.querySelectorAll('#charts-effects .chart')].map((chart) => chart.layout.xaxis.type || 'linear')")
            self.assertEqual(sorted(effects), ["linear", "log"])
            rate, = page.run("document.getElementById('chart-parallel').data[0].dimensions.filter((each) => each.label === 'learning_rate')")
            self.assertLess(max(rate["values"]), 0, "no logarithms")
            self.assertEqual(rate["tickvals"], [math.log10(float(text)) for text in rate["ticktext"]])
            self.assertEqual(page.run("numberDimension([0.0003, 0.001, 0.01], [0.001])"),
                             {"values": [-3], "tickvals": [math.log10(0.0003), -3, -2], "ticktext": ["0.0003", "0.001", "0.01"]})
            wide, narrow = {"n": 2, "mean": 0.4, "low": -1, "high": 1.8}, {"n": 3, "mean": 0.9, "low": 0.7, "high": 1.1}
            for metric, ends in (("val_accuracy", [0.4, 1]), ("val_loss", [0.4, 1.1])):
                low, high = page.run(f"state.metric = '{metric}', effectsRange({json.dumps([wide, narrow])})")
                rim = 0.06 * (ends[1] - ends[0])
                self.assertAlmostEqual(low, ends[0] - rim)
                self.assertAlmostEqual(high, ends[1] + rim)
            page.run(f"data.effects.val_accuracy[0][0] = {json.dumps({**wide, 'value': 0.1})}; state.metric = 'val_accuracy'; showEffects()")
            self.assertIn("intervals, those of two runs go beyond the picture.", page.run("document.getElementById('effects-hint').textContent"))
            page.run("data.stride = 2; showCurves()")
            self.assertIn("One epoch in 2 is drawn.", page.run("document.getElementById('curve-hint').textContent"))
            self.assertEqual(page.complaints(), [])

    def shown(self, browser, **options):
        page = browser.open(self.folder / "report.html", **options)
        page.wait_for("document.documentElement.dataset.ready === 'yes'")
        return page

    @unittest.skipUnless(find_chromium(), "no Chromium")
    def test_cards_are_of_all_seeds(self):
        self.train("run", "--quiet", "--set", "data.validation_fraction=0.2", config=tiny(repeats=3))
        summaries = [summary(self.folder / f"run/seed-{seed}") for seed in (5, 6, 7)]
        self.report(self.folder / "run")
        with Chromium() as browser:
            page = self.shown(browser)
            cards = dict(page.run("[...document.querySelectorAll('.card')].map((card) => [card.children[1].textContent, card.children[0].textContent])"))
        mean = sum(each["test"]["accuracy"] for each in summaries) / 3
        self.assertAlmostEqual(float(cards["accuracy on the test set"]), mean, places=4)
        epochs = [each["best_epoch"] for each in summaries]
        self.assertEqual(cards["epoch of the best weights kept"],
                         str(min(epochs)) if len(set(epochs)) == 1 else f"{min(epochs)} to {max(epochs)}")

    @unittest.skipUnless(find_chromium(), "no Chromium")
    def test_a_band_ends_with_its_first_seed(self):
        """The seeds that go on are lines of their own: their mean would be one of the lucky."""
        self.train("run", "--quiet", config=tiny(repeats=3))
        metrics = self.folder / "run/seed-6/metrics.csv"
        metrics.write_text("".join(metrics.read_text().splitlines(keepends=True)[:3]))  # the first two of four epochs
        data = self.report(self.folder / "run")
        with Chromium() as browser:
            band, mean, *rests = self.shown(browser).run("bandTraces(0, 'loss', '#000000', false).map(({x, y, line}) => [x, y, line.width])")
        curves = [run["curves"]["loss"] for run in data["runs"]]
        self.assertEqual(band[0], [0, 1, 1, 0])
        self.assertEqual(mean[0], [0, 1])
        self.assertAlmostEqual(mean[1][1], sum(curve[1] for curve in curves) / 3)
        self.assertEqual([rest[:2] for rest in rests], [[[1, 2, 3], curves[0][1:]], [[1, 2, 3], curves[2][1:]]])
        self.assertLess(rests[0][2], mean[2])

    @unittest.skipUnless(find_chromium(), "no Chromium")
    def test_a_single_run_in_a_browser(self):
        """Its interval over items, what its curves are of, how long it took."""
        self.train("run", "--quiet")
        self.report(self.folder / "run")
        with Chromium() as browser:
            page = self.shown(browser)
            heads = "[...document.querySelectorAll('#table-configurations th')].map((head) => head.textContent)"
            page.run("state.metric = 'val_loss'; showAll()")
            self.assertEqual(page.run(heads), ["configuration", "tie group", "runs", "val_loss", "last epochs (≤\u00a050) mean",
                                               "last epochs (≤\u00a050) sd", "parameters", "seconds"])
            page.run("state.metric = 'val_accuracy'; showAll()")
            self.assertEqual(page.run(heads)[3:6], ["val_accuracy", "95 % of items low", "95 % of items high"])
            self.assertRegex(page.run("document.getElementById('answer').textContent"),
                             r"\(95 % interval 0\.\d{4} to [01]\.\d{4} over the items it was validated on; last 4 epochs: \S+, sd \S+\)")
            self.assertEqual(page.run("document.querySelectorAll('#curve-legend span')[1].textContent"), "test")
            shown = page.run("[0.174, 59.9, 61, 3569, 3571, 5990, 7185, 35985].map(duration)")
            self.assertEqual(shown, ["0.174 s", "59.9 s", "1 min", "59 min", "1 h 0 min", "1 h 40 min", "2 h 0 min", "10 h 0 min"])

    @unittest.skipUnless(find_chromium(), "no Chromium")
    def test_names_are_no_markup(self):
        names = ["<b>cat<br>x", "R&amp;D", "%{x}"]
        for number, name in enumerate(names):
            self.train(f"all/{name}", "--quiet", config=tiny(training__epochs=1, optimizer__learning_rate=0.1 + number))
        self.report(self.folder / "all")
        with Chromium() as browser:
            page = self.shown(browser)
            templates = page.run("document.getElementById('chart-loss').data.map((trace) => trace.hovertemplate)")
            for name in ("&#60;b&#62;cat&#60;br&#62;x", "R&#38;amp;D", "&#37;{x}"):
                self.assertTrue(any(f"{name}<br>" in each for each in templates), templates)
            page.run(f"data.confusions[0].classes = {json.dumps(names)}; showConfusion()")
            ticks = page.run("[...document.querySelectorAll('#chart-confusion .ytick text')].map((text) => text.textContent)")
            self.assertEqual(sorted(ticks), sorted(names))
            page.run(f"data.configurations.forEach((each, i) => each.values[0] = {json.dumps(names)}[i]); data.varying[0] = '<i>path'; showParallel()")
            parallel = "[...document.querySelectorAll('#chart-parallel text')].map((text) => text.textContent)"
            page.wait_for(f"{parallel}.includes('<i>path')")
            self.assertLessEqual(set(names), set(page.run(parallel)))

    CROWDED = """[...document.querySelectorAll('.chart')].filter((chart) => {
        const boxes = (texts) => [...chart.querySelectorAll(texts)].map((text) => text.getBoundingClientRect());
        const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
        return boxes('.ytitle').some((title) => boxes('.ytick text').some((tick) => meet(title, tick))) ||
            boxes('.xtitle').some((title) => boxes('.xtick text').some((tick) => meet(title, tick)));
    }).map((chart) => chart.id)"""

    @unittest.skipUnless(find_chromium(), "no Chromium")
    def test_axis_titles_keep_clear_of_the_ticks(self):
        self.train("sweep", "--quiet", config=tiny(sweep=RANDOM, training__epochs=1))
        self.report(self.folder / "sweep")
        with Chromium() as browser:
            page = self.shown(browser)
            for width, phone in ((1280, False), (360, True)):
                page.resize(width, 740, phone)
                page.run("data.confusions[0].classes = ['airplane', 'automobile of a kind that nobody has ever seen before', 'cat']; showAll()")
                page.wait_for("[...document.querySelectorAll('#chart-confusion .ytick text')].some((text) => text.textContent === 'airplane')")
                self.assertEqual(page.run("document.querySelectorAll('#chart-confusion .ytitle').length"), 1)
                self.assertEqual(page.run(self.CROWDED), [])

    @unittest.skipUnless(find_chromium(), "no Chromium")
    def test_curves_are_of_the_split_that_was_looked_at(self):
        self.train("all/test", "--quiet", config=tiny(training__epochs=1))
        self.train("all/kept", "--quiet", config=tiny(training__epochs=1, data__validation_fraction=0.2))
        fractions = {"parameters": {"data.validation_fraction": {"values": [0.1, 0.2]}}}
        self.train("swept", "--quiet", config=tiny(training__epochs=1, sweep=fractions))
        with Chromium() as browser:
            for below, split in (("all/kept", "validation"), ("all", "validation or test"), ("swept", "validation")):
                self.report(self.folder / below)
                shown = self.shown(browser).run("document.querySelectorAll('#curve-legend span')[1].textContent")
                self.assertEqual(shown, split, below)

    HEAT = "[document.getElementById('heat-hint').textContent, document.getElementById('chart-heat').data[0].text.flat()]"

    @unittest.skipUnless(find_chromium(), "no Chromium")
    def test_a_heat_map_says_what_it_shows(self):
        """One kind of ± in a picture, and none where a cell is a mean over what a third value does."""
        self.train("sweep", "--quiet", config=tiny(sweep=GRID, repeats=2, training__epochs=2))
        shutil.rmtree(self.folder / "sweep/trial-0001/seed-6")
        third = {**GRID["parameters"], "optimizer.type": {"values": ["adam", "sgd"]}}
        self.train("three", "--quiet", config=tiny(sweep={"parameters": third}, training__epochs=2))
        with Chromium() as browser:
            self.report(self.folder / "sweep")
            page = self.shown(browser)
            self.assertRegex(page.run("labelOf(0)"), r"^[\w.]+ \S+, [\w.]+ \S+$")  # by what varies, not by folder
            hint, cells = page.run(self.HEAT)
            self.assertIn("; ± is half the 95 % interval over seeds.", hint)
            self.assertEqual(sum("±" in cell for cell in cells), 3)
            page.resize(360, 740, phone=True)
            page.run("showSweep()")
            self.assertEqual(page.run(self.HEAT)[0], "val_accuracy.")
            self.report(self.folder / "three")
            page = self.shown(browser)
            hint, cells = page.run(self.HEAT)
            self.assertEqual((hint, sum("±" in cell for cell in cells)), ("val_accuracy; a cell is the mean of 2 configurations.", 0))
            self.assertEqual(page.run("cellHover(cellsOf(0, 1).cells[0][0])"), "mean of 2 configurations")

    @unittest.skipUnless(find_chromium(), "no Chromium")
    def test_a_run_that_diverged_is_not_the_best(self):
        from nnrun_cli import diverging
        self.train("all/good", "--quiet", config=tiny(optimizer__learning_rate=1e-7))
        self.train("all/bad", "--quiet", config=diverging(), code=4)
        data = self.report(self.folder / "all")
        self.assertIn("warning: some runs diverged; their configurations have no value, and those come last",
                      data["table_notes"]["val_accuracy"])
        self.assertNotIn(None, [run["last"]["val_accuracy"] for run in data["runs"]])
        with Chromium() as browser:
            page = self.shown(browser)
            answer = page.run("document.getElementById('answer').textContent")
            place = page.run("runColumns().findIndex((column) => column.name === 'val_accuracy')")
            cells = page.run(f"[...document.querySelectorAll('#table-runs tbody tr')].map((row) => [row.cells[1].textContent, row.cells[{place}].textContent])")
        self.assertEqual(dict(cells)["diverged"], "–")
        self.assertNotEqual(dict(cells)["done"], "–")
        self.assertRegex(answer, "Best by val_accuracy: .*good.* with .* It is the only one with a value. One has no value.$")

    @unittest.skipUnless(find_chromium(), "no Chromium")
    def test_a_long_name_on_a_phone(self):
        for name in ("n" * 62, "m" * 62):
            self.train(f"all/{name}", "--quiet", config=tiny(name=name, training__epochs=1, optimizer__learning_rate=0.1 if name[0] == "n" else 0.2))
        self.report(self.folder / "all")
        with Chromium() as browser:
            page = self.shown(browser, width=360, height=740, phone=True)
            self.assertEqual(page.run("document.documentElement.scrollWidth"), 360, "the page is wider than the phone")

    def test_errors(self):
        run("report", code=2)
        run("report", self.folder / "missing", "-o", self.folder / "x.html", code=5)
        run("report", self.folder, "-o", self.folder / "x.html", code=3)
        self.train("run", "--quiet", config=tiny(training__epochs=1))
        run("report", self.folder / "run", "-o", self.folder / "no/x.html", code=5)
        run("report", self.folder / "run", "-o", self.folder / "run", code=5)
        self.assertEqual(list(self.folder.glob("*.html")), [])

    def test_missing_page_files(self):
        self.train("run", "--quiet", config=tiny(training__epochs=1))
        (self.folder / "tree/bin").mkdir(parents=True)
        (self.folder / "tree/share/nnrun/report").mkdir(parents=True)
        shutil.copy(NNRUN, self.folder / "tree/bin/nnrun")
        for place in ("lib", "lib/nnrun"):
            if (NNRUN.parent.parent / place / "libnnrun_base.so").exists():
                (self.folder / "tree/lib").symlink_to(NNRUN.parent.parent / "lib")
        done = subprocess.run([self.folder / "tree/bin/nnrun", "report", self.folder / "run", "-o", self.folder / "x.html"],
                              capture_output=True, text=True, env=environment())
        self.assertEqual(done.returncode, 5, done.stderr)
        self.assertIn("share/nnrun/report/page.html", done.stderr)
        self.assertFalse((self.folder / "x.html").exists())


if __name__ == "__main__":
    main()
