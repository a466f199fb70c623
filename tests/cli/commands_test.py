"""The commands that look at experiments, data and finished runs."""
import array
import csv
import hashlib
import json
import math
import os
import re
import resource
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

from faults import disk
from nnrun_cli import REPOSITORY, CliTest, command, diverging, environment, main, rows, run, summary, tiny, tree

PNG = b"\x89PNG\r\n\x1a\n"


def png_of(width, height, rgb):
    chunk = lambda name, data: struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    lines = (b"\0" + bytes(rgb) * width) * height
    return (PNG + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(lines))
            + chunk(b"IEND", b""))


def reseal(path, without):
    """A sealed JSON file as a version that does not know a member would have written it."""
    content = json.loads(path.read_text())
    del content[without]
    text = json.dumps(dict(content, sha256="0" * 64), indent=2, ensure_ascii=False) + "\n"
    path.write_text(text.replace("0" * 64, hashlib.sha256(text.encode()).hexdigest()))


RED_8X8 = png_of(8, 8, (255, 0, 0))

TEXT = {"name": "text", "data": {"type": "synthetic_text", "classes": 2, "train": 60, "test": 20, "max_length": 12},
        "model": {"layers": [{"name": "E", "type": "embedding", "units": 6}, {"name": "G", "type": "gru", "units": 5},
                             {"name": "F", "type": "dense", "units": 2}]},
        "optimizer": {"type": "adam", "learning_rate": 0.01}, "training": {"epochs": 2}}


class Describe(CliTest):
    def test_layer_table(self):
        text = run("describe", "--config", self.config()).stdout
        self.assertRegex(text, r"C1 +conv2d +4x6x6 +112 +3,888\n")  # 4 filters of 3x3x3 + 4; 4*36*27 multiply-adds
        self.assertRegex(text, r"F1 +dense +3 +111 +108\n")
        self.assertRegex(text, r"total +223 +3,996\n")
        self.assertIn("90 examples", text)

    def test_without_data(self):
        config = tiny(data={"type": "cifar10", "path": "nowhere"})
        config["model"]["layers"][-1]["units"] = 10
        done = run("describe", "--config", self.config(config))
        self.assertIn("not found", done.stdout)
        self.assertIn("nowhere", done.stdout)
        self.assertRegex(done.stdout, r"C1 +conv2d +4x30x30")

    def test_trials(self):
        config = tiny(sweep={"method": "grid", "parameters": {"model.layers.C1.filters": {"values": [2, 4]}}})
        text = run("describe", "--config", self.config(config)).stdout
        self.assertIn("2 trials", text)
        self.assertRegex(text, r"trial-0001/seed-5 +4 +223")
        trials = json.loads(run("describe", "--config", self.config(config), "--json").stdout)["trials"]
        self.assertEqual(trials[1], {"trial": 1, "folder": "trial-0001/seed-5", "seed": 5,
                                     "values": {"model.layers.C1.filters": 4}, "parameters": 223, "multiply_adds": 3996})

    def test_trials_with_other_data(self):
        config = tiny(sweep={"parameters": {"data.shape": {"values": [[1, 8, 8], [1, 16, 16]]}}})
        config["model"]["layers"] = [{"name": "flat", "type": "flatten"}, {"name": "F", "type": "dense", "units": 4}]
        described = json.loads(run("describe", "--config", self.config(config), "--json").stdout)
        self.assertEqual(described["parameters"], 260)  # 4 x 64 + 4
        self.assertEqual([trial["parameters"] for trial in described["trials"]], [260, 1028])  # 4 x 256 + 4
        text = run("describe", "--config", self.config(config)).stdout
        self.assertRegex(text, r"trial-0001/seed-5 +\[1,16,16\] +1,028 +1,024\n")

    def test_trials_of_which_one_has_no_data(self):
        config = tiny(sweep={"parameters": {"data": {"values": [
            {"type": "synthetic_images", "shape": [1, 8, 8]}, {"type": "image_folder", "train_dir": "no", "test_dir": "no",
                                                               "size": [16, 16]}]}}})
        config["model"]["layers"] = [{"name": "flat", "type": "flatten"}, {"name": "F", "type": "dense", "units": 10}]
        trials = json.loads(run("describe", "--config", self.config(config), "--json").stdout)["trials"]
        self.assertEqual([trial["parameters"] for trial in trials], [650, 7690])  # 10 x 64 + 10, 10 x 3 x 256 + 10

    def test_text_without_data(self):
        config = {**TEXT, "data": {"type": "text_csv", "train_file": "no1.csv", "test_file": "no2.csv", "classes": 2}}
        text = run("describe", "--config", self.config(config), "--data-dir", self.folder).stdout
        self.assertIn("without the rows of the embedding", text)
        self.assertRegex(text, r"  not found: .*no1.csv.*\n  not found: .*no2.csv")
        described = json.loads(run("describe", "--config", self.config(config), "--data-dir", self.folder, "--json").stdout)
        self.assertEqual(described["notes"], ["parameters without the rows of the embedding: the vocabulary is not known"])
        config["data"]["unit"] = "char"
        config["model"] = {"layers": [{"name": "H", "type": "one_hot", "depth": 9}, *TEXT["model"]["layers"][1:]]}
        text = run("describe", "--config", self.config(config), "--data-dir", self.folder).stdout
        self.assertNotIn("without the rows", text)

    def test_json(self):
        described = json.loads(run("describe", "--config", self.config(), "--json").stdout)
        self.assertEqual(described["parameters"], 223)
        self.assertEqual(described["layers"][0], {"name": "C1", "type": "conv2d", "output": [4, 6, 6], "parameters": 112,
                                                  "multiply_adds": 3888})


