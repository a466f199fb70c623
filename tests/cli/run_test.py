"""One run from its config to its results, and the rules of the run directory."""
import json
import os
import resource
import shutil
import subprocess
from xml.etree import ElementTree

from nnrun_cli import CliTest, command, diverging, locked, main, rows, run, sha256, summary, tiny, tree

FILES = ["DONE", "best.nnr", "config.json", "curves.svg", "last.nnr", "log.jsonl", "manifest.json", "metrics.csv", "summary.json",
         "timing.csv"]


class OneRun(CliTest):
    def test_writes_the_run_directory(self):
        done = self.train()
        self.assertEqual(tree(self.folder / "run"), FILES)
        self.assertEqual((self.folder / "run/metrics.csv").read_text().splitlines()[0],
                         "epoch,accuracy,loss,val_accuracy,val_loss")
        self.assertEqual([row.split(",")[0] for row in rows(self.folder / "run")], ["0", "1", "2", "3"])
        end = summary(self.folder / "run")
        self.assertEqual((end["status"], end["epochs"], end["seed"], end["exact"]), ("done", 4, 5, True))
        self.assertEqual(end["parameters"], 4 * 3 * 9 + 4 + 3 * 36 + 3)
        self.assertRegex(done.stdout, rf"\nplot +{self.folder}/run/curves.svg\nnext +nnrun evaluate {self.folder}/run\n$")
        self.assertEqual(ElementTree.parse(self.folder / "run/curves.svg").getroot().tag, "{http://www.w3.org/2000/svg}svg")

    def test_json_summary(self):
        printed = json.loads(self.train("run", "--json").stdout)
        self.assertEqual(printed, summary(self.folder / "run"))

    def test_a_lost_summary_is_5(self):
        config = self.config()
        with open("/dev/full", "w") as full:
            done = subprocess.run(command("--config", config, "--out", self.folder / "run", "--json"), stdout=full,
                                  stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 5)
        self.assertTrue((self.folder / "run/DONE").exists())

    def test_same_bytes_again(self):
        self.train("a")
        self.train("b")
        for name in ("metrics.csv", "config.json"):
            self.assertEqual(sha256(self.folder / "a" / name), sha256(self.folder / "b" / name), name)
        self.assertEqual(summary(self.folder / "a")["weights_sha256"], summary(self.folder / "b")["weights_sha256"])
        self.train("c", "--seed", "6")
        self.assertNotEqual(rows(self.folder / "a"), rows(self.folder / "c"))

    def test_learns(self):
        self.train("run", "--set", "training.epochs=20")
        self.assertGreater(summary(self.folder / "run")["last"]["val_accuracy"], 0.6)

    def test_default_folder(self):
        run("--config", self.config(), cwd=self.folder)
        self.assertTrue((self.folder / "runs/tiny/DONE").exists())

    def test_progress_goes_to_stderr_in_plain_lines(self):
        done = self.train()
        self.assertIn("epoch 1/4", done.stderr)
        self.assertNotIn("\r", done.stderr)
        self.assertEqual(self.train("quiet", "--quiet").stderr, "")


