"""What becomes of folders that others fill, move or delete while a process is on its way to them or at work in them."""
import os
import shutil
import signal

from nnrun_cli import CliTest, children, hold, lives, main, run, sha256, tiny

RATES = {"parameters": {"optimizer.learning_rate": {"values": [0.01, 0.02]}}}
TEXT = {"data": {"type": "text_csv", "train_file": "train.csv", "test_file": "test.csv", "classes": 3, "max_length": 8},
        "model": {"layers": [{"name": "E", "type": "embedding", "units": 4}, {"name": "f", "type": "flatten"},
                             {"name": "F", "type": "dense", "units": 3}]}}
LONG = 100000  # epochs: more than any test waits for
EXAMPLES = "0,red\n1,blue\n2,green\n"


def contents(folder):
    """Every file below a folder and what is in it."""
    return {str(path.relative_to(folder)): sha256(path) for path in folder.rglob("*") if path.is_file()}


class Filled(CliTest):
    def test_a_study_leaves_a_run_alone_that_came_while_it_read_its_data(self):
        config = self.config(dict(tiny(sweep=RATES), **TEXT), name="study.json")
        examples = self.folder / "train.csv"
        os.mkfifo(examples)
        (self.folder / "test.csv").write_text(EXAMPLES)
        self.train("single")
        study = self.start("--config", config, "--out", self.folder / "run", "--device", "cpu", "--data-dir", self.folder)
        with examples.open("w") as pipe:  # which opens once the study has looked at its folder
            shutil.copytree(self.folder / "single", self.folder / "run")
            examples.unlink()
            examples.write_text(EXAMPLES)
            pipe.write(EXAMPLES)
        _, errors = study.communicate(timeout=60)
        self.assertEqual(study.returncode, 3, errors)
        self.assertIn("the run has another config", errors)
        self.assertEqual(contents(self.folder / "run"), contents(self.folder / "single"))
        run("verify", self.folder / "run")

    def test_what_a_killed_study_left_of_its_first_trial_is_in_nobodys_way(self):
        path = self.config(tiny(training__epochs=1, sweep=RATES))
        for out, options, config in (("study", (), path), ("anew", ("--overwrite",), path), ("single", (), None)):
            left = self.folder / out / "trial-0000/seed-5"
            left.mkdir(parents=True)
            (left / "lock").write_text("process 12 on host n1\n")
            self.train(out, *options, config=config)
            run("verify", self.folder / out)
        self.assertTrue((self.folder / "single/DONE").exists())


class Lost(CliTest):
    """The older process ends with 5, and never touches what stands in its folder's place by then."""
    TEXT = "the folder or its lock was moved, deleted or replaced while it was in use; nothing more is written"

    def take_away(self, name, how):
        """Deletes a folder, or moves it to NAME-moved."""
        path = self.folder / name
        path.rename(f"{path}-moved") if how == "move" else shutil.rmtree(path)

    def check_ends(self, process, out):
        _, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 5, errors)
        self.assertIn(f"{self.folder / out}: {self.TEXT}\n", errors)

    def start_run(self, out):
        process = self.start("--config", self.config(tiny(training__epochs=LONG), name="long.json"), "--out", self.folder / out,
                             "--device", "cpu", "--quiet")
        self.wait_for_epochs(process, 1, out)
        hold(process.pid)
        return process

    def test_a_run_whose_folder_was_taken_away(self):
        for how in ("move", "delete"):
            process = self.start_run(how)
            self.take_away(how, how)
            process.send_signal(signal.SIGCONT)
            self.check_ends(process, how)
            self.assertFalse((self.folder / how).exists())

    def test_a_run_whose_folder_is_anothers_now(self):
        for how, stop in (("move", None), ("delete", signal.SIGTERM)):
            process = self.start_run(how)
            self.take_away(how, how)
            self.train(how, "--quiet")
            before = contents(self.folder / how)
            if stop:
                process.send_signal(stop)
            process.send_signal(signal.SIGCONT)
            self.check_ends(process, how)
            self.assertEqual(contents(self.folder / how), before)
            run("verify", self.folder / how)

    def start_study(self, out):
        """A launcher and the process of its first trial, both held still once that trial is at work."""
        study = self.start("--config", self.config(tiny(training__epochs=LONG, sweep=RATES), name="long.json"), "--out",
                           self.folder / out, "--device", "cpu", "--jobs", "1", "--quiet")
        self.wait_for_epochs(study, 1, out)
        processes = [study.pid, *children(study.pid)]
        self.assertEqual(len(processes), 2)
        for process in processes:
            hold(process)
        return study, processes

    def test_a_study_whose_folder_was_taken_away(self):
        for how in ("move", "delete"):
            study, processes = self.start_study(how)
            self.take_away(how, how)
            for process in processes:
                os.kill(process, signal.SIGCONT)
            self.check_ends(study, how)
            self.assertFalse((self.folder / how).exists())
            self.assertFalse(any(map(lives, processes[1:])))

    def test_a_study_whose_folder_is_anothers_now(self):
        for how, stop in (("move", None), ("delete", signal.SIGTERM)):
            study, processes = self.start_study(how)
            self.take_away(how, how)
            self.train(how, "--quiet", config=tiny(training__epochs=1, sweep=RATES))
            before = contents(self.folder / how)
            if stop:
                study.send_signal(stop)
            for process in processes:
                os.kill(process, signal.SIGCONT)
            self.check_ends(study, how)
            self.assertEqual(contents(self.folder / how), before)
            run("verify", self.folder / how)


if __name__ == "__main__":
    main()
