"""Problems of a config that only its data reveal: placed like all others, in every command, and nothing is left behind."""
import json

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


if __name__ == "__main__":
    main()
