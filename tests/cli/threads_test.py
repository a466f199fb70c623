"""Trials as threads of one process, the way of a GPU, on the CPU: the numbers of trials in processes, whatever happens."""
import os
import shutil
import signal

import sweep_test
from commands_test import TEXT
from nnrun_cli import CliTest, children, diverging, lives, locked, main, run, summary, tiny
from part_b_test import write_texts
from sweep_test import SWEEP, check_same_studies, sweep, table

THREADS = ("--jobs-as", "threads")
TOGETHER = (*THREADS, "--repeats-as", "launches")


class Threads(CliTest):
    def study(self, out, *arguments, config=None, code=0):
        return self.train(out, "--quiet", *arguments, config=sweep() if config is None else config, code=code)

    def check_same(self, one, other):
        check_same_studies(self, self.folder / one, self.folder / other)

    def test_same_bytes_for_any_number_of_threads(self):
        self.study("processes", "--jobs", "2")
        for jobs in ("1", "4"):
            self.study(jobs, *THREADS, "--jobs", jobs)
            self.check_same("processes", jobs)
            run("verify", self.folder / jobs)

    def test_each_seed_s_own_data(self):
        config = sweep(repeats=3, data__validation_fraction=0.2)
        self.study("processes", config=config)
        self.study("threads", *THREADS, "--jobs", "4", config=config)
        self.check_same("processes", "threads")

    def test_several_threads_each(self):
        self.study("processes", "--jobs", "1", "--threads", "2")
        self.study("threads", *THREADS, "--jobs", "3", "--threads", "2")
        self.check_same("processes", "threads")

    def test_switches_of_a_process_are_not_shared(self):
        config = tiny(training__epochs=2, sweep={"method": "grid", "parameters": {
            "training.deterministic": {"values": [True, False]}, "model.layers.C1.filters": {"values": [2, 3]}}})
        self.study("processes", config=config)
        self.study("threads", *THREADS, "--jobs", "4", config=config)
        self.check_same("processes", "threads")

    def test_early_termination(self):
        self.study("processes", config=sweep_test.EarlyTermination.CONFIG)
        self.study("threads", *THREADS, "--jobs", "4", config=sweep_test.EarlyTermination.CONFIG)
        self.check_same("processes", "threads")

    def test_a_bad_trial_harms_no_other(self):
        config = diverging(training__epochs=2, sweep={"method": "grid", "parameters": {
            "optimizer.learning_rate": {"values": [0.01, 2e9, 0.02, 0.03]}}})
        self.study("processes", config=config, code=8)
        damaged = self.folder / "threads/trial-0003/seed-5/config.json"
        self.study("threads", *THREADS, "--jobs", "4", config=config, code=8)
        self.check_same("processes", "threads")
        good = damaged.read_text()
        damaged.write_text(good.replace("0.03", "0.04"))
        error = self.study("threads", *THREADS, "--jobs", "4", config=config, code=8).stderr
        self.assertEqual([row["status"] for row in table(self.folder / "threads")], ["done", "diverged", "done", "failed"])
        self.assertIn(f"nnrun: error: {damaged}: ", error)

    def test_a_log_for_each_run(self):
        self.study("threads", *THREADS, "--jobs", "4")
        for trial in range(4):
            lines = (self.folder / f"threads/trial-{trial:04}/seed-5/log.jsonl").read_text().splitlines()
            self.assertEqual(len(lines), 1, lines)


class Together(CliTest):
    """Repeats of one text trial as companies."""
    CONFIG = dict(TEXT, repeats=3, data={"type": "text_csv", "classes": 15, "max_length": 12},
                  sweep={"method": "grid", "parameters": {"model.layers.G.units": {"values": [3, 5]}}},
                  model={"layers": [*TEXT["model"]["layers"][:-1], {"name": "F", "type": "dense", "units": 15}]})

    check_same = Threads.check_same

    def setUp(self):
        super().setUp()
        write_texts(self.folder / "text/train_medium.csv", per_class=8, seed=1)
        write_texts(self.folder / "text/test_medium.csv", per_class=2, seed=2)

    def study(self, out, *arguments):
        return self.train(out, "--quiet", "--data-dir", self.folder, *arguments, config=self.CONFIG)

    def test_same_bytes_for_fewer_as_many_and_more_jobs_than_repeats(self):
        self.study("processes")
        for jobs in ("1", "2", "3", "4", "7"):
            self.study(jobs, *TOGETHER, "--jobs", jobs)
            self.check_same("processes", jobs)
            run("verify", self.folder / jobs)

    def test_some_runs_are_done_already(self):
        self.study("processes")
        shutil.copytree(self.folder / "processes", self.folder / "again")
        for run_folder in ("trial-0000/seed-1", "trial-0001/seed-0", "trial-0001/seed-2"):
            shutil.rmtree(self.folder / "again" / run_folder)
        self.study("again", *TOGETHER, "--jobs", "3")
        self.check_same("processes", "again")

    def test_early_termination(self):
        rungs = '{"type": "hyperband", "min_iter": 1, "eta": 2}'
        early = ("--set", "training.epochs=4", "--set", f"sweep.early_terminate={rungs}")
        self.study("processes", *early)
        self.study("threads", *TOGETHER, *early, "--jobs", "4")
        self.check_same("processes", "threads")

    def test_a_run_that_another_process_holds(self):
        self.study("processes")
        shutil.copytree(self.folder / "processes", self.folder / "study")
        held = self.folder / "study/trial-0000/seed-1"
        shutil.rmtree(held.parent)
        held.mkdir(parents=True)
        with locked(held):
            process = self.start("--config", self.config(self.CONFIG), "--data-dir", self.folder, "--out",
                                 self.folder / "study", "--device", "cpu", "--quiet", *TOGETHER, "--jobs", "3")
            self.wait_until("its company", (held.parent / "seed-2/DONE").exists)
        errors = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 0, errors)
        self.check_same("processes", "study")


