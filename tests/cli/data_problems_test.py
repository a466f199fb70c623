"""Problems of a config that only its data reveal: placed like all others, in every command, and nothing is left behind."""
import json
import os
import re
import unittest

from nnrun_cli import CliTest, main, run, tiny, tree


def text_of(config):
    """The config with one key per line, so that lines tell places apart."""
    return json.dumps(config, indent=1)


class DataProblems(CliTest):
    def place(self, config, key, of_value=True):
        """`FILE:LINE:COL` of a key's value in the file that `written` made."""
        for number, line in enumerate(text_of(config).splitlines(), 1):
            at = line.find(f'"{key}": ')
            if at >= 0:
                return f"{self.folder}/tiny.json:{number}:{at + 1 + (len(key) + 4 if of_value else 0)}"
        raise KeyError(key)

    def written(self, config):
        path = self.folder / "tiny.json"
        path.write_text(text_of(config))
        return path

    def cifar(self, **changes):
        """4 training and 2 test examples of each of 10 classes."""
        data = self.folder / "d"
        data.mkdir(exist_ok=True)
        for name, count in (("a.bin", 4), ("b.bin", 2)):
            (data / name).write_bytes(b"".join(bytes([label]) + bytes(3072) for label in range(10)) * count)
        config = tiny(data={"type": "cifar10", "path": str(data), "train_files": ["a.bin"], "test_files": ["b.bin"]})
        config["model"]["layers"][-1]["units"] = 10
        for key, value in changes.items():
            config["data"][key] = value
        return config

    def refused(self, config, key, pointer, message, commands=("train", "dry", "describe", "data")):
        path = self.written(config)
        before = tree(self.folder)
        out = ["--out", self.folder / "run"]
        forms = {"train": ["--config", path, *out], "dry": ["--config", path, "--dry-run", *out],
                 "describe": ["describe", "--config", path], "data": ["data", "--config", path, "--split", "train"]}
        for name in commands:
            with self.subTest(command=name):
                error = run(*forms[name], code=2).stderr
                self.assertEqual(error, f"nnrun: error: {self.place(config, key)}: {pointer}: {message}\n")
        self.assertEqual(tree(self.folder), before)

    def test_neither_model_nor_data_hide_the_other_s_problems(self):
        (self.folder / "train.csv").write_text("7,a\n")
        narrow = "the last layer is narrower than the classes (got 2, expected at least {})"
        cases = {"missing": ({"type": "cifar10"}, 10, "no such file"),
                 "bad": ({"type": "text_csv", "train_file": "train.csv", "test_file": "train.csv", "classes": 3}, 3,
                         "the label is out of range")}
        for name, (data, classes, message) in cases.items():
            config = tiny(data=data)
            config["model"]["layers"] = [{"name": "E", "type": "flatten"}] if classes == 10 else [
                {"name": "E", "type": "embedding", "units": 2}, {"name": "G", "type": "global_avg_pool"}]
            config["model"]["layers"].append({"name": "F", "type": "dense", "units": 2})
            path = self.written(config)
            swept = self.config({**config, "sweep": {"parameters": {"training.epochs": {"values": [1, 2]}}}}, "swept.json")
            for command in (["--config", path], ["--config", path, "--dry-run"], ["describe", "--config", path],
                            ["--config", swept], ["bench", "--config", path]):
                with self.subTest(data=name, command=command):
                    error = run(*command, "--data-dir", self.folder, code=2, cwd=self.folder).stderr.splitlines()
                    self.assertIn(narrow.format(classes), error[0])
                    self.assertTrue(len(error) > 1 and all(message in line for line in error[1:]), error)

    def test_more_per_class_than_there_are(self):
        few = "class 0 has too few examples (got 9, expected at most {})"
        self.refused(self.cifar(train_per_class=9), "train_per_class", "/data/train_per_class", few.format(4))
        self.refused(self.cifar(test_per_class=9), "test_per_class", "/data/test_per_class", few.format(2))

    def test_validation_fraction_that_leaves_nothing(self):
        self.refused(self.cifar(validation_fraction=0.01), "validation_fraction", "/data/validation_fraction",
                     "leaves no example for validation (got 0.01 of each class)")

    def test_dropping_the_only_batch(self):
        config = tiny(training__batch_size=91, training__drop_last=True)
        self.refused(config, "drop_last", "/training/drop_last",
                     "drops the only batch of an epoch (got 90 training examples, expected at least batch_size 91)",
                     commands=("train", "dry", "describe"))
        self.train("run", config=tiny(training__batch_size=90, training__drop_last=True))

    def test_feature_maps_of_images_that_are_not_there(self):
        config = tiny(feature_maps={"layers": ["C1"], "images": [30]})
        text = text_of(config).splitlines()
        line = next(i for i, line in enumerate(text, 1) if line.strip() == "30")
        error = run("--config", self.written(config), "--out", self.folder / "run", code=2).stderr
        self.assertEqual(error, f"nnrun: error: {self.folder}/tiny.json:{line}:{text[line - 1].index('30') + 1}: "
                                "/feature_maps/images/0: no such example in the split (got 30, expected 0 to 29)\n")

    def test_all_in_one_go(self):
        config = tiny(training__batch_size=91, training__drop_last=True, feature_maps={"layers": ["C1"], "images": [30]})
        config["model"]["layers"][-1]["units"] = 2
        lines = run("--config", self.written(config), "--out", self.folder / "run", code=2).stderr.splitlines()
        self.assertEqual([line.split(": ")[3] for line in lines],
                         ["/model/layers/4/units", "/feature_maps/images/0", "/training/drop_last"])

    def test_all_images_in_one_go(self):
        config = self.cifar()
        config["feature_maps"] = {"layers": ["C1"], "images": ["b.bin#20", "x.bin#1", "b.bin#99", 77, 0]}
        lines = run("--config", self.config(config), "--out", self.folder / "run", code=2).stderr.splitlines()
        missing = "no such file or folder (the data sets are fetched by scripts/fetch_data.sh; --data-dir names another data folder)"
        self.assertEqual([re.sub(".*: (/feature_maps|/.*x.bin)", r"\1", line) for line in lines], [
            "/feature_maps/images/3: no such example in the split (got 77, expected 0 to 19)",
            "/feature_maps/images/0: no such record in the file (got 20, expected 0 to 19)",
            f"{self.folder}/d/x.bin: {missing}",
            "/feature_maps/images/2: no such record in the file (got 99, expected 0 to 19)"])

    @unittest.skipIf(os.path.exists("/dev/nvidiactl"), "this machine has a GPU")
    def test_data_weights_and_device_in_one_go(self):
        config = tiny(data={"type": "cifar10", "path": "nowhere"}, model__init_from="none.st", training__precision="bf16")
        config["model"]["layers"][-1]["units"] = 10
        path = self.config(config)
        missing = [f"{self.folder}/nowhere/data_batch_1.bin: no such file", f"{self.folder}/nowhere/test_batch.bin: no such file",
                   f"{self.folder}/none.st: no such file"]
        out = ["--out", self.folder / "run"]
        for command in (out, [*out, "--dry-run"], [*out, "--repeats", "2"], [*out, "--repeats", "2", "--dry-run"], "bench"):
            for device, problem in ((["--device", "cuda"], "--device cuda: no CUDA device"), ([], "needs a CUDA device")):
                with self.subTest(command=command, device=device):
                    job = [command, "--config", path] if command == "bench" else ["--config", path, *command]
                    lines = run(*job, "--data-dir", self.folder, *device, code=5).stderr.splitlines()
                    told = [line.partition("error: ")[2].partition(" or folder")[0] for line in lines if problem not in line]
                    self.assertEqual((sorted(told), len(lines)), (sorted(missing), 4), lines)

    def test_a_folder_that_cannot_be_made_hides_nothing(self):
        config = tiny(data={"type": "cifar10", "path": "nowhere"})
        config["model"]["layers"][-1]["units"] = 10
        (self.folder / "file").write_text("")
        lines = self.train("file", "--data-dir", self.folder, config=config, code=5).stderr.splitlines()
        self.assertIn(f"nnrun: error: {self.folder}/file: ", lines[0])
        self.assertEqual(len(lines), 3, lines)
        for name, line in zip(("data_batch_1", "test_batch"), lines[1:]):
            self.assertIn(f"nnrun: error: {self.folder}/nowhere/{name}.bin: no such file", line)

    def test_from_the_command_line(self):
        error = run("--config", self.config(self.cifar()), "--set", "data.train_per_class=9", code=2).stderr
        self.assertTrue(error.startswith("nnrun: error: --set data.train_per_class=9: "), error)

    def test_initial_weights_that_do_not_fit(self):
        self.train("first")
        config = tiny(model__init_from=str(self.folder / "first/last.nnr"))
        config["model"]["layers"][0]["filters"] = 5
        self.written(config)
        before = tree(self.folder)
        place = f"nnrun: error: {self.place(config, 'init_from')}: /model/init_from: "
        for more in ([], ["--dry-run"], ["--repeats", "2"]):
            error = run("--config", self.folder / "tiny.json", "--out", self.folder / "run", *more, code=2).stderr
            lines = error.splitlines()
            self.assertEqual(len(lines), 3, error)  # C1.weight, C1.bias, F1.weight
            self.assertTrue(all(line.startswith(place) for line in lines), error)
            self.assertEqual(tree(self.folder), before)

    def test_initial_weights_without_training(self):
        self.train("first")
        missing = f"{self.folder}/none.st: no such file"
        path = self.config(tiny(model__init_from="none.st"))
        self.assertEqual(run("--config", path, "--print-config").stderr, f"nnrun: warning: {missing}\n")
        self.assertIn(f"\ninitial weights: {missing}\n", run("describe", "--config", path).stdout)
        other = tiny(model__init_from=str(self.folder / "first/last.nnr"))
        other["model"]["layers"][0]["filters"] = 5
        path = self.config(other)
        errors = run("--config", path, "--print-config", code=2).stderr.splitlines()
        self.assertEqual(len(errors), 3, errors)
        notes = json.loads(run("describe", "--config", path, "--json").stdout)["notes"]
        self.assertEqual(notes, [error.replace("nnrun: error", "initial weights") for error in errors])
        run("--config", path, "--print-config", "--set", f"model.init_from={path}", code=3)
        run("--config", path, "--print-config", "--set", "model.layers.C1.filters=4")

    def test_initial_weights_of_an_embedding_wait_for_its_vocabulary(self):
        config = {"data": {"type": "synthetic_text", "classes": 2, "train": 60, "test": 20, "max_length": 12},
                  "model": {"layers": [{"name": "E", "type": "embedding_bag", "units": 6}, {"name": "F", "type": "dense", "units": 2}]},
                  "optimizer": {"type": "sgd"}}
        self.train("first", config=config)
        config["model"]["init_from"] = str(self.folder / "first/last.nnr")
        path = self.config(config)
        run("--config", path, "--print-config")
        self.assertNotIn("initial weights", run("describe", "--config", path).stdout)
        run("--config", path, "--out", self.folder / "second", "--device", "cpu")


if __name__ == "__main__":
    main()