class Again(CliTest):
    def test_nothing_left_to_do(self):
        self.train()
        before = {path: sha256(self.folder / "run" / path) for path in FILES}
        self.assertIn("nothing left to do", self.train().stdout)
        self.assertEqual({path: sha256(self.folder / "run" / path) for path in FILES}, before)

    def test_other_config_is_refused_with_pointers(self):
        self.train()
        error = self.train("run", "--set", "optimizer.learning_rate=0.5", "--set", "training.epochs=3", code=3).stderr
        self.assertIn("/optimizer/learning_rate: ", error)
        self.assertIn("/training/epochs: ", error)

    def test_repeats_on_a_single_run_and_the_other_way_round(self):
        self.train()
        self.assertIn("run/config.json: /repeats: the run has another config (got 2, expected 1)",
                      self.train("run", "--repeats", "2", code=3).stderr)
        self.train("study", "--repeats", "2")
        self.assertIn("study/config.json: /repeats: the run has another config (got 1, expected 2)",
                      self.train("study", code=3).stderr)

    def test_a_dry_run_is_refused_like_a_run(self):
        self.train()
        self.train("run", "--dry-run")
        self.assertIn("/seed: the run has another config", self.train("run", "--dry-run", "--seed", "9", code=3).stderr)
        self.train("run", "--dry-run", "--repeats", "2", code=3)
        self.train("run", "--dry-run", "--seed", "9", "--overwrite")
        (self.folder / "run/last.nnr").write_bytes(b"damaged")
        self.assertIn("last.nnr: is damaged", self.train("run", "--dry-run", code=3).stderr)

    def test_a_dry_run_sees_a_disk_that_is_read_only(self):
        disk = self.folder / "disk"
        disk.mkdir()
        read_only = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o ro none "$0" && exec "$@"', disk]
        if subprocess.run([*read_only, "true"], capture_output=True).returncode != 0:
            self.skipTest("no mount namespaces here")
        for folder in (disk, disk / "below/run"):
            for more in ([], ["--repeats", "2"]):
                dry = command("--config", self.config(), "--device", "cpu", "--out", folder, "--dry-run", *more)
                done = subprocess.run([*read_only, *dry], capture_output=True, text=True)
                self.assertEqual((done.returncode, done.stderr),
                                 (5, f"nnrun: error: {disk}: cannot be written (Read-only file system)\n"))

    def test_more_epochs_extend_the_run(self):
        self.train()
        self.train("run", "--set", "training.epochs=6")
        self.train("straight", "--set", "training.epochs=6")
        for name in ("metrics.csv", "config.json"):
            self.assertEqual(sha256(self.folder / "run" / name), sha256(self.folder / "straight" / name), name)
        self.assertEqual(summary(self.folder / "run")["weights_sha256"],
                         summary(self.folder / "straight")["weights_sha256"])
        run("verify", self.folder / "run")

    def test_more_epochs_under_a_cosine_schedule_are_refused(self):
        config = tiny(optimizer__schedule={"type": "cosine", "final": 0.1})
        self.train(config=config)
        self.assertIn("/training/epochs", self.train("run", "--set", "training.epochs=6", config=config, code=3).stderr)

    def test_resume_modes(self):
        self.train("run", "--resume", "must", code=3)
        self.assertFalse((self.folder / "run").exists())
        self.train()
        self.train("run", "--resume", "never", code=3)
        self.train("run", "--resume", "must")
        self.train("run", "--resume", "never", "--overwrite")

    def test_overwrite_keeps_files_of_others(self):
        self.train()
        (self.folder / "run/notes.txt").write_text("mine")
        self.train("run", "--overwrite", "--seed", "8")
        self.assertEqual(summary(self.folder / "run")["seed"], 8)
        self.assertEqual((self.folder / "run/notes.txt").read_text(), "mine")

    def test_other_threads_are_not_exact(self):
        self.train("run", "--threads", "1")
        self.train("run", "--threads", "2", "--set", "training.epochs=5")
        self.assertFalse(summary(self.folder / "run")["exact"])

    def test_what_is_not_exact_stays_so(self):
        """The second process ends before it has a checkpoint of its own."""
        self.train("run", "--threads", "1", "--stop-after", "1", code=138)
        self.train("run", "--threads", "2", "--stop-after", "1", code=138)
        self.train("run", "--threads", "2")
        self.assertFalse(summary(self.folder / "run")["exact"])

    def test_a_moved_run_goes_on(self):
        self.train()
        shutil.move(self.folder / "run", self.folder / "moved")
        self.train("moved", "--set", "training.epochs=5")
        run("evaluate", self.folder / "moved")


class InitFrom(CliTest):
    def test_weights_of_another_run(self):
        self.train("first")
        weights = self.folder / "w.nnr"
        shutil.copy(self.folder / "first/last.nnr", weights)
        config = tiny(model__init_from="w.nnr", training__epochs=2)
        self.train("second", config=config)
        moved = self.folder / "elsewhere.nnr"
        shutil.move(weights, moved)
        config["model"]["init_from"] = str(moved)
        config["training"]["epochs"] = 3
        self.train("second", config=config)
        run("verify", self.folder / "second", "--rerun")
        shutil.copy(self.folder / "second/last.nnr", moved)
        self.assertIn("elsewhere.nnr", self.train("second", config=config, code=3).stderr)
        moved.unlink()
        self.train("third", config=config, code=5)

    def test_other_shapes(self):
        self.train("first", "--set", "model.layers.C1.filters=5")
        config = tiny(model__init_from=str(self.folder / "first/last.nnr"))
        self.assertIn("/model/init_from", self.train("second", config=config, code=2).stderr)
        self.assertFalse((self.folder / "second").exists())


