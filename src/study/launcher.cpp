#include "study/launcher.h"

#include <algorithm>

#include "nnrun/error.h"
#include "nnrun/format.h"

namespace nnrun {
namespace {

/// Slurm's MaxArraySize is 1001 unless the administrator changed it.
constexpr int64_t kMostTasks = 1000;
/// Seconds before the time limit at which a trial is told to save and is queued again.
constexpr int64_t kSecondsToSave = 120;

std::string number(int64_t value) { return std::to_string(value); }

std::string command_line(const LaunchPlan& plan) {
  std::string line;
  for (const std::string& word : plan.command) line += (line.empty() ? "" : " ") + shell_word(word);
  return line;
}

/// Lines that set the program's environment. All its paths are absolute.
std::string surroundings(const LaunchPlan& plan) {
  std::string text = "cd /  # the folder where this was started may be gone\n";
  for (const auto& [name, value] : plan.environment)
    text += "export " + name + "=" + shell_word(value) + "\n";
  return text;
}

/// `sweep ARGUMENT…` becomes nnrun; `await PROCESS` waits for one in the background and hands
/// signals on to it, so that it saves before the script ends.
std::string functions(const LaunchPlan& plan) {
  return surroundings(plan) + "sweep() { exec " + command_line(plan) + R"( "$@"; }

stopped=
child=
stop() { stopped=$1; if [ -n "$child" ]; then kill -s TERM "$child" 2>/dev/null; fi; }
for signal in HUP INT TERM USR1; do trap "stop $signal" "$signal"; done
await() {
  child=$1
  if [ -n "$stopped" ]; then stop "$stopped"; fi  # it came before the number was known
  wait "$child"; ended=$?
  while kill -0 "$child" 2>/dev/null; do wait "$child"; ended=$?; done  # a signal ends only the wait
  child=
  return "$ended"
}
)";
}

/// `trial N` runs one trial.
constexpr const char* kTrialFunction = R"(trial() {
  if [ -n "$stopped" ]; then return 143; fi
  sweep --trial "$1" &
  await $!
}
)";

/// `leave CODE` ends a script that was stopped: the results so far are collected.
constexpr const char* kLeaveFunction = R"(leave() { (sweep --collect); exit "$1"; }
)";

std::string slurm_directives(const LaunchPlan& plan, int64_t tasks) {
  const std::string limit = plan.jobs ? "%" + number(*plan.jobs) : "";
  std::vector<std::string> directives{"job-name=" + plan.name,
                                      "array=0-" + number(tasks - 1) + limit,
                                      "ntasks=1",
                                      "cpus-per-task=" + number(plan.threads),
                                      "mem=" + number(plan.memory_mib) + "M",
                                      "requeue",
                                      "signal=B:USR1@" + number(kSecondsToSave),
                                      "open-mode=append",
                                      "output=" + plan.name + "-%A_%a.log"};
  if (plan.gpu) directives.emplace_back("gpus=1");
  std::string text;
  for (const std::string& directive : directives) text += "#SBATCH --" + directive + "\n";
  return text;
}

/// The part that queues both jobs; `sh` runs it, Slurm's tasks do not.
std::string slurm_submission(const LaunchPlan& plan) {
  return R"(
if [ -z "${SLURM_ARRAY_TASK_ID:-}" ]; then
  trials=$(sbatch --parsable "$@" "$0"); code=$?  # with --wait, that of the trials
  if [ -z "$trials" ]; then exit "$code"; fi
  trials=${trials%%;*}
  # the collecting job is one job: no array
  unset SBATCH_ARRAY_INX
  left=$#
  while [ "$left" -gt 0 ]; do
    case $1 in
      --ar*=*|-a?*) ;;
      --ar*|-a) shift; left=$((left - 1)) ;;
      *) set -- "$@" "$1" ;;
    esac
    shift; left=$((left - 1))
  done
  sbatch --parsable --ntasks=1 --mem=512M "$@" --job-name=)" +
         plan.name + "-collect --output=" + plan.name + R"(-%j.log \
    --dependency="afterany:$trials" > /dev/null <<'COLLECT' || exit
#!/bin/sh
)" + surroundings(plan) +
         "exec " + command_line(plan) + R"( --collect
COLLECT
  echo "queued the trials as job $trials, and a job that collects their results"
  exit
fi

)";
}

