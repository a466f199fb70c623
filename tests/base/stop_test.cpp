#include "nnrun/stop.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

namespace nnrun {
namespace {

/// Raises the signals in order in a process of their own, which ends with the flag as its exit
/// code.
[[noreturn]] void flag_after(std::initializer_list<int> signals) {
  install_stop_signals();
  defer_stop_signals();
  for (const int signal : signals) raise(signal);
  _exit(stop_signal());
}

TEST(StopTest, TheFirstSignalCounts) {
  EXPECT_EXIT(flag_after({}), testing::ExitedWithCode(0), "");
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGHUP}) {
    EXPECT_EXIT(flag_after({signal}), testing::ExitedWithCode(signal), "");
  }
  EXPECT_EXIT(flag_after({SIGTERM, SIGTERM, SIGINT, SIGHUP}), testing::ExitedWithCode(SIGTERM), "");
}

TEST(StopTest, ExitsAtOnceWhileThereIsNothingToSave) {
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGHUP}) {
    EXPECT_EXIT((install_stop_signals(), raise(signal), _exit(0)),
                testing::ExitedWithCode(128 + signal), "");
  }
}

TEST(StopTest, ASecondInterruptLeavesAtOnce) {
  EXPECT_EXIT(flag_after({SIGINT, SIGTERM, SIGINT}), testing::ExitedWithCode(130), "");
}

TEST(StopTest, AnInheritedIgnoredHangupStaysIgnored) {
  EXPECT_EXIT((std::signal(SIGHUP, SIG_IGN), flag_after({SIGHUP})), testing::ExitedWithCode(0), "");
}

TEST(StopTest, ClosedPipesAndSizeLimitsAreNoSignals) {
  EXPECT_EXIT((ignore_closed_pipes(), flag_after({SIGPIPE, SIGXFSZ})), testing::ExitedWithCode(0),
              "");
}

TEST(StopTest, CanBeRequestedByHand) {
  request_stop(SIGUSR1);
  EXPECT_EQ(stop_signal(), SIGUSR1);
  request_stop(0);
  EXPECT_EQ(stop_signal(), 0);
}

}  // namespace
}  // namespace nnrun