class Damage(CliTest):
    def test_damaged_checkpoint_is_reported_and_stays(self):
        self.train()
        last = self.folder / "run/last.nnr"
        damaged = bytearray(last.read_bytes())
        damaged[len(damaged) // 2] ^= 1
        last.write_bytes(damaged)
        self.assertIn("last.nnr", self.train("run", "--set", "training.epochs=5", code=3).stderr)
        self.assertEqual(last.read_bytes(), bytes(damaged))
        run("verify", self.folder / "run", code=3)

    def test_a_run_that_lost_its_checkpoint_does_not_begin_again(self):
        self.train("run", "--stop-after", "1", code=138)
        rows = (self.folder / "run/metrics.csv").read_text()
        (self.folder / "run/last.nnr").unlink()
        for options in ([], ["--resume", "must"], ["--dry-run"], ["--set", "training.epochs=5"]):
            self.assertIn("last.nnr: is missing, with 1 epoch of the run in it", self.train("run", *options, code=3).stderr)
        self.assertEqual((self.folder / "run/metrics.csv").read_text(), rows)
        self.train("run", "--overwrite")

    def test_a_finished_run_with_a_damaged_checkpoint(self):
        self.train()
        last = self.folder / "run/last.nnr"
        content = bytearray(last.read_bytes())
        content[-1] ^= 1
        last.write_bytes(content)
        self.assertIn("last.nnr", self.train(code=3).stderr)
        self.assertEqual(last.read_bytes(), content)

    def test_other_data_is_refused(self):
        data = self.folder / "data/d"
        data.mkdir(parents=True)
        record = bytes([1]) + bytes(range(256)) * 12
        for name in ("train.bin", "test.bin"):
            (data / name).write_bytes(record * 4)
        config = {"data": {"type": "cifar10", "path": "d", "train_files": ["train.bin"], "test_files": ["test.bin"]},
                  "model": {"layers": [{"name": "f", "type": "flatten"}, {"name": "d", "type": "dense", "units": 10}]},
                  "optimizer": {"type": "sgd"}}
        self.train("run", "--data-dir", self.folder / "data", config=config)
        (data / "train.bin").write_bytes(record * 3 + bytes([2]) + record[1:])
        error = self.train("run", "--data-dir", self.folder / "data", config=config, code=3).stderr
        self.assertIn("train.bin", error)


class Refusals(CliTest):
    def check(self, code, *arguments, out="new/deeper/run", config=None, **options):
        path = self.config(config)
        before = tree(self.folder)
        done = self.train(out, *arguments, config=path, code=code, **options)
        self.assertEqual(tree(self.folder), before, "a refusal left something behind")
        return done.stderr

    def test_leave_nothing_behind(self):
        self.check(2, config=tiny(training__epochs=0))
        self.check(2, config=tiny(feature_maps={"layers": ["C1"], "images": [99]}))
        self.check(5, config={"extends": "partA_q1.json", "data": {"path": "nowhere"}})
        self.check(6, config=tiny(training__precision="bf16"))

    def test_pictures_that_cannot_be_drawn(self):
        record = bytes(3073)
        (self.folder / "a.bin").write_bytes(record * 40)
        (self.folder / "b.bin").write_bytes(record)
        (self.folder / "c.bin").write_bytes(b"x")
        for image, code in (("a.bin#40", 2), ("b.bin#1", 2), ("c.bin#0", 2), ("d.bin#0", 5)):
            config = tiny(data={"type": "cifar10", "path": ".", "train_files": ["a.bin"], "test_files": ["a.bin"]},
                          feature_maps={"layers": ["C1"], "images": ["b.bin#0", image]})
            config["model"]["layers"][-1]["units"] = 10
            self.train("out", "--data-dir", self.folder, config=config, code=code)
            self.assertFalse((self.folder / "out").exists())

    def test_out_of_memory(self):
        limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (16 << 30, 16 << 30))
        error = self.train("run", "--set", "model.layers.F1.units=2000000000", code=6, preexec_fn=limit).stderr
        self.assertRegex(error.splitlines()[-1], r"^nnrun: error: out of memory: cannot allocate \d+ bytes$")
        self.assertFalse((self.folder / "run").exists())

    def test_too_little_room_for_libtorch(self):
        limit = lambda size: lambda: resource.setrlimit(resource.RLIMIT_AS, (size << 20, size << 20))
        for mebibytes in (50, 200, 390):
            with self.subTest(mebibytes=mebibytes):
                error = self.train("run", "--errors", "json", code=5, preexec_fn=limit(mebibytes)).stderr
                self.assertRegex(json.loads(error)["message"], r"^cannot load LibTorch: out of memory \(")
                self.assertFalse((self.folder / "run").exists())

    def test_memory_that_ends_while_libtorch_is_loaded(self):
        limit = lambda: resource.setrlimit(resource.RLIMIT_DATA, (40 << 20, 40 << 20))
        self.assertEqual(self.train("run", code=6, preexec_fn=limit).stderr, "nnrun: error: out of memory\n")
        error = self.train("run", "--errors", "json", code=6, preexec_fn=limit).stderr
        self.assertEqual(json.loads(error)["message"], "out of memory")

    def test_threads_that_cannot_be_started(self):
        options = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))}
        if os.geteuid() == 0:  # no limit holds for root
            self.folder.chmod(0o777)
            options.update(user=65534, group=65534, extra_groups=[])
        try:
            run("--version", **options)
        except (AssertionError, OSError) as error:
            self.skipTest(f"nobody else may run this program: {error}")
        for threads in (2, 3, 4, 9):
            error = self.train("run", "--threads", str(threads), code=5, **options).stderr
            self.assertEqual(error, f"nnrun: error: cannot start {threads} threads (Resource temporarily unavailable); "
                                    "--threads N asks for fewer\n")
            self.assertFalse((self.folder / "run").exists())
        self.train("run", "--threads", "1", **options)

    def test_a_working_directory_that_is_gone(self):
        gone = self.folder / "gone"
        gone.mkdir()
        error = self.train("run", code=5, preexec_fn=gone.rmdir, cwd=gone).stderr  # MKL needs one
        self.assertEqual(error, "nnrun: error: the working directory cannot be used (No such file or directory)\n")
        self.assertFalse((self.folder / "run").exists())

    def test_no_cuda_device(self):
        if os.path.exists("/dev/nvidiactl"):
            self.skipTest("this machine has a GPU")
        path = self.config()
        before = tree(self.folder)
        error = run("--config", path, "--out", self.folder / "run", "--device", "cuda", code=6).stderr
        self.assertRegex(error, r"^nnrun: error: --device cuda: no CUDA device \(.+\)\n$")
        error = run("--config", path, "--device", "cuda:1", "--errors", "json", code=6).stderr
        self.assertEqual(json.loads(error)["option"], "--device cuda:1")
        self.assertEqual(tree(self.folder), before)

    def test_impossible_folders(self):
        (self.folder / "file").write_text("")
        self.check(5, out="file")
        self.check(5, out="file/below")
        (self.folder / "link").symlink_to("nowhere")
        error = self.train("link", code=5).stderr
        self.assertEqual(error, f"nnrun: error: {self.folder}/link: is a link to nowhere (expected a folder)\n")

    def test_foreign_folder(self):
        (self.folder / "other").mkdir()
        (self.folder / "other/notes.txt").write_text("mine")
        self.check(3, out="other")
        self.check(3, "--overwrite", out="other")

    def test_folder_in_use(self):
        self.train()
        with locked(self.folder / "run"):
            self.assertIn("in use", self.train("run", "--set", "training.epochs=9", code=7).stderr)

    def test_evaluate_of_no_run(self):
        run("evaluate", self.folder / "nowhere", code=5)
        run("verify", self.folder / "nowhere", code=5)
        run("evaluate", self.folder, code=3)
        run("verify", self.folder, code=3)


