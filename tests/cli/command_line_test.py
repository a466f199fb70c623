"""Options, help, exit codes and streams: everything that needs no training."""
import json
import os
import re
import subprocess
import time
import unittest

from nnrun_cli import CliTest, command, environment, main, run, tiny, tree

COMMANDS = ["describe", "data", "evaluate", "predict", "features", "verify", "sweep", "bench", "doctor"]


class Usage(CliTest):
    def test_no_arguments(self):
        done = run(code=2)
        self.assertIn("--config FILE", done.stderr)

    def test_help_of_everything(self):
        self.assertIn("usage:", run("--help").stdout)
        for name in COMMANDS:
            text = run(name, "--help").stdout
            self.assertIn(f"nnrun {name}", text)
            self.assertIn("examples:", text)

    def test_help_of_commands_on_runs(self):
        for name in ("evaluate", "predict", "features", "compare", "report", "verify"):
            self.assertIn("data folder (default: the one the run was made with)", run(name, "--help").stdout)
        self.assertIn("default runs/<name>", run("--help").stdout)
        self.assertIn("default: features/ in the run", run("features", "--help").stdout)
        self.assertIn("default report.html", run("report", "--help").stdout)

    def test_the_texts_of_options_are_aligned(self):
        for name in COMMANDS:
            lines = run(name, "--help").stdout.split("options:\n")[1].split("\n\n")[0].splitlines()
            starts = {re.match(r"  --[a-z-]+( [^ ]+)? +", line).end() for line in lines if len(line.split("  ")[1]) < 22}
            self.assertEqual(starts, {26}, name)

    def test_version(self):
        self.assertRegex(run("--version").stdout, r"^nnrun \d+\.\d+\.\d+( \(revision [0-9a-f]+(-dirty)?\))?\n$")


class WrongOptions(CliTest):
    def message(self, *arguments):
        return run(*arguments, code=2).stderr

    def test_descending_needs_a_column(self):
        self.assertEqual(self.message("table", "runs", "--descending"),
                         "nnrun: error: --descending: missing --sort (expected --sort COLUMN --descending)\n")

    def test_unknown_option(self):
        self.assertIn('--epoch: unknown option', self.message("--config", self.config(), "--epoch", "3"))
        self.assertIn('did you mean "--threads"?', self.message("--config", self.config(), "--thread", "3"))
        self.assertIn('did you mean "--quiet"?', self.message("--config", self.config(), "--quite"))

    def test_unknown_command(self):
        self.assertIn('evalute: unknown command; did you mean "evaluate"?', self.message("evalute", "run"))
        self.assertIn('did you mean "--config a.json"?', self.message("a.json"))
        self.assertIn('did you mean "--help"?', self.message("help"))

    def test_options_of_other_commands(self):
        self.assertIn("--epochs: unknown option", self.message("evaluate", "run", "--epochs", "3"))

    def test_values(self):
        config = self.config()
        for option, value in [("--threads", "0x10"), ("--threads", "0"), ("--threads", "1025"), ("--threads", "1.5"), ("--seed", "-1"),
                              ("--seed", "1e3"), ("--seed", " 1"), ("--jobs", ""), ("--repeats", "two"),
                              ("--device", "gpu"), ("--device", "cuda:"), ("--resume", "maybe"), ("--color", "red"),
                              ("--repeats-as", "kernels")]:
            with self.subTest(option=option, value=value):
                self.assertIn(f"nnrun: error: {option} ", self.message("--config", config, option, value))

    def test_missing_value(self):
        self.assertEqual(self.message("--config", self.config(), "--out"), "nnrun: error: --out: needs a value\n")
        self.assertEqual(self.message("--config"), "nnrun: error: --config: needs a value\n")

    def test_missing_value_beside_other_problems(self):
        config = self.config(tiny(training__epochs=0))
        errors = self.message("--config", config, "--threads", "x", "--out").splitlines()
        self.assertEqual([error.split(": ")[2] for error in errors[:2]], ["--threads x", "--out"], errors)
        self.assertIn("/training/epochs", errors[2])

    def test_suggested_values(self):
        config = self.config()
        self.assertIn('did you mean "never"?', self.message("--config", config, "--resume", "nver"))
        self.assertIn('did you mean "cpu"?', self.message("--config", config, "--device", "cpuu"))
        self.assertIn('expected one of auto, cpu, cuda, cuda:N); did you mean "cuda"?',
                      self.message("--config", config, "--device", "gpu"))

    def test_switches_take_no_value(self):
        for option in ("--quiet=1", "--dry-run=false", "--print-config=no"):
            self.assertEqual(self.message("--config", self.config(), option),
                             f"nnrun: error: {option}: takes no value\n")

    def test_what_was_typed_is_escaped_once(self):
        self.assertIn('nnrun: error: --threads a\\"b: ', self.message("--config", self.config(), "--threads", 'a"b'))
        error = json.loads(self.message("--config", self.config(), "--threads", 'a"b', "--errors", "json"))
        self.assertEqual(error["option"], '--threads a"b')

    def test_missing_and_surplus_arguments(self):
        self.assertIn("missing argument", self.message("evaluate"))
        self.assertIn("b: unexpected argument", self.message("evaluate", "a", "b"))
        self.assertIn("--config: missing option", self.message("describe"))
        self.assertEqual(self.message("--confg", "a.json").splitlines(),
                         ['nnrun: error: --confg: unknown option; did you mean "--config"?'])

    def test_overwrite_contradicts_must(self):
        self.assertIn("--resume must", self.message("--config", self.config(), "--overwrite", "--resume", "must"))

    def test_all_problems_in_one_go(self):
        config = self.config(tiny(training__epoch=3, optimizer__typ="sgd"))
        errors = self.message("--config", config, "--thread", "3", "--seed", "x").splitlines()
        self.assertEqual(len(errors), 4, errors)
        for options, expected in ((["--list", "--trial", "2"], ["sweep"]), ([], ["sweep"]),
                                  (["--emit", "slurm", "--overwrite", "--resume", "never"], ["--overwrite", "--resume"])):
            errors = self.message("sweep", "--config", config, *options).splitlines()
            self.assertEqual([error.split(": ")[2] for error in errors[:-2]], expected, errors)

    def test_a_bad_value_is_one_problem(self):
        for job, *value in (["--trial", "-1"], ["--trial", "x"], ["--trial"], ["--emit", "bash"], ["--list=1"], ["--lst"]):
            errors = self.message("sweep", "--config", self.config(), job, *value).splitlines()
            self.assertEqual(len(errors), 1, errors)
            self.assertIn(f"nnrun: error: {job}", errors[0])
        self.assertEqual(len(self.message("table", "runs", "--sort", "", "--descending").splitlines()), 1)

    def test_only_trials_train(self):
        for job in (["--list"], ["--collect"], ["--emit", "sh"]):
            options = ("--dry-run", "--print-config", "--overwrite", "--resume")
            errors = self.message("sweep", "--config", self.config(), *job, *options, "never").splitlines()
            self.assertEqual([error.partition("error: ")[2] for error in errors],
                             [f"{option}: cannot be used together with {job[0]}" for option in options])


