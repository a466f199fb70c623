"""The report in a real headless Chromium: no complaints, all charts drawn, zoom, brush, sorting, theme, phone."""
import os
import subprocess
import sys
import unittest

from chromium import Chromium, find_chromium
from nnrun_cli import CliTest, has_engine, run, tiny

GRID = {"method": "grid", "parameters": {"model.layers.C1.filters": {"values": [2, 3, 4]},
                                         "optimizer.learning_rate": {"values": [0.01, 0.001]}}}
VISIBLE = "[...document.querySelectorAll('main > section:not([hidden])')].map((section) => section.id)"
DRAWN = "[...document.querySelectorAll('main > section:not([hidden]) .chart')].every((chart) => chart.data && chart.querySelector('svg.main-svg'))"


def install_chromium():
    if find_chromium() is None and os.geteuid() == 0:
        apt = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=600"]
        subprocess.run([*apt, "update"])
        subprocess.run([*apt, "install", "-y", "--no-install-recommends", "chromium"], env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
    return find_chromium()


def rows_of(page, table):
    return page.run(f"document.querySelectorAll('#{table} tbody tr').length")


class ReportInABrowser(CliTest):
    def report(self, name, config):
        self.train(name, "--quiet", config=config)
        run("report", self.folder / name, "-o", self.folder / f"{name}.html")
        return self.folder / f"{name}.html"

    def open(self, browser, file, **options):
        page = browser.open(file, **options)
        page.wait_for("document.documentElement.dataset.ready === 'yes'")
        page.wait_for(DRAWN)
        return page

    def test_a_sweep_with_repeats(self):
        file = self.report("sweep", tiny(sweep=GRID, repeats=2, feature_maps={"layers": ["C1"], "images": [0]}))
        with Chromium() as browser:
            page = self.open(browser, file)
            self.assertEqual(page.run(VISIBLE), ["overview", "curves", "sweep", "parallel", "effects", "configurations",
                                                 "runs", "confusion", "features", "reproduce"])
            self.check_tables(page)
            self.check_zoom(page)
            self.check_brush(page)
            self.check_metric_and_theme(page)
            self.assertEqual(page.complaints(), [])

    def check_tables(self, page):
        self.assertEqual([rows_of(page, "table-configurations"), rows_of(page, "table-runs")], [6, 12])
        seeds = "[...document.querySelectorAll('#table-runs tbody tr')].map((row) => Number(row.cells[2].textContent))"
        for _ in range(2):
            page.run("[...document.querySelectorAll('#table-runs th')].find((head) => head.textContent.startsWith('seed')).click()")
        self.assertEqual(page.run(seeds), [6] * 6 + [5] * 6)
        page.run("const box = document.getElementById('runs-filter'); box.value = 'seed-5 done'; box.dispatchEvent(new Event('input'))")
        self.assertEqual(rows_of(page, "table-runs"), 6)
        page.run("document.getElementById('runs-filter').value = ''; showRuns()")

    def check_zoom(self, page):
        page.run("document.documentElement.style.scrollBehavior = 'auto'; document.getElementById('curves').scrollIntoView()")
        box = page.run("(({left, top, width, height}) => [left, top, width, height])(document.querySelector('#chart-loss .nsewdrag').getBoundingClientRect())")
        x, y = box[0] + box[2] * 0.4, box[1] + box[3] * 0.3
        page.drag(x, y, x + box[2] * 0.3, y + box[3] * 0.4)
        page.wait_for("document.getElementById('chart-loss').layout.xaxis.range[0] > 0.5")

    def check_brush(self, page):
        page.run("document.getElementById('parallel').scrollIntoView()")
        find = "document.querySelectorAll('#chart-parallel .axis-brush')[0].getBoundingClientRect()"
        left, top, width, height = page.run(f"(({{left, top, width, height}}) => [left, top, width, height])({find})")
        x = left + width / 2
        page.drag(x, top + height * 0.65, x, top + height * 0.35)  # only the middle one of three levels
        page.wait_for("document.getElementById('runs-count').textContent !== ''")
        self.assertEqual(rows_of(page, "table-runs"), 4)

    def check_metric_and_theme(self, page):
        page.run("const metric = document.getElementById('metric'); metric.value = 'val_loss'; metric.dispatchEvent(new Event('change'))")
        self.assertIn("Best by val_loss", page.run("document.getElementById('answer').textContent"))
        colour = "getComputedStyle(document.body).backgroundColor"
        light = page.run(colour)
        page.run("document.getElementById('theme').click()")
        self.assertNotEqual(page.run(colour), light)
        self.assertEqual(rows_of(page, "table-runs"), 12)

    def test_a_single_run_on_a_phone_in_the_dark(self):
        file = self.report("run", tiny(feature_maps={"layers": ["C1"], "images": [0]}))
        with Chromium() as browser:
            page = self.open(browser, file, width=390, height=844, phone=True, dark=True)
            self.assertEqual(page.run(VISIBLE), ["overview", "curves", "configurations", "runs", "confusion", "features", "reproduce"])
            self.assertEqual(page.run("document.documentElement.scrollWidth"), 390, "the page is wider than the phone")
            self.assertEqual(page.run("theme()"), "dark")
            page.run("document.getElementById('features').scrollIntoView()")
            page.wait_for("document.querySelector('#pictures img').naturalWidth > 100")  # pictures come when they are seen
            self.assertEqual(page.complaints(), [])

    def test_odd_studies(self):
        """Models of different kinds, and a run without a finished epoch."""
        self.train("all/images", "--quiet")
        text = tiny(data={"type": "synthetic_text"}, training__epochs=2)
        text["model"] = {"layers": [{"name": "E", "type": "embedding_bag", "units": 4}, {"name": "F", "type": "dense", "units": 4}]}
        self.train("all/texts", "--quiet", config=text)
        (self.folder / "all/texts/metrics.csv").unlink()
        run("report", self.folder / "all", "-o", self.folder / "all.html")
        with Chromium() as browser:
            page = self.open(browser, self.folder / "all.html")
            self.assertNotIn("sweep", page.run(VISIBLE))
            self.assertEqual(rows_of(page, "table-runs"), 2)
            self.assertEqual(page.complaints(), [])


if __name__ == "__main__":
    if not has_engine():
        sys.exit(77)
    if install_chromium() is None:
        print("skipped: no Chromium (on Debian as root it would be installed)")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])
