// Launcher scripts as a POSIX shell reads them.
#include "study/launcher.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>

#include "base/temp_folder.h"
#include "nnrun/error.h"
#include "nnrun/files.h"

namespace nnrun {
namespace {

std::string output_of(const std::string& command) {
  std::string text;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  std::array<char, 4096> part{};
  while (const size_t count = std::fread(part.data(), 1, part.size(), pipe))
    text.append(part.data(), count);
  ::pclose(pipe);
  return text;
}

LaunchPlan plan_of(std::vector<std::string> command, int64_t trials) {
  LaunchPlan plan;
  plan.name = "study";
  plan.command = std::move(command);
  plan.trials = trials;
  return plan;
}

const std::vector<std::string> kAwkward{"plain",      "two words", "it's",    "\"$HOME\" `date` \\",
                                        "",           "*",         "a;b&c|d", "{} {1} {#}",
                                        "line\nbreak"};

class LauncherTest : public ::testing::Test {
 protected:
  /// What `script`, run by `shell`, prints.
  std::string run(const std::string& script, const std::string& shell = "sh") {
    const auto file = folder_.path() / "script.sh";
    replace_file(file, script, Sync::kNone);
    return output_of(shell + " " + file.string() + " 2>&1");
  }

  TempFolder folder_;
};

TEST_F(LauncherTest, WordsComeThroughTheShellAsTheyAre) {
  std::string line = "printf '<%s>'", expected;
  for (const std::string& word : kAwkward) {
    line += " " + shell_word(word);
    expected += "<" + word + ">";
  }
  EXPECT_EQ(run(line), expected);
}

TEST_F(LauncherTest, AShellScriptRunsAllTrialsAndCollects) {
  const LaunchPlan plan = plan_of({"/usr/bin/printf", "<%s> "}, 3);
  EXPECT_EQ(run(launch_script(Launcher::kShell, plan)),
            "<--trial> <0> <--trial> <1> <--trial> <2> <--collect> ");
}

TEST_F(LauncherTest, ScriptsNeedNoWorkingDirectory) {
  const std::string gone = "mkdir gone && cd gone && rmdir ../gone && ";
  for (const Launcher launcher : {Launcher::kShell, Launcher::kSlurm}) {
    const LaunchPlan plan = plan_of({"/bin/sh", "-c", "pwd -P", "x"}, 1);
    const std::string text =
        run(launch_script(launcher, plan),
            "cd " + folder_.path().string() + " && " + gone + "SLURM_ARRAY_TASK_ID=0 sh 2>&1");
    EXPECT_TRUE(text.ends_with("\n/\n") || text == "/\n") << text;
  }
}

TEST_F(LauncherTest, AFailedTrialDoesNotStopTheOthersAndASignalDoes) {
  const std::string fails = "if [ \"$2\" = 1 ]; then exit 4; fi; echo \"$*\"";
  EXPECT_EQ(run(launch_script(Launcher::kShell, plan_of({"/bin/sh", "-c", fails, "x"}, 3))),
            "--trial 0\n--trial 2\n--collect\n");
  const std::string stopped = "echo \"$*\"; if [ \"$2\" = 1 ]; then exit 130; fi";
  EXPECT_EQ(run(launch_script(Launcher::kShell, plan_of({"/bin/sh", "-c", stopped, "x"}, 3))),
            "--trial 0\n--trial 1\n--collect\n");
}

TEST_F(LauncherTest, ASlurmTaskRunsItsTrial) {
  LaunchPlan plan = plan_of({"/usr/bin/printf", "<%s> "}, 25);
  plan.threads = 3;
  plan.memory_mib = 768;
  plan.jobs = 4;
  const std::string script = launch_script(Launcher::kSlurm, plan);
  for (const char* line :
       {"#SBATCH --array=0-24%4\n", "#SBATCH --cpus-per-task=3\n", "#SBATCH --mem=768M\n",
        "#SBATCH --requeue\n", "#SBATCH --signal=B:USR1@", "--dependency=\"afterany:"})
    EXPECT_NE(script.find(line), std::string::npos) << line;
  EXPECT_EQ(run(script, "SLURM_ARRAY_TASK_ID=7 sh"), "<--trial> <7> ");
}

TEST_F(LauncherTest, LongSweepsStayBelowSlurmsArrayLimit) {
  const std::string script =
      launch_script(Launcher::kSlurm, plan_of({"/usr/bin/printf", "<%s> "}, 2501));
  EXPECT_NE(script.find("#SBATCH --array=0-833\n"), std::string::npos);  // 834 tasks of 3 trials
  EXPECT_EQ(run(script, "SLURM_ARRAY_TASK_ID=1 sh"), "<--trial> <3> <--trial> <4> <--trial> <5> ");
  EXPECT_EQ(run(script, "SLURM_ARRAY_TASK_ID=833 sh"), "<--trial> <2499> <--trial> <2500> ");
}

TEST_F(LauncherTest, ATaskOfSeveralTrialsFailsWhenOneDid) {
  const std::string fails = "if [ \"$2\" = 4 ]; then exit 5; fi; echo \"$*\"";
  const std::string script =
      launch_script(Launcher::kSlurm, plan_of({"/bin/sh", "-c", fails, "x"}, 2501));
  EXPECT_EQ(run(script, "SLURM_ARRAY_TASK_ID=1 sh"), "--trial 3\n--trial 5\n");
  EXPECT_EQ(run(script, "code() { SLURM_ARRAY_TASK_ID=1 sh \"$1\" > /dev/null; echo $?; }; code"),
            "5\n");
}

TEST_F(LauncherTest, SignalsReachTheTrialWhichMaySaveBeforeTheTaskIsQueuedAgain) {
  const std::string list =
      "if [ \"$1\" = --list ]; then printf 'trial folder\\n 2 t-2\\n'; exit; fi; ";
  const std::string saves =
      "trap 'echo saved; $EPOCH; exit 143' TERM; kill -s USR1 $PPID; "
      "while :; do sleep 0.05; done";
  LaunchPlan plan = plan_of({"/bin/sh", "-c", list + saves, "x"}, 5);
  plan.folder = folder_ / "it's out";
  const std::string script = launch_script(Launcher::kSlurm, plan);
  replace_file(folder_ / "scontrol", "#!/bin/sh\necho \"scontrol $*\"\n", Sync::kNone);
  replace_file(
      folder_ / "epoch",
      "#!/bin/sh\ncd \"${0%/*}/it's out\" && mkdir -p t-2 && echo 0,1 >> t-2/metrics.csv\n",
      Sync::kNone);
  std::filesystem::create_directory(plan.folder);
  for (const char* program : {"scontrol", "epoch"})
    std::filesystem::permissions(folder_ / program, std::filesystem::perms::owner_all);
  const std::string task = "PATH=" + folder_.path().string() +
                           ":$PATH SLURM_ARRAY_JOB_ID=12 SLURM_ARRAY_TASK_ID=2 EPOCH=";
  EXPECT_EQ(run(script, task + "epoch sh"), "saved\nscontrol requeue 12_2\n");
  EXPECT_EQ(run(script, task + "epoch sh"), "saved\nscontrol requeue 12_2\n");
  EXPECT_EQ(run(script, task + "true sh"),
            "saved\nno epoch was finished within the time limit; queue it with a longer --time\n");
}

TEST_F(LauncherTest, ParallelTakesOneLinePerTrial) {
  const std::string script = launch_script(Launcher::kParallel, plan_of({"/bin/x y", "a'b"}, 2));
  EXPECT_NE(script.find("'/bin/x y' 'a'\\''b' --trial 0\n'/bin/x y' 'a'\\''b' --trial 1\nTRIALS\n"),
            std::string::npos);
  EXPECT_THROW(launch_script(Launcher::kParallel, plan_of({"x", "a\nb"}, 2)), ConfigError);
}

}  // namespace
}  // namespace nnrun
