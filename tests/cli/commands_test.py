"""The commands that look at experiments, data and finished runs."""
import csv
import json
import math
import os
import subprocess
from pathlib import Path

from nnrun_cli import CliTest, command, main, rows, run, summary, tiny, tree

REPOSITORY = Path(os.environ.get("NNRUN_REPOSITORY", Path(__file__).resolve().parents[2]))
PNG = b"\x89PNG\r\n\x1a\n"

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

    def test_evaluate_best(self):
        best = json.loads(run("evaluate", self.path, "--weights", "best", "--json").stdout)
        self.assertAlmostEqual(best["loss"], summary(self.path)["best"]["val_loss"], places=6)

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

    def test_features_of_unknown_layers_and_images(self):
        self.assertIn('did you mean "C1"', run("features", self.path, "--layers", "C2", code=2).stderr)
        run("features", self.path, "--images", "30", code=2)
        run("features", self.path, "--images", "first", code=2)

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

    def test_verify(self):
        self.assertIn("intact", run("verify", self.path).stdout)
        self.assertIn("same again", run("verify", self.path, "--rerun").stdout)
        metrics = self.path / "metrics.csv"
        metrics.write_text(metrics.read_text().replace("0.", "1.", 1))
        self.assertIn("metrics.csv", run("verify", self.path, code=3).stderr)


class FeatureMapsOfTheConfig(CliTest):
    def test_are_drawn_at_the_end(self):
        self.train(config=tiny(feature_maps={"layers": ["C1"], "images": [1]}))
        self.assertEqual(tree(self.folder / "run/features"), ["C1-1.png", "hashes.json", "input-1.png"])


class ValidationData(CliTest):
    def test_the_test_split_is_evaluated_at_the_end(self):
        self.train(config=tiny(data__validation_fraction=0.2))
        end = summary(self.folder / "run")
        result = json.loads(run("evaluate", self.folder / "run", "--json").stdout)
        self.assertEqual(end["test"]["accuracy"], result["accuracy"])
        self.assertAlmostEqual(end["test"]["loss"], result["loss"], places=6)


class Text(CliTest):
    def test_predict_needs_no_data(self):
        self.train(config=TEXT)
        self.assertTrue((self.folder / "run/vocabulary.json").exists())
        done = run("predict", self.folder / "run", "--text", "one two", "three", "--json")
        self.assertEqual([guess["input"] for guess in json.loads(done.stdout)], ["one two", "three"])
        lines = self.folder / "lines.txt"
        lines.write_text("first\r\nsecond\n")
        self.assertEqual(len(run("predict", self.folder / "run", "--input", lines).stdout.splitlines()), 2)
        table = self.folder / "table.csv"
        table.write_text('0,"one, two"\n1,three\n')
        done = run("predict", self.folder / "run", "--input", table, "--json")
        self.assertEqual([guess["input"] for guess in json.loads(done.stdout)], ["one, two", "three"])


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


if __name__ == "__main__":
    main()
