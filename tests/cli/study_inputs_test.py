"""A study whose data or initial weights change: before it is started again, and while it is at work."""
import json
import shutil

from commands_test import png_of, reseal
from nnrun_cli import CliTest, main, run, sha256, summary, tiny, tree
from sweep_test import table

WORDS = {"name": "words",
         "data": {"type": "text_csv", "train_file": "a.csv", "test_file": "b.csv", "classes": 2, "unit": "word", "max_length": 4},
         "model": {"layers": [{"name": "E", "type": "embedding", "units": 3}, {"name": "P", "type": "global_avg_pool"},
                              {"name": "F", "type": "dense", "units": 2}]},
         "optimizer": {"type": "adam", "learning_rate": 0.01}, "training": {"epochs": 2, "batch_size": 8}}
RATES = {"parameters": {"optimizer.learning_rate": {"values": [0.01, 0.02, 0.03]}}}


def files_of(folder):
    return {name: sha256(folder / name) for name in tree(folder) if (folder / name).is_file()}


class StudyInputs(CliTest):
    def setUp(self):
        super().setUp()
        self.out = self.folder / "study"
        self.texts()

    def texts(self, folder=".", **ends):
        """a.csv and b.csv: the same texts whatever ends their lines."""
        (self.folder / folder).mkdir(exist_ok=True)
        for name, end in {"a": "\n", "b": "\n", **ends}.items():
            lines = [f"{i % 2},w{i % 2} x{i % 5}{end}" for i in range(20)]
            (self.folder / folder / f"{name}.csv").write_bytes("".join(lines).encode())

    def study(self, path, *arguments, code=0):
        return run("--config", path, "--out", self.out, "--data-dir", self.folder, "--device", "cpu", "--quiet", *arguments,
                   code=code).stderr

    def trial(self, path, number, *arguments, data=".", code=0):
        return run("sweep", "--config", path, "--trial", number, "--out", self.out, "--data-dir", self.folder / data,
                   "--device", "cpu", "--quiet", *arguments, code=code)


class ChangedBefore(StudyInputs):
    """What a single run refuses, the study refuses: with the same words, before anything is written."""

    def check_refused(self, path, file, *arguments):
        before = files_of(self.out)
        for more in ((), ("--dry-run",)):
            error = self.study(path, *arguments, *more, code=3)
            self.assertEqual(len(error.splitlines()), 1, error)
            self.assertTrue(error.startswith(f"nnrun: error: {file}: not the file the run was made with (got SHA-256 "), error)
        self.assertEqual(files_of(self.out), before)

    def test_initial_weights(self):
        weights = self.folder / "w.nnr"
        for seed in ("5", "6"):
            self.train(f"first-{seed}", "--seed", seed)
        shutil.copy(self.folder / "first-5/last.nnr", weights)
        path = self.config(tiny(training__epochs=2, sweep=RATES, model__init_from=str(weights)))
        self.study(path)
        shutil.rmtree(self.out / "trial-0002")  # is not to be trained from the others' weights
        (self.out / "DONE").unlink()
        shutil.copy(self.folder / "first-6/last.nnr", weights)
        self.check_refused(path, weights)
        shutil.copy(self.folder / "first-5/last.nnr", weights)
        self.study(path)
        self.assertEqual([row["status"] for row in table(self.out)], ["done"] * 3)

    def test_data(self):
        path = self.config(dict(WORDS, sweep=RATES))
        self.study(path)
        self.texts(a="\r\n")
        self.check_refused(path, "a.csv")
        self.check_refused(path, "a.csv", "--set", "training.epochs=4")
        self.texts()
        self.assertEqual(self.study(path, "--set", "training.epochs=4"), "")
        self.texts(a="\r\n")
        self.study(path, "--overwrite", "--set", "training.epochs=4")

    def test_a_trial_that_lists_no_files_goes_by_the_hash_of_its_data(self):
        path = self.config(dict(WORDS, sweep=RATES))
        self.study(path)
        manifest = self.out / "trial-0001/seed-0/manifest.json"
        manifest.write_text(manifest.read_text().replace('"files": ', '"none": ').replace(
            '"val_examples"', '"files": [], "val_examples"'))
        reseal(manifest, without="none")
        self.study(path)
        self.texts(a="\r\n")
        self.check_refused(path, "a.csv")