/// What a task does: its trials, of which failures are noted and a signal ends the loop, and into
/// the queue again when the time limit came first.
std::string slurm_task(const LaunchPlan& plan, int64_t per_task) {
  const std::string first = per_task == 1 ? "$SLURM_ARRAY_TASK_ID"
                                          : "$((SLURM_ARRAY_TASK_ID * " + number(per_task) + "))";
  const std::string last = per_task == 1 ? "$first" : "$((first + " + number(per_task - 1) + "))";
  return "folder=" + shell_word(plan.folder) + "\nfirst=" + first + "\nlast=" + last + R"(

# how many epochs the task's trials have behind them
epochs() {
  files=$(sweep --list | awk -v first="$first" -v last="$last" \
    'NR > 1 && $1 >= first && $1 <= last { print $2 "/metrics.csv" }')
  (cd "$folder" && cat /dev/null $files) 2>/dev/null | grep -c '^[0-9]'
}

before=$(epochs)
code=0
number=$first
while [ "$number" -le "$last" ] && [ "$number" -lt )" +
         number(plan.trials) + R"( ] && [ -z "$stopped" ]; do
  trial "$number" || code=$?
  number=$((number + 1))
done
if [ "$stopped" = USR1 ]; then
  now=$(epochs)
  if [ "$now" -gt "$before" ]; then
    scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"
  else
    echo "no epoch was finished within the time limit; queue it with a longer --time" >&2
  fi
fi
if [ -n "$stopped" ] && [ "$code" -eq 0 ] && [ "$number" -le "$last" ]; then code=143; fi
exit "$code"
)";
}

std::string slurm_script(const LaunchPlan& plan) {
  const int64_t per_task = (plan.trials + kMostTasks - 1) / kMostTasks;
  const int64_t tasks = (plan.trials + per_task - 1) / per_task;
  const std::string numbering = per_task == 1
                                    ? "Task I is trial I"
                                    : "Task I runs the " + number(per_task) +
                                          " trials from number " + number(per_task) + " * I on";
  return "#!/bin/sh\n# " + plan.name + ": " + counted(plan.trials, "trial") +
         R"( as a Slurm job array.
#
#   sh FILE [options of sbatch]       queues the trials, and behind them a job that collects their results
#   sbatch [options of sbatch] FILE   queues the trials alone
#
# The options are for both jobs, except --array (a part of the trials), --job-name and --output.
# )" + numbering +
         R"( of `nnrun sweep --list`. A trial that is preempted, requeued or out of time goes on
# from its last checkpoint; queued again, the script does what is missing. A trial saves )" +
         number(kSecondsToSave) + R"( seconds before the time
# limit: --time has to leave room for an epoch before that, or the trial is not queued again.
)" + slurm_directives(plan, tasks) +
         slurm_submission(plan) + functions(plan) + kTrialFunction + "\n" +
         slurm_task(plan, per_task);
}

std::string shell_script(const LaunchPlan& plan) {
  return "#!/bin/sh\n# " + plan.name + ": " + counted(plan.trials, "trial") +
         R"(, one after the other. Run again, it does what is missing.
)" + functions(plan) +
         kTrialFunction + kLeaveFunction + R"(
number=0
while [ "$number" -lt )" +
         number(plan.trials) + R"( ]; do
  trial "$number"; code=$?
  number=$((number + 1))
  case $code in 129|130|138|143) leave "$code" ;; esac
  if [ -n "$stopped" ]; then leave 143; fi
done
sweep --collect
)";
}

/// GNU parallel takes one command per line.
void check_for_line_breaks(const LaunchPlan& plan) {
  for (const std::string& word : plan.command) {
    if (word.find_first_of("\r\n") == std::string::npos) continue;
    throw ConfigError("--emit parallel: cannot carry a line break (got \"" + escaped(word) + "\")");
  }
}

std::string parallel_script(const LaunchPlan& plan) {
  check_for_line_breaks(plan);
  std::string script = "#!/bin/sh\n# " + plan.name + ": " + counted(plan.trials, "trial") +
                       R"( side by side with GNU parallel. Run again, it does what is missing.
)" + functions(plan) + kLeaveFunction +
                       "\nexport PARALLEL_SHELL=/bin/sh\n" +
                       "# a stopped trial gets the time to save\nparallel" +
                       (plan.jobs ? " --jobs " + number(*plan.jobs) : "") +
                       " --termseq TERM,10000,KILL,25 <<'TRIALS' &\n";
  for (int64_t trial = 0; trial < plan.trials; ++trial)
    script += command_line(plan) + " --trial " + number(trial) + "\n";
  return script + "TRIALS\nawait $!\nif [ -n \"$stopped\" ]; then leave 143; fi\nsweep --collect\n";
}

}  // namespace

std::string shell_word(const std::string& text) {
  const auto is_plain = [](char c) {
    const std::string others = "_-./:=,+@%";
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           others.find(c) != std::string::npos;
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain)) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string launch_script(Launcher launcher, const LaunchPlan& plan) {
  switch (launcher) {
    case Launcher::kSlurm:
      return slurm_script(plan);
    case Launcher::kParallel:
      return parallel_script(plan);
    case Launcher::kShell:
      return shell_script(plan);
  }
  return "";
}

}  // namespace nnrun