class JsonErrors(CliTest):
    KEYS = ["file", "option", "line", "column", "pointer", "record", "byte", "message", "suggestion"]

    def test_wherever_it_stands(self):
        config = self.config(tiny(training__epochs=0))
        for arguments in (["--errors", "json", "--config", config], ["--config", config, "--errors=json"],
                          ["--errors", "json", "describe", "--config", config],
                          ["describe", "--config", config, "--errors", "json"]):
            error = json.loads(run(*arguments, code=2).stderr)
            self.assertEqual(sorted(error), sorted(self.KEYS))
            self.assertEqual(error["pointer"], "/training/epochs")
            self.assertIsNone(error["option"])

    def test_option_as_typed(self):
        error = json.loads(run("--errors", "json", "--config", self.config(), "--set", "training.epochs=-3", code=2).stderr)
        self.assertEqual(error["option"], "--set training.epochs=-3")


class Environment(CliTest):
    def test_missing_config_is_5(self):
        self.assertIn("nowhere.json", run("--config", "nowhere.json", code=5).stderr)
        run("--config", self.folder, code=5)

    def test_suggested_configs(self):
        (self.folder / "below").mkdir()
        (self.folder / "below/mine.json").write_text("{}")
        for typed, meant in [("partA_q1", "partA_q1.json"), ("./partA_q1.json", "partA_q1.json"),
                             ("../configs/partA_q1.json", "partA_q1.json"), ("as_run/partB_q3a_char_rnn", "as_run/partB_q3a_char_rnn.json"),
                             ("below/mina.json", "below/mine.json"), ("below/mine", "below/mine.json")]:
            self.assertEqual(run("--config", typed, code=5, cwd=self.folder).stderr,
                             f'nnrun: error: {typed}: no such config; did you mean "{meant}"?\n')

    def test_missing_parent_is_2(self):
        run("--config", self.config({"extends": "nowhere.json"}), code=2)

    def test_color(self):
        plain = run("--config", "nowhere.json", code=5).stderr
        self.assertNotIn("\033", plain)
        self.assertIn("\033[", run("--config", "nowhere.json", code=5, env=environment(CLICOLOR_FORCE="1")).stderr)
        both = environment(CLICOLOR_FORCE="1", NO_COLOR="1")
        self.assertNotIn("\033", run("--config", "nowhere.json", code=5, env=both).stderr)

    def test_color_of_wrong_options(self):
        for place in (["--color", "always", "--zz"], ["--zz", "--color=always"]):
            self.assertIn("\033[", run("--config", self.config(), *place, code=2).stderr)

    def test_lost_output_is_5(self):
        for redirection in (">&-", "> /dev/full"):
            done = subprocess.run(["sh", "-c", f'"$0" --help {redirection}', command()[0]], capture_output=True, text=True)
            self.assertEqual(done.returncode, 5, redirection)
            self.assertIn("standard output", done.stderr)

    def test_lost_reader(self):
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run(command("--help"), stdout=writer, stderr=subprocess.PIPE)
        os.close(writer)
        self.assertEqual(done.returncode, 5)