class FullDisk(CliTest):
    def train_with_file_limit(self, limit, code=5):
        def set_limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        return self.train(code=code, preexec_fn=set_limit)

    def test_before_the_first_epoch_nothing_is_left(self):
        self.train_with_file_limit(100)
        self.assertFalse((self.folder / "run").exists())

    def test_later_the_run_has_failed_and_can_go_on(self):
        error = self.train_with_file_limit(2500).stderr
        self.assertIn("nnr: cannot be written", error)
        end = summary(self.folder / "run")
        self.assertEqual(end["status"], "failed")
        self.assertIn("cannot be written", end["error"])
        self.train()
        self.train("straight")
        self.assertEqual(summary(self.folder / "run")["weights_sha256"],
                         summary(self.folder / "straight")["weights_sha256"])


class Diverged(CliTest):
    CONFIG = diverging()

    def test_exit_code_and_files(self):
        error = self.train(config=self.CONFIG, code=4).stderr
        self.assertIn("diverged", error)
        self.assertEqual(summary(self.folder / "run")["status"], "diverged")
        self.assertFalse((self.folder / "run/DONE").exists())
        self.assertGreaterEqual(len(rows(self.folder / "run")), 1)

    def test_again_at_once(self):
        self.train(config=self.CONFIG, code=4)
        before = rows(self.folder / "run")
        self.train(config=self.CONFIG, code=4)
        self.assertEqual(rows(self.folder / "run"), before)

    def test_no_sign_on_a_nan(self):
        self.train(config=self.CONFIG, code=4)
        self.assertIn("loss nan\n", run("evaluate", self.folder / "run").stdout)
        text = dict(self.CONFIG, data={"type": "synthetic_text", "classes": 2, "train": 60, "test": 20, "max_length": 12})
        text["model"] = {"layers": [{"name": "E", "type": "embedding", "units": 4}] + self.CONFIG["model"]["layers"]}
        self.train("text", config=text, code=4)
        self.assertEqual(run("predict", self.folder / "text", "--text", "a").stdout, "a  0 nan  1 nan  2 nan\n")
        self.assertNotIn("nan", run("table", self.folder / "text").stdout)

    def test_continue_ends_well(self):
        self.train("run", "--set", "training.on_nonfinite=continue", config=self.CONFIG)
        self.assertEqual(len(rows(self.folder / "run")), 4)


if __name__ == "__main__":
    main()