class ChangedOnTheWay(StudyInputs):
    """Trials of unlike data make no finished study."""

    def check_unlike(self, error, *trials, change="another b.csv"):
        self.assertEqual(error.splitlines(), [
            f"nnrun: error: {self.out}/{trial}: the trial was made with {change} than trial-0000/seed-0 "
            "(delete the folders of those made with the wrong one and train again)" for trial in trials])
        self.assertFalse((self.out / "DONE").exists())
        self.assertEqual(summary(self.out)["status"], "failed")
        self.assertEqual(summary(self.out)["done"], 3 - len(trials))
        self.assertEqual(summary(self.out)["best"]["trial"], 0)
        run("verify", self.out)

    def test_while_it_is_at_work(self):
        path = self.config(dict(WORDS, sweep=RATES, training={"epochs": 1500, "batch_size": 8}))
        process = self.start("--config", path, "--out", self.out, "--data-dir", self.folder, "--device", "cpu", "--quiet",
                             "--jobs", "1", "--jobs-as", "processes")
        self.wait_until("the first trial's end", (self.out / "trial-0000/seed-0/DONE").exists, 120)
        self.texts(b="\r\n")
        error = process.communicate(timeout=300)[1]
        self.assertEqual(process.returncode, 3, error)
        has_begun = "trial-0001" not in error  # on the old file
        self.check_unlike(error, *[f"trial-000{trial}/seed-0" for trial in (1, 2)[has_begun:]])

    def test_trials_one_by_one(self):
        path = self.config(dict(WORDS, sweep=RATES))
        self.texts(folder="d1")
        self.texts(folder="d2", b="\r\n")
        collect = ("sweep", "--config", path, "--collect", "--out", self.out)
        self.trial(path, 0, data="d1")
        self.trial(path, 1, data="d2", code=3)
        self.assertEqual(summary(self.out)["status"], "running")
        self.check_unlike(self.trial(path, 2, data="d2", code=3).stderr, "trial-0001/seed-0", "trial-0002/seed-0")
        self.check_unlike(run(*collect, code=3).stderr, "trial-0001/seed-0", "trial-0002/seed-0")
        for trial in (1, 2):
            shutil.rmtree(self.out / f"trial-000{trial}")
        for trial in (1, 2):
            self.trial(path, trial, data="d1")
        self.assertTrue((self.out / "DONE").exists())
        run(*collect)

    def test_data_of_several_seeds(self):
        path = self.config(dict(WORDS, repeats=2, data=dict(WORDS["data"], validation_fraction=0.2)))
        self.texts(folder="d2", a="\r\n")
        self.trial(path, 0)
        error = self.trial(path, 1, data="d2", code=3).stderr
        self.assertIn("/seed-1: the trial was made with another a.csv than seed-0 ", error)
        self.assertFalse((self.out / "DONE").exists())

    def pictures(self, **changes):
        """A config of two seeds over twelve pictures."""
        if json.loads(run("doctor", "--json").stdout)["PNG and JPEG"] != "yes":
            self.skipTest("built without OpenCV")
        for i in range(12):
            folder = self.folder / "train" / "ab"[i % 2]
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{i}.png").write_bytes(png_of(8, 8, [20 * i] * 3))
        data = {"type": "image_folder", "train_dir": "train", "test_dir": "train", "size": [8, 8], "validation_fraction": 0.25}
        config = tiny(**{"repeats": 2, "training__epochs": 1, "data": data, **changes})
        config["model"]["layers"][-1]["units"] = 2
        return self.config(config)

    def test_a_folder_that_gets_another_picture(self):
        path = self.pictures()
        self.trial(path, 0)
        shutil.copy(self.folder / "train/a/0.png", self.folder / "train/b/new.png")
        self.assertIn("/seed-6: the trial was made with other pictures than seed-5 ", self.trial(path, 1, code=3).stderr)

    def test_pictures_and_initial_weights_that_were_moved(self):
        self.train("first", "--data-dir", self.folder, config=self.pictures(repeats=1))
        weights = self.folder / "first/best.nnr"
        self.trial(self.pictures(model__init_from=str(weights)), 0)
        weights = weights.rename(self.folder / "moved.nnr")
        self.study(self.pictures(model__init_from=str(weights)))
        self.assertTrue((self.out / "DONE").exists())

    def test_what_the_sweep_itself_changes(self):
        self.texts(c="\r\n")
        path = self.config(dict(WORDS, repeats=2, sweep={"parameters": {
            "data.train_file": {"values": ["a.csv", "c.csv"]}, "data.unit": {"values": ["word", "char"]},
            "data.validation_fraction": {"values": [None, 0.2]}}}))
        self.study(path)
        self.assertEqual(summary(self.out)["done"], 16)
        self.trial(path, 0)
        run("sweep", "--config", path, "--collect", "--out", self.out)
        self.assertTrue((self.out / "DONE").exists())


if __name__ == "__main__":
    main()