class Interrupted(CliTest):
    CONFIG = dict(tiny(training__epochs=400, training__checkpoint_every=5, repeats=1), sweep=SWEEP)
    del CONFIG["optimizer"]["learning_rate"]
    TRIALS = [f"trial-{trial:04}/seed-5" for trial in range(4)]
    HOW = THREADS

    check_same = Threads.check_same

    def start_study(self, out="study"):
        return self.start("--config", self.config(self.CONFIG), "--out", self.folder / out, "--device", "cpu",
                          *self.HOW, "--jobs", "3", "--quiet", start_new_session=True)

    def finish(self, out="study"):
        process = self.start_study(out)
        errors = process.communicate(timeout=300)[1]
        self.assertEqual(process.returncode, 0, errors)

    def worker(self, process):
        workers = children(process.pid)
        self.assertEqual(len(workers), 1, "three trials side by side are one process")
        return workers[0]

    def trials(self):
        return [self.folder / "study" / trial for trial in self.TRIALS]

    def wait_for_three(self, process):
        at_work = lambda: sum((trial / "lock").exists() and (trial / "last.nnr").exists() for trial in self.trials())
        self.wait_until("three trials", lambda: at_work() >= 3 or process.poll() is not None)
        self.assertIsNone(process.poll(), "ended before it could be disturbed")

    def disturbed(self, victim, number):
        process = self.start_study()
        self.wait_for_three(process)
        os.kill(self.worker(process) if victim == "worker" else process.pid, number)
        process.communicate(timeout=300)
        return process.returncode

    def check_end(self):
        self.finish()
        self.finish("straight")
        self.check_same("study", "straight")
        run("verify", self.folder / "study")

    def test_a_killed_worker_is_replaced(self):
        self.assertEqual(self.disturbed("worker", signal.SIGKILL), 0)
        self.check_end()

    def test_a_worker_that_somebody_else_stops_is_replaced(self):
        self.assertEqual(self.disturbed("worker", signal.SIGTERM), 8)
        statuses = [summary(trial)["status"] for trial in self.trials()]
        self.assertEqual(statuses.count("stopped"), 3, statuses)
        self.assertEqual(statuses[3], "done")
        self.check_end()

    def test_a_killed_parent_takes_the_worker_along(self):
        process = self.start_study()
        self.wait_for_three(process)
        worker = self.worker(process)
        self.kill(process)
        self.wait_until("the worker does not outlive its parent", lambda: not lives(worker), seconds=5)
        self.check_end()

    def test_a_stop_saves_every_trial(self):
        for number in (signal.SIGTERM, signal.SIGUSR1):
            self.assertEqual(self.disturbed("parent", number), 128 + number)
            self.assertEqual(summary(self.folder / "study")["status"], "stopped")
            begun = [trial for trial in self.trials() if (trial / "summary.json").exists()]
            self.assertGreaterEqual(len(begun), 3)
            for trial in begun:
                self.assertIn(summary(trial)["status"], ("stopped", "done"))
                self.assertTrue((trial / "last.nnr").exists())
                self.assertFalse((trial / "lock").exists())
                run("verify", trial)
        self.check_end()

    def test_ctrl_c_on_a_terminal(self):
        """It goes to all processes of the group at once."""
        process = self.start_study()
        self.wait_for_three(process)
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=30)
        self.assertEqual(process.returncode, 130)
        self.assertEqual(summary(self.folder / "study")["status"], "stopped")
        self.check_end()


class InterruptedTogether(Interrupted):
    """Three repeats as a company; the fourth has none."""
    CONFIG = dict(TEXT, repeats=4, training={"epochs": 400, "checkpoint_every": 5})
    TRIALS = [f"seed-{seed}" for seed in range(4)]
    HOW = TOGETHER


if __name__ == "__main__":
    main()