class Data(CliTest):
    def test_facts(self):
        facts = json.loads(run("data", "--config", self.config(), "--split", "train", "--json").stdout)
        self.assertEqual((facts["train"]["examples"], sum(facts["train"]["class_counts"])), (90, 90))

    def test_dump(self):
        lines = run("data", "--config", self.config(), "--split", "test", "--dump", "-").stdout.splitlines()
        self.assertEqual(len(lines), 30)
        self.assertTrue(all(len(line.split(",")) == 1 + 3 * 8 * 8 for line in lines))
        file = self.folder / "dump.csv"
        run("data", "--config", self.config(), "--split", "test", "--dump", file)
        self.assertEqual(file.read_text().splitlines(), lines)

    def test_trials_with_other_data_are_mentioned(self):
        shapes = self.config(tiny(repeats=2, sweep={"parameters": {"data.noise": {"values": [0.1, 2]}}}))
        done = run("data", "--config", shapes, "--split", "train", "--dump", "-")
        self.assertEqual(done.stderr, "the trials have 4 data sets; this is the one of trial-0000/seed-5\n")  # seeds draw them
        self.assertEqual(run("data", "--config", shapes, "--split", "train", "--quiet").stderr, "")
        rates = tiny(sweep={"parameters": {"optimizer.learning_rate": {"values": [0.1, 2]}}})
        self.assertEqual(run("data", "--config", self.config(rates), "--split", "train").stderr, "")

    def test_data_that_memory_does_not_hold(self):
        limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        path = self.config(tiny(data__train=40000000))  # 192 bytes each
        for arguments in (["data"], ["describe"], []):
            error = run(*arguments, "--config", path, code=6, cwd=self.folder, preexec_fn=limit).stderr
            self.assertRegex(error, r"^nnrun: error: .*/tiny.json:1:\d+: /data: out of memory \(the data do not fit\)\n$")

    def test_dump_of_cifar_is_in_channel_row_column_order(self):
        data = self.folder / "d"
        data.mkdir()
        pixels = bytes(i % 251 for i in range(3072))
        (data / "a.bin").write_bytes(bytes([7]) + pixels)
        config = {"data": {"type": "cifar10", "path": "d", "train_files": ["a.bin"], "test_files": ["a.bin"]},
                  "model": {"layers": [{"name": "f", "type": "flatten"}, {"name": "d", "type": "dense", "units": 10}]},
                  "optimizer": {"type": "sgd"}}
        arguments = ["data", "--config", self.config(config), "--data-dir", self.folder, "--split", "train", "--dump", "-"]
        self.assertEqual(run(*arguments).stdout, ",".join(map(str, [7, *pixels])) + "\n")
        mixed = [pixels[3 * (32 * y + x) + c] for c in range(3) for y in range(32) for x in range(32)]
        interleaved = run(*arguments, "--set", "data.pixel_order=interleaved").stdout
        self.assertEqual(interleaved, ",".join(map(str, [7, *mixed])) + "\n")