class UnusablePaths(CliTest):
    """Names that the file system refuses are faults of the environment, told with the path."""

    def check(self, path):
        config = self.config()
        for arguments in (["table", path], ["report", path], ["compare", path, path], ["verify", path], ["evaluate", path],
                          ["predict", path, "--text", "a"], ["features", path], ["--config", path], ["describe", "--config", path],
                          ["bench", "--config", path], ["data", "--config", path, "--split", "test"],
                          ["sweep", "--config", path, "--list"], ["--config", config, "--out", path],
                          ["--config", config, "--out", path, "--repeats", "2"],
                          ["--config", config, "--set", f"model.init_from={path}"],
                          ["--config", "partA_q1.json", "--data-dir", path],
                          ["data", "--config", config, "--split", "test", "--dump", path]):
            with self.subTest(arguments=arguments):
                self.assertIn(f"nnrun: error: {path}", run(*arguments, code=5, cwd=self.folder).stderr)

    def test_too_long_a_name(self):
        self.check(self.folder / ("x" * 300))
        self.check(self.folder / ("x" * 300) / "below")

    @unittest.skipIf(os.geteuid() == 0, "root may search every folder")
    def test_a_folder_that_may_not_be_searched(self):
        closed = self.folder / "closed"
        closed.mkdir(mode=0o600)
        self.check(closed / "below")

    def test_a_working_directory_that_is_gone(self):
        script = 'mkdir "$1/gone" && cd "$1/gone" && rmdir "$1/gone" && shift && exec "$@"'
        for option, value, told in (("--data-dir", "data", "data:"), ("--set", "seed=1", "the working directory")):
            arguments = command("describe", "--config", self.config(), option, value)
            done = subprocess.run(["sh", "-c", script, "sh", self.folder, *arguments], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout, done.stderr),
                             (5, "", f"nnrun: error: {told} cannot be used (No such file or directory)\n"))


class PrintConfig(CliTest):
    def test_reads_back_as_the_same(self):
        first = run("--config", self.config(), "--set", "training.epochs=9", "--seed", "11", "--print-config").stdout
        again = self.folder / "again.json"
        again.write_text(first)
        self.assertEqual(run("--config", again, "--print-config").stdout, first)
        resolved = json.loads(first)
        self.assertEqual((resolved["training"]["epochs"], resolved["seed"], resolved["name"]), (9, 11, "tiny"))

    def test_checks_shapes(self):
        config = tiny()
        config["model"]["layers"][0]["kernel"] = 9
        error = run("--config", self.config(config), "--print-config", code=2).stderr
        self.assertIn("/model/layers/0", error)

    def test_writes_nothing(self):
        path = self.config()
        before = tree(self.folder)
        run("--config", path, "--print-config", cwd=self.folder)
        self.assertEqual(tree(self.folder), before)

    def test_starts_fast_and_without_libtorch(self):
        config = self.config()
        for arguments in (["--help"], ["--config", config, "--print-config"], ["describe", "--config", config]):
            loaded = run(*arguments, env=environment(LD_DEBUG="files")).stderr
            self.assertIn("libnnrun_base", loaded)
            self.assertNotIn("libtorch", loaded)
            times = []
            for _ in range(10):
                start = time.monotonic()
                run(*arguments)
                times.append(time.monotonic() - start)
            self.assertLess(min(times), 0.05, arguments)


if __name__ == "__main__":
    main(needs_engine=False)