class FinishedRun(CliTest):
    def setUp(self):
        super().setUp()
        self.train()
        self.path = self.folder / "run"

    def test_names_that_are_too_long(self):
        name = self.folder / ("x" * 300)
        for arguments in (["predict", self.path, "--image", name], ["predict", self.path, "--input", name],
                          ["features", self.path, "--layers", "C1", "--out", name], ["report", self.path, "-o", name],
                          ["table", self.path, name]):
            self.assertIn(f"nnrun: error: {name}", run(*arguments, code=5).stderr)

    def test_evaluate_agrees_with_training(self):
        result = json.loads(run("evaluate", self.path, "--json").stdout)
        last = summary(self.path)["last"]
        self.assertAlmostEqual(result["loss"], last["val_loss"], places=6)
        self.assertEqual(result["accuracy"], last["val_accuracy"])
        confusion = result["confusion"]
        self.assertEqual(sum(map(sum, confusion)), 30)
        self.assertAlmostEqual(sum(confusion[i][i] for i in range(3)) / 30, result["accuracy"])
        for i, scores in enumerate(result["classes"]):
            predicted = sum(row[i] for row in confusion)
            self.assertAlmostEqual(scores["precision"], confusion[i][i] / predicted if predicted else 0)
            self.assertAlmostEqual(scores["recall"], confusion[i][i] / sum(confusion[i]))

    def test_accuracy_and_confusion_see_the_same_dropout_masks(self):
        config = tiny(data__test=200)
        config["model"]["layers"][3].update(rate=0.6, in_evaluation=True)
        self.train("noisy", config=self.config(config))
        result = json.loads(run("evaluate", self.folder / "noisy", "--json").stdout)
        self.assertEqual(sum(result["confusion"][i][i] for i in range(3)) / 200, result["accuracy"])
        self.assertEqual(result["accuracy"], summary(self.folder / "noisy")["last"]["val_accuracy"])

    def test_training_again_begins_with_the_same_files(self):
        (self.folder / "tr.csv").write_text("0,red cat\n1,blue dog\n2,green bird\n" * 8)
        (self.folder / "te.csv").write_text("0,red cat\n1,blue dog\n2,bird\n")
        config = dict(TEXT, data={"type": "text_csv", "train_file": "tr.csv", "test_file": "te.csv", "classes": 3, "unit": "word",
                                  "max_length": 6, "validation_fraction": 0.25})
        config["model"] = {"layers": [*TEXT["model"]["layers"][:2], {"name": "F", "type": "dense", "units": 3}]}
        self.train("text", "--data-dir", self.folder, config=self.config(config))
        self.assertIn("same again", run("verify", self.folder / "text", "--rerun").stdout)
        with open(self.folder / "te.csv", "a") as file:
            file.write("1,red cat\n")
        error = run("verify", self.folder / "text", "--rerun", code=3).stderr
        self.assertIn("te.csv: not the file the run was made with", error)
        self.assertNotIn("training again", error)

    def test_training_again_says_why_it_may_differ(self):
        config = self.config(tiny(training__kernels="reference", training__epochs=12))
        self.train("mixed", "--stop-after", "6", config=config, code=138, env=environment(ATEN_CPU_CAPABILITY="default"))
        self.train("mixed", config=config)
        error = run("verify", self.folder / "mixed", "--rerun", code=3).stderr
        self.assertIn("last.nnr: training again gives other weights (its threads, device or versions changed on the way)", error)

    def test_a_test_result_that_training_again_does_not_give(self):
        self.train("held", config=self.config(tiny(data__validation_fraction=0.2)))
        self.assertIn("same again", run("verify", self.folder / "held", "--rerun").stdout)
        path = self.folder / "held/summary.json"
        changed = re.sub(r'("test": \{[^}]*"accuracy": )[0-9.]+', r"\g<1>0.125", path.read_text())
        seal = re.search(r'"sha256": "([0-9a-f]{64})"\s*\}\s*$', changed)
        blank = changed[:seal.start(1)] + 64 * "0" + changed[seal.end(1):]
        path.write_text(blank.replace(64 * "0", hashlib.sha256(blank.encode()).hexdigest()))
        self.assertIn("summary.json: training again gives another test result",
                      run("verify", self.folder / "held", "--rerun", code=3).stderr)

    def test_lines_and_csv_files_of_texts(self):
        self.train("text", config=self.config(dict(TEXT, data=dict(TEXT["data"], test=4))))
        guesses = lambda name: [line.split("  ")[1:] for line in
                                run("predict", self.folder / "text", "--input", self.folder / name).stdout.splitlines()]
        (self.folder / "lines.txt").write_text("a b\nc\n")
        (self.folder / "marked.txt").write_bytes(b"\xef\xbb\xbfa b\r\nc\r\n")
        (self.folder / "small.csv").write_text('0,"a b"\n1,c\n')
        (self.folder / "LARGE.CSV").write_text('0,"a b"\n1,c\n')
        self.assertEqual(len(guesses("lines.txt")), 2)
        for name in ("marked.txt", "small.csv", "LARGE.CSV"):
            self.assertEqual(guesses(name), guesses("lines.txt"), name)

    def test_every_run_of_a_study_is_trained_again(self):
        self.train("study", config=self.config(tiny(repeats=2, training__kernels="reference")), env=environment(ATEN_CPU_CAPABILITY="default"))
        error = run("verify", self.folder / "study", "--rerun", code=3).stderr
        for seed in (5, 6):
            self.assertIn(f"study/seed-{seed}/last.nnr: training again gives other weights", error)

    def test_a_text_run_needs_its_vocabulary(self):
        self.train("text", config=self.config(TEXT))
        (self.folder / "text/vocabulary.json").unlink()
        self.assertIn("vocabulary.json: is missing", run("verify", self.folder / "text", code=3).stderr)

    def test_a_vocabulary_of_another_run(self):
        config = self.config(dict(TEXT, data={"type": "text_csv", "train_file": "t.csv", "test_file": "t.csv", "classes": 2,
                                              "unit": "word", "max_length": 4}))
        for name, lines in (("a", "0,red\n1,blue\n"), ("b", "0,cat\n1,dog\n"), ("longer", "0,cat\n1,dog and cow\n")):
            (self.folder / f"data-{name}").mkdir()
            (self.folder / f"data-{name}/t.csv").write_text(lines)
            self.train(name, "--data-dir", self.folder / f"data-{name}", config=config)
        run("predict", self.folder / "a", "--text", "red")
        own = self.folder / "a/vocabulary.json"
        for other in ("b", "longer"):
            shutil.copy(self.folder / other / "vocabulary.json", own)
            for arguments in (["verify"], ["evaluate"], ["features"], ["predict", "--text", "red"]):
                error = run(arguments[0], self.folder / "a", *arguments[1:], code=3).stderr
                self.assertEqual(error, f"nnrun: error: {own}: does not match its hash in manifest.json\n")
            for longer in ([], ["--set", "training.epochs=3"]):  # a finished run, and one that goes on
                error = self.train("a", "--data-dir", self.folder / "data-a", *longer, config=config, code=3).stderr
                self.assertEqual(error, f"nnrun: error: {own}: does not match its hash in manifest.json\n")

    def test_a_run_whose_manifest_does_not_know_its_vocabulary(self):
        self.train("text", config=self.config(TEXT))
        reseal(self.folder / "text/manifest.json", without="vocabulary_sha256")
        run("verify", self.folder / "text")
        run("predict", self.folder / "text", "--text", "one")
        self.train("text", "--set", "training.epochs=3", config=self.config(TEXT))
        self.assertIn("vocabulary_sha256", json.loads((self.folder / "text/manifest.json").read_text()))

    def test_evaluate_best(self):
        best = json.loads(run("evaluate", self.path, "--weights", "best", "--json").stdout)
        self.assertAlmostEqual(best["loss"], summary(self.path)["best"]["val_loss"], places=6)

    def test_checkpoints_of_other_runs(self):
        self.train("other", "--seed", "6")
        for weights, (command, *options), message in (
                ("last", ["evaluate"], "last.nnr: belongs to another config than config.json beside it"),
                ("last", ["features"], "last.nnr: belongs to another config than config.json beside it"),
                ("last", ["verify"], "metrics.csv: does not match the rows in last.nnr"),
                ("best", ["evaluate", "--weights", "best"], "best.nnr: is not of the run's best epoch"),
                ("best", ["verify"], "best.nnr: is not of the run's best epoch")):
            with self.subTest(weights=weights, command=command):
                copy = self.folder / f"{command}-{weights}"
                shutil.copytree(self.path, copy)
                shutil.copy(self.folder / "other" / f"{weights}.nnr", copy)
                self.assertIn(message, run(command, copy, *options, code=3).stderr)

    def test_a_checkpoint_from_other_data_of_the_same_config(self):
        config = self.config(dict(tiny(), data={"type": "text_csv", "train_file": "t.csv", "test_file": "t.csv", "classes": 3,
                                                "max_length": 8}, model=dict(TEXT["model"], layers=[
                                                    *TEXT["model"]["layers"][:2], {"name": "F", "type": "dense", "units": 3}])))
        for name, lines in (("a", "0,red\n1,blue\n2,green\n"), ("b", "0,red\n1,green\n2,blue\n")):
            (self.folder / f"data-{name}").mkdir()
            (self.folder / f"data-{name}/t.csv").write_text(lines)
            self.train(name, "--data-dir", self.folder / f"data-{name}", config=config)
        shutil.copy(self.folder / "b/last.nnr", self.folder / "a")
        self.assertIn("last.nnr: belongs to other data than manifest.json beside it",
                      run("evaluate", self.folder / "a", code=3).stderr)

    def test_a_run_killed_as_its_extension_began_can_be_used(self):
        self.train("run", "--set", "training.epochs=5", code=5, env=disk(NO_RENAME="config.json"))
        before = run("evaluate", self.path).stdout
        self.train("run", "--set", "training.epochs=6", code=5, env=disk(NO_RENAME="config.json"))
        self.assertEqual(run("evaluate", self.path).stdout, before)
        self.train("run", "--set", "training.epochs=6")
        run("verify", self.path)

    def test_results_of_another_config_are_never_taken_for_the_runs(self):
        for config in (tiny(optimizer__learning_rate=0.02), tiny(model__layers=[
                {"name": "f", "type": "flatten"}, {"name": "F1", "type": "dense", "units": 3}])):
            self.train("others", "--overwrite", config=config)
            self.train("mixed", "--overwrite")
            for name in ("metrics.csv", "summary.json", "last.nnr", "best.nnr"):
                shutil.copy(self.folder / "others" / name, self.folder / "mixed")
            self.assertIn("last.nnr: belongs to another config than config.json beside it",
                          run("evaluate", self.folder / "mixed", code=3).stderr)

    def train_large(self, weight, code=0):
        """A run of one dense layer whose second class begins with 48 weights of this size."""
        weights = [array.array("f", values).tobytes() for values in ([0, 0, 0], [*48 * [0], *48 * [weight], *48 * [0]])]
        header = json.dumps({"F.bias": {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]},
                             "F.weight": {"dtype": "F32", "shape": [3, 48], "data_offsets": [12, 588]}}).encode()
        (self.folder / "large.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + b"".join(weights))
        config = tiny(data__shape=[3, 4, 4], model={"init_from": str(self.folder / "large.safetensors"), "layers": [
            {"name": "f", "type": "flatten"}, {"name": "F", "type": "dense", "units": 3}]})
        self.train("large", config=self.config(config), code=code)

    def test_losses_of_any_size_are_shown(self):
        self.train_large(1e34)
        loss = json.loads(run("evaluate", self.folder / "large", "--json").stdout)["loss"]
        self.assertGreater(loss, 1e31)
        self.assertIn(f", loss {loss:.4f}\n", run("evaluate", self.folder / "large").stdout)
        self.assertIn(f" {loss:.4g} ", run("table", self.folder / "large", "--metric", "val_loss").stdout)

    def test_weights_without_probabilities(self):
        self.train_large(3e38, code=4)
        result = json.loads(run("evaluate", self.folder / "large", "--json").stdout)
        confusion = result["confusion"]
        self.assertEqual([sum(column) for column in zip(*confusion)], [0, 30, 0])  # the infinite logit is the largest
        self.assertEqual(result["accuracy"], confusion[1][1] / 30)
        if json.loads(run("doctor", "--json").stdout)["PNG and JPEG"] == "yes":
            (self.folder / "x.png").write_bytes(png_of(4, 4, (200, 200, 200)))
            guesses = run("predict", self.folder / "large", "--image", self.folder / "x.png").stdout
            self.assertTrue(guesses.endswith("x.png  1 nan  0 nan  2 nan\n"), guesses)

    def test_evaluate_as_text(self):
        text = run("evaluate", self.path).stdout
        self.assertIn("precision", text)
        self.assertIn("true \\ predicted", text)

    def test_features(self):
        printed = run("features", self.path, "--images", "0,2", "--layers", "C1,S1").stdout.splitlines()
        names = sorted(Path(line).name for line in printed)
        self.assertEqual(names, ["C1-0.png", "C1-2.png", "S1-0.png", "S1-2.png", "input-0.png", "input-2.png"])
        for line in printed:
            self.assertEqual(Path(line).read_bytes()[:8], PNG)
        run("verify", self.path)
        elsewhere = run("features", self.path, "--out", self.folder / "maps").stdout.splitlines()
        self.assertTrue(all(Path(line).parent == self.folder / "maps" for line in elsewhere))

    def test_features_as_json(self):
        printed = run("features", self.path, "--images", "0", "--layers", "C1", "--json").stdout
        self.assertEqual([Path(name).name for name in json.loads(printed)], ["C1-0.png", "input-0.png"])

    def test_features_of_unknown_layers_and_images(self):
        self.assertIn('did you mean "C1"', run("features", self.path, "--layers", "C2", code=2).stderr)
        self.assertIn("--images 30: no such example", run("features", self.path, "--images", "0,30", code=2).stderr)
        run("features", self.path, "--images", "first", code=2)
        self.assertIn("--images a.bin#0: records exist in cifar10 files only",
                      run("features", self.path, "--images", "a.bin#0", code=2).stderr)

    def test_predict_a_picture(self):
        if json.loads(run("doctor", "--json").stdout)["PNG and JPEG"] != "yes":
            self.skipTest("built without OpenCV")
        picture = run("features", self.path, "--images", "0").stdout.splitlines()
        picture = [line for line in picture if "input-0" in line][0]
        guesses = json.loads(run("predict", self.path, "--image", picture, picture, "--json", "--top", "2").stdout)
        self.assertEqual([len(guess["classes"]) for guess in guesses], [2, 2])
        everything = json.loads(run("predict", self.path, "--image", picture, "--json").stdout)
        self.assertAlmostEqual(sum(guess["probability"] for guess in everything[0]["classes"]), 1, places=5)
        self.assertIn("takes images", run("predict", self.path, "--text", "a", code=2).stderr)
        run("predict", self.path, code=2)
        run("predict", self.path, "--image", "nowhere.png", code=5)

    def test_a_missing_config_is_damage(self):
        (self.folder / "run/config.json").unlink()
        self.assertIn("run/config.json: no such file", run("evaluate", self.folder / "run", code=3).stderr)

    def test_a_config_that_is_not_the_runs_any_more_is_damage(self):
        config = self.folder / "run/config.json"
        written = config.read_text()
        config.write_text(written.replace('"learning_rate": 0.01', '"learning_rate": 0.02'))
        self.assertNotEqual(config.read_text(), written)
        for arguments in (("evaluate", self.path), ("predict", self.path, "--image", "x.bin"), ("features", self.path),
                          ("table", self.path), ("report", self.path, "--out", self.folder / "r.html"),
                          ("compare", self.path, self.path), ("verify", self.path), ("verify", self.path, "--rerun")):
            error = run(*arguments, code=3).stderr
            self.assertRegex(error, r"^nnrun: error: \S*/run/config\.json: does not match its hash in manifest\.json\n$")

    def test_a_config_ahead_of_the_manifest_is_none(self):
        # killed between the two writes that begin an extension: last.nnr knows the new config already
        manifest = (self.path / "manifest.json").read_bytes()
        self.train("run", "--set", "training.epochs=5")
        (self.path / "manifest.json").write_bytes(manifest)
        self.assertIn("intact", run("verify", self.path).stdout)
        run("evaluate", self.path)
        run("table", self.path)

    def test_faults_of_small_files_are_told_without_a_librarys_words(self):
        self.assertIn("r.html: 1 run, ", run("report", self.path, "--out", self.folder / "r.html").stdout)
        manifest = self.path / "manifest.json"
        manifest.write_bytes(manifest.read_bytes()[:300])
        error = run("evaluate", self.path, code=3).stderr
        self.assertTrue(error.startswith(f"nnrun: error: {manifest}: is damaged: parse error at line "), error)

    def test_predict_refuses_records_of_another_shape(self):
        (self.folder / "x.bin").write_bytes(bytes(3073))
        for image in ("x.bin", "x.bin#0"):
            error = run("predict", self.folder / "run", "--image", self.folder / image, code=2).stderr
            self.assertIn("the model takes images of 3x8x8 (got the records of ", error)

    def test_verify(self):
        self.assertIn("intact", run("verify", self.path).stdout)
        self.assertIn("same again", run("verify", self.path, "--rerun").stdout)
        self.assertEqual(json.loads(run("verify", self.path, "--json").stdout),
                         [{"run": str(self.path), "same_again": None}])
        self.assertEqual(run("verify", self.path, "--quiet").stdout, "")
        odd = self.folder / "\x1b[31mred"
        shutil.copytree(self.path, odd)
        self.assertEqual(run("verify", odd).stdout, f"{self.folder}/\\x1b[31mred: intact\n")
        metrics = self.path / "metrics.csv"
        metrics.write_text(metrics.read_text().replace("0.", "1.", 1))
        self.assertIn("metrics.csv", run("verify", self.path, code=3).stderr)


class FeatureMapsOfTheConfig(CliTest):
    def test_are_drawn_at_the_end(self):
        self.train(config=tiny(feature_maps={"layers": ["C1"], "images": [1]}))
        self.assertEqual(tree(self.folder / "run/features"), ["C1-1.png", "hashes.json", "input-1.png"])


    def test_layers_inside_residual_layers(self):
        config = tiny(feature_maps={"layers": ["inner", "R"], "images": [1]})
        config["model"]["layers"].insert(1, {"name": "R", "type": "residual", "layers": [
            {"name": "inner", "type": "conv2d", "filters": 4, "kernel": 3, "padding": "same"}]})
        self.train(config=config)
        run("features", self.folder / "run", "--images", "2")
        self.assertEqual(tree(self.folder / "run/features"), ["R-1.png", "R-2.png", "hashes.json", "inner-1.png", "inner-2.png",
                                                              "input-1.png", "input-2.png"])

    def test_a_layer_called_like_the_pictures_of_the_images(self):
        config = tiny()
        config["model"]["layers"][0]["name"] = "input"
        self.train(config=config)
        error = run("features", self.folder / "run", "--layers", "S1,input", code=2).stderr
        self.assertIn("--layers input: its maps would be called like the pictures of the images", error)
        run("features", self.folder / "run", "--images", "3")
        names = tree(self.folder / "run/features")
        self.assertTrue({"S1-3.png", "input-3.png"} < set(names), names)

    def test_records_of_files_of_the_same_name(self):
        for folder in ("a", "b"):
            (self.folder / folder).mkdir()
            (self.folder / folder / "x.bin").write_bytes((bytes([3]) + os.urandom(3072)) * 10)
        config = tiny(data={"type": "cifar10", "path": ".", "train_files": ["a/x.bin"], "test_files": ["b/x.bin"]},
                      feature_maps={"layers": ["C1"], "images": ["a/x.bin#1", "b/x.bin#1"]})
        config["model"]["layers"][-1]["units"] = 10
        self.train("run", "--data-dir", self.folder, config=config)
        self.assertEqual(tree(self.folder / "run/features"), ["C1-a_x.bin-1.png", "C1-b_x.bin-1.png", "hashes.json",
                                                              "input-a_x.bin-1.png", "input-b_x.bin-1.png"])


    def test_a_file_of_pictures_alone_is_an_input_of_the_run(self):
        records = [bytes([i]) + bytes([20 * i]) * 3072 for i in range(10)]
        for name in ("a.bin", "b.bin", "extra.bin"):
            (self.folder / name).write_bytes(b"".join(records))
        config = tiny(data={"type": "cifar10", "path": ".", "train_files": ["a.bin"], "test_files": ["b.bin"]},
                      feature_maps={"layers": ["C1"], "images": ["extra.bin#3", "a.bin#0", "extra.bin#4", 0]})
        config["model"]["layers"][-1]["units"] = 10
        path = self.config(config)
        self.train("run", "--data-dir", self.folder, config=path)
        files = json.loads((self.folder / "run/manifest.json").read_text())["files"]
        self.assertEqual([file["path"] for file in files], ["./a.bin", "./b.bin", "./extra.bin"])
        self.assertEqual(run("features", self.folder / "run").stderr, "")
        (self.folder / "new.bin").write_bytes(records[0])  # that the run has never seen
        self.assertEqual(run("features", self.folder / "run", "--images", "new.bin#0").stderr, "")
        for name in ("a.bin", "extra.bin"):
            before = (self.folder / name).read_bytes()
            (self.folder / name).write_bytes(b"".join(records[::-1]))
            change = f"{name}: not the file the run was made with (got SHA-256 "
            warnings = run("features", self.folder / "run").stderr.splitlines()
            self.assertEqual(len(warnings), 1, warnings)
            self.assertTrue(warnings[0].startswith(f"nnrun: warning: {self.folder}/{change}"), warnings)
            for refused in (("verify", self.folder / "run", "--rerun"),
                            ("--config", path, "--data-dir", self.folder, "--out", self.folder / "run")):
                self.assertIn(change, run(*refused, code=3).stderr)
            (self.folder / name).write_bytes(before)
        run("verify", self.folder / "run", "--rerun")


class ValidationData(CliTest):
    def test_the_test_split_is_evaluated_at_the_end(self):
        self.train(config=tiny(data__validation_fraction=0.2))
        end = summary(self.folder / "run")
        result = json.loads(run("evaluate", self.folder / "run", "--json").stdout)
        self.assertEqual(end["test"]["accuracy"], result["accuracy"])
        self.assertAlmostEqual(end["test"]["loss"], result["loss"], places=6)


class OtherData(CliTest):
    """A run is used on data that have changed since it was trained."""

    def evaluate(self, *arguments, name="run", **options):
        done = run("evaluate", self.folder / name, "--json", *arguments, **options)
        return json.loads(done.stdout), done.stderr

    def texts(self, lines, folder, name):
        (self.folder / folder).mkdir(exist_ok=True)
        (self.folder / folder / name).write_text("".join(line + "\n" for line in lines))

    def test_texts_are_read_with_the_vocabulary_of_the_run(self):
        train = [f"{i % 3},w{(i % 3) * 5 + i % 5} w{(i % 3) * 5 + i % 4}" for i in range(60)]
        self.texts(train, "then", "tr.csv")
        self.texts(train[:9], "then", "te.csv")
        config = {"name": "words", "data": {"type": "text_csv", "train_file": "tr.csv", "test_file": "te.csv", "classes": 3,
                                            "unit": "word", "max_length": 4},
                  "model": {"layers": [{"name": "E", "type": "embedding", "units": 6}, {"name": "P", "type": "global_avg_pool"},
                                       {"name": "F", "type": "dense", "units": 3}]},
                  "optimizer": {"type": "adam", "learning_rate": 0.05}, "training": {"epochs": 8, "batch_size": 8}}
        self.train("run", "--data-dir", self.folder / "then", config=config)
        then, warnings = self.evaluate("--split", "train")
        self.assertEqual((then["accuracy"], warnings), (1, ""))
        # the same texts in another order: built anew, the vocabulary would number the words otherwise
        self.texts(train[::-1], "now", "tr.csv")
        now, warnings = self.evaluate("--split", "train", "--data-dir", self.folder / "now")  # without the test file
        self.assertEqual(now["confusion"], then["confusion"])
        self.assertAlmostEqual(now["loss"], then["loss"], places=6)
        self.assertIn("tr.csv: not the file the run was made with", warnings)
        self.texts(train + ["0,words that nobody knows"], "now", "tr.csv")
        more, _ = self.evaluate("--split", "train", "--data-dir", self.folder / "now")
        self.assertEqual(more["examples"], 61)
        self.texts(train[:9], "now", "te.csv")
        run("features", self.folder / "run", "--data-dir", self.folder / "now", "--layers", "E")
        pictures = lambda: tree(self.folder / "run/features")
        self.assertEqual(pictures(), ["E-0.png", "E-1.png", "hashes.json"])

    def pictures(self, **classes):
        for name, (color, count) in classes.items():
            split, _, kind = name.partition("_")
            (self.folder / split / kind).mkdir(parents=True, exist_ok=True)
            for i in range(count):
                (self.folder / split / kind / f"{i}.png").write_bytes(png_of(8, 8, [max(0, part - i) for part in color]))

    def test_folders_of_pictures_are_numbered_by_the_names_of_the_run(self):
        if json.loads(run("doctor", "--json").stdout)["PNG and JPEG"] != "yes":
            self.skipTest("built without OpenCV")
        red, green, blue = (255, 9, 9), (9, 255, 9), (9, 9, 255)
        self.pictures(train_ant=(red, 9), train_bee=(green, 9), train_cat=(blue, 9),
                      test_ant=(red, 4), test_bee=(green, 4), test_cat=(blue, 4))
        config = {"name": "colors", "data": {"type": "image_folder", "train_dir": "train", "test_dir": "test", "size": [8, 8]},
                  "model": {"layers": [{"name": "f", "type": "flatten"}, {"name": "F", "type": "dense", "units": 3}]},
                  "optimizer": {"type": "adam", "learning_rate": 0.01}, "training": {"epochs": 8, "batch_size": 4}}
        self.train("run", "--data-dir", self.folder, config=config)
        then, warnings = self.evaluate()
        self.assertEqual((then["confusion"], warnings), ([[4, 0, 0], [0, 4, 0], [0, 0, 4]], ""))
        for split in ("train", "test"):
            shutil.rmtree(self.folder / split / "ant")
        now, warnings = self.evaluate()
        self.assertEqual(now["confusion"], [[0, 0, 0], [0, 4, 0], [0, 0, 4]])
        self.assertEqual([scores["class"] for scores in now["classes"]], ["ant", "bee", "cat"])
        self.assertEqual(warnings, f"nnrun: warning: {self.folder}/test: lacks 4 pictures that the run was made with\n")
        self.assertEqual(self.evaluate("--split", "train")[0]["confusion"], [[0, 0, 0], [0, 9, 0], [0, 0, 9]])
        shutil.rmtree(self.folder / "train")  # the test split's folder is enough
        self.assertEqual(self.evaluate()[0]["confusion"], now["confusion"])
        self.pictures(test_aardvark=(red, 1))
        self.assertEqual(run("evaluate", self.folder / "run", code=2).stderr,
                         f'nnrun: error: {self.folder}/test/aardvark: the run has no class of this name (got "aardvark")\n')


class Text(CliTest):
    def test_predict_needs_no_data(self):
        self.train(config=TEXT)
        self.assertTrue((self.folder / "run/vocabulary.json").exists())
        done = run("predict", self.folder / "run", "--text", "one two", "three", "--json")
        self.assertEqual([guess["input"] for guess in json.loads(done.stdout)], ["one two", "three"])
        lines = self.folder / "lines.txt"
        lines.write_text("first\r\nsecond\n")
        self.assertEqual(len(run("predict", self.folder / "run", "--input", lines).stdout.splitlines()), 2)
        two = run("predict", self.folder / "run", "--text", 'a\nb "c"').stdout
        self.assertTrue(two.startswith('a\\nb "c"  ') and two.count("\n") == 1, two)
        lines.write_bytes(b"good\nb\xffd\n")
        self.assertIn("lines.txt:2:2: no valid UTF-8", run("predict", self.folder / "run", "--input", lines, code=2).stderr)
        lines.write_bytes(b"a\0b\n")
        self.assertIn("lines.txt:1:2: a NUL byte (expected text)", run("predict", self.folder / "run", "--input", lines, code=2).stderr)
        done = subprocess.run(command("predict", self.folder / "run", "--text") + [b"\xff"], capture_output=True)
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        table = self.folder / "table.csv"
        table.write_text('0,"one, two"\n1,three\n')
        done = run("predict", self.folder / "run", "--input", table, "--json")
        self.assertEqual([guess["input"] for guess in json.loads(done.stdout)], ["one, two", "three"])
        for empty in (lines, table):
            empty.write_text("")
            self.assertEqual(run("predict", self.folder / "run", "--input", empty, code=2).stderr,
                             f"nnrun: error: {empty}: the file holds no text\n")

    def test_predict_asks_what_a_bare_argument_is(self):
        self.train(config=TEXT)
        file = self.folder / "lines.txt"
        file.write_text("one\n")
        long = "one " * 100
        self.assertEqual(run("predict", self.folder / "run", file, "two", long, code=2).stderr,
                         f'nnrun: error: {file}: is a file, and the model takes texts; did you mean "--input {file}"?\n'
                         'nnrun: error: two: a text needs an option; did you mean "--text two"?\n'
                         f'nnrun: error: {long}: a text needs an option; did you mean "--text {long}"?\n')
        done = run("predict", self.folder / "run", "--text", "one", file, "--json")
        self.assertEqual([guess["input"] for guess in json.loads(done.stdout)], ["one", str(file)])

    def test_nothing_to_predict_is_told_before_the_run_is_opened(self):
        self.assertIn("nothing to predict (expected --image", run("predict", self.folder / "nowhere", code=2).stderr)


class WithoutTrainingFiles(CliTest):
    """A run is evaluated on its test files; the training files may be gone."""

    def check(self, config, training_file):
        self.train("run", "--data-dir", self.folder, config=config)
        (self.folder / training_file).unlink()
        result = json.loads(run("evaluate", self.folder / "run", "--json").stdout)
        last = summary(self.folder / "run")["last"]
        self.assertEqual(result["accuracy"], last["val_accuracy"])
        self.assertAlmostEqual(result["loss"], last["val_loss"], places=6)
        run("evaluate", self.folder / "run", "--split", "train", code=5)

    def check_changed(self, file, *others):
        """Numbers of other data than the run's own come with a warning that names the file."""
        self.assertEqual(run("evaluate", self.folder / "run").stderr, "")
        file.write_bytes(file.read_bytes() * 2)
        warning = f"nnrun: warning: {file}: not the file the run was made with (got SHA-256 "
        self.assertTrue(run("evaluate", self.folder / "run", "--quiet").stderr.startswith(warning))
        for arguments in others:
            self.assertEqual(run(*arguments).stderr, "")

    def test_text(self):
        text = "0,one two\n1,three four\n1,five\n0,one five three\n"
        (self.folder / "train.csv").write_text(text)
        (self.folder / "test.csv").write_text(text + "0,never seen\n1,one\n")
        config = {**TEXT, "data": {"type": "text_csv", "train_file": "train.csv", "test_file": "test.csv", "classes": 2,
                                   "unit": "word", "max_length": 5, "limit": {"test": 5}, "validation_fraction": None}}
        self.check(config, "train.csv")
        self.check_changed(self.folder / "test.csv", ("predict", self.folder / "run", "--text", "one"))
        (self.folder / "run/vocabulary.json").unlink()
        self.assertIn("vocabulary.json: is missing", run("predict", self.folder / "run", "--text", "one", code=3).stderr)

    def test_images(self):
        record = lambda i: bytes([i % 10]) + bytes((i * 7 + k) % 256 for k in range(3072))
        (self.folder / "a.bin").write_bytes(b"".join(map(record, range(20))))
        (self.folder / "b.bin").write_bytes(b"".join(map(record, range(100, 140))))
        config = tiny(data={"type": "cifar10", "path": ".", "train_files": ["a.bin"], "test_files": ["b.bin"],
                            "train_per_class": 2, "test_per_class": 3, "limit": {"test": 27}, "pixel_order": "interleaved",
                            "normalize": {"mean": [0.1, 0.2, 0.3], "std": [1, 2, 3]}})
        config["model"]["layers"][-1]["units"] = 10
        self.check(config, "a.bin")
        self.check_changed(self.folder / "b.bin")
        (self.folder / "a.bin").write_bytes((self.folder / "b.bin").read_bytes())
        for name, arguments in (("a.bin", ["evaluate", "--split", "train"]), ("b.bin", ["features"])):  # what is read
            warnings = run(arguments[0], self.folder / "run", *arguments[1:]).stderr
            self.assertEqual([line.split(": ")[2] for line in warnings.splitlines()], [str(self.folder / name)])


class ManyFiles(CliTest):
    def test_a_line_for_each_folder_of_pictures(self):
        if json.loads(run("doctor", "--json").stdout)["PNG and JPEG"] != "yes":
            self.skipTest("built without OpenCV")
        for part in ("train/a", "train/b\n\x1b[1m", "test/a", "test/b\n\x1b[1m"):
            (self.folder / part).mkdir(parents=True)
            for number in range(6):
                (self.folder / part / f"{number}.png").write_bytes(RED_8X8)
        config = self.config(tiny(data={"type": "image_folder", "size": 8}))
        for command_name in ("data", "describe"):
            text = run(command_name, "--config", config, "--data-dir", self.folder).stdout
            self.assertIn(f"  train/b\\n\\x1b[1m/: 6 files, {6 * len(RED_8X8):,} bytes\n", text)
            self.assertNotIn(".png", text)
        self.train("run", "--data-dir", self.folder, config=config)
        pictures = (self.folder / "train/a/0.png", self.folder / "train/a/1.png")
        self.assertEqual(len(run("predict", self.folder / "run", "--image", *pictures).stdout.splitlines()), 2)
        self.assertEqual(len(json.loads(run("data", "--config", config, "--data-dir", self.folder, "--json").stdout)["files"]), 24)


class NamesThatAreNoUtf8(CliTest):
    """A file system takes any bytes; JSON does not."""

    def test_folders_and_files(self):
        if json.loads(run("doctor", "--json").stdout)["PNG and JPEG"] != "yes":
            self.skipTest("built without OpenCV")
        data = Path(os.fsdecode(os.fsencode(self.folder) + b"/d\xff"))
        for part in (b"train/a", b"train/b\xfe", b"test/a", b"test/b\xfe"):
            folder = Path(os.fsdecode(os.fsencode(data) + b"/" + part))
            folder.mkdir(parents=True)
            Path(os.fsdecode(os.fsencode(folder) + b"/\xfd.png")).write_bytes(RED_8X8)
        config = tiny(data={"type": "image_folder", "train_dir": "train", "test_dir": "test", "size": 8})
        out = Path(os.fsdecode(os.fsencode(self.folder) + b"/run\xff"))
        config = self.config(config)
        run("--config", config, "--data-dir", data, "--out", out, "--device", "cpu", text=False)
        for arguments in (["evaluate", out], ["features", out], ["verify", out], ["verify", out, "--rerun"], ["table", out],
                          ["compare", out, out], ["data", "--config", config, "--data-dir", data],
                          ["describe", "--config", config, "--data-dir", data], ["doctor", "--data-dir", data]):
            done = run(*arguments, "--json", text=False)
            json.loads(done.stdout)
            self.assertEqual(done.stderr, b"", arguments)
        for arguments in (["evaluate", out], ["data", "--config", config, "--data-dir", data]):
            self.assertIn("b\\xfe", run(*arguments, text=False).stdout.decode())
        run("--config", config, "--data-dir", data, "--out", out, "--set", "training.epochs=6", text=False)

    def test_initial_weights(self):
        folder = Path(os.fsdecode(os.fsencode(self.folder) + b"/x\xff"))
        folder.mkdir()
        done = run("--config", self.config(), "--set", "model.init_from=a.nnr", cwd=folder, text=False, code=2)
        self.assertIn(b"--set model.init_from=a.nnr: /model/init_from: the name of the file's folder is no UTF-8", done.stderr)


class Bench(CliTest):
    def test_phases(self):
        result = json.loads(run("bench", "--config", self.config(), "--steps", "5", "--json", "--device", "cpu").stdout)
        self.assertEqual(result["steps"], 5)
        steps = {"input", "forward", "loss", "backward", "optimizer"}
        self.assertEqual(set(result["phases"]), steps)
        self.assertEqual(set(result["epoch_phases"]), steps | {"evaluation", "checkpoint"})
        self.assertAlmostEqual(sum(result["phases"].values()), result["step_seconds"])
        self.assertEqual(result["steps_per_epoch"], 6)
        self.assertAlmostEqual(result["epoch_seconds"], 6 * result["step_seconds"] + result["epoch_phases"]["evaluation"])
        for key in ("step_seconds", "step_cpu_seconds", "first_step_seconds", "peak_memory_mib"):
            self.assertGreater(result[key], 0)
        self.assertLess(result["step_seconds"], result["first_step_seconds"])

    def test_losses_are_of_the_same_batch(self):
        options = ["--config", self.config(), "--steps", "20", "--device", "cpu", "--set", "optimizer.learning_rate=0.1"]
        result = json.loads(run("bench", *options, "--json").stdout)
        self.assertAlmostEqual(result["first_loss"], math.log(3), delta=0.4)
        self.assertLess(result["last_loss"], result["first_loss"])
        self.assertIn(f"{result['first_loss']:.4f} before", run("bench", *options).stdout)

    def test_so_many_steps_as_asked_for(self):
        result = json.loads(run("bench", "--config", self.config(), "--steps", "20", "--json", "--device", "cpu").stdout)
        self.assertEqual((result["steps"], result["steps_per_epoch"]), (20, 6))

    def test_steps_of_a_model_that_diverges(self):
        text = run("bench", "--config", self.config(diverging()), "--steps", "5", "--device", "cpu").stdout
        self.assertIn("\n5 steps timed on cpu", text)
        self.assertIn("before, nan after", text)

    def test_a_sweep_is_timed_by_its_first_trial(self):
        config = tiny(sweep={"parameters": {"model.layers.C1.filters": {"values": [2, 4]}}})
        done = run("bench", "--config", self.config(config), "--steps", "2", "--device", "cpu")
        self.assertEqual(done.stderr, "the sweep has 2 trials; timed is trial-0000/seed-5\n")

    def test_nothing_is_written(self):
        config = self.config()
        before = sorted(self.folder.rglob("*"))
        run("bench", "--config", config, "--steps", "2", "--device", "cpu", cwd=self.folder)
        self.assertEqual(sorted(self.folder.rglob("*")), before)


class Doctor(CliTest):
    def test_blas_is_that_of_libtorch(self):
        found = json.loads(run("doctor", "--json").stdout)
        self.assertIn("libtorch_cpu", found["BLAS"])
        self.assertRegex(found["LibTorch version"], r"^\d+\.\d+")
        self.assertTrue((Path(found["LibTorch"]) / "lib/libtorch_cpu.so").exists())
        self.assertIn(found["CPU capability"], ("DEFAULT", "AVX2", "AVX512"))
        self.assertRegex(found["threads"], r"^\d+ for a run, 1 for each of several trials$")
        self.assertTrue(any(key.startswith("cuda:") for key in found) or found["CUDA"].startswith("none: "))

    def test_data_sets(self):
        (self.folder / "text").mkdir()
        (self.folder / "text/train_medium.csv").write_text("")
        found = json.loads(run("doctor", "--data-dir", self.folder, "--json").stdout)
        self.assertEqual(found["text"], "test_medium.csv not found (scripts/fetch_data.sh)")
        self.assertEqual(found["cifar-10-batches-bin"], "not found (scripts/fetch_data.sh)")

    def without_torch(self, *arguments):
        """Runs nnrun where the folder of LibTorch is hidden behind an empty one and there is no python3."""
        torch = json.loads(run("doctor", "--json").stdout)["LibTorch"]
        hide = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs none "$0" && exec "$@"', torch]
        if subprocess.run([*hide, "true"], capture_output=True).returncode != 0:
            self.skipTest("no mount namespaces here")
        return subprocess.run([*hide, "env", "PATH=/nowhere", "NNRUN_TORCH_ROOT=/not/there", *command(*arguments)],
                              capture_output=True, text=True)

    def test_a_missing_libtorch_is_a_finding(self):
        done = self.without_torch("doctor")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"LibTorch +not found \(`scripts/nnrun` fetches it\); looked in /not/there, ")
        self.assertRegex(done.stdout, r"NNRUN_TORCH_ROOT +/not/there: no lib/libtorch_cpu.so there")
        self.assertIn("tiny-cifar10", done.stdout)
        training = self.without_torch("--config", self.config(), "--out", self.folder / "run")
        self.assertEqual(training.returncode, 5)
        self.assertIn("LibTorch not found", training.stderr)
        self.assertFalse((self.folder / "run").exists())

    def test_a_wrong_torch_root_is_said(self):
        done = run("doctor", env=environment(NNRUN_TORCH_ROOT="/not/there"))
        self.assertIn("nnrun: warning: NNRUN_TORCH_ROOT=/not/there: no lib/libtorch_cpu.so there; using /", done.stderr)


if __name__ == "__main__":
    main()
