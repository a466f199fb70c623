#include "study/worker_pool.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <sstream>
#include <utility>

#include "nnrun/error.h"
#include "nnrun/files.h"
#include "nnrun/log.h"
#include "nnrun/stop.h"
#include "study/worker.h"

namespace nnrun {
namespace {

constexpr int kNoRoom = static_cast<int>(ExitCode::kDevice);

/// Read end, write end; neither outlives an exec.
std::pair<Descriptor, Descriptor> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw EnvironmentError("cannot start a worker: no more open files");
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

/// A reader that is gone shows itself at the other pipe's end.
void write_all(const Descriptor& to, const std::string& text) {
  for (size_t written = 0; written < text.size();) {
    const ssize_t count = ::write(to.get(), text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return;
    written += static_cast<size_t>(count);
  }
}

}  // namespace

WorkerPool::WorkerPool(Commands commands, int64_t jobs)
    : commands_(std::move(commands)),
      jobs_(static_cast<size_t>(jobs)),
      alone_(commands_.alone, /*jobs=*/1) {}

WorkerPool::~WorkerPool() {
  if (worker_ == 0) return;
  if (!running_.empty()) ::kill(worker_, SIGKILL);  // an error ends the study
  dismiss();
}

bool WorkerPool::accepts(const Task& task) const {
  if (!again_.empty() || alone_.alive() > 0) return false;
  const bool gathers = awaited_.members > 0;
  if (gathers && task.membership.company != awaited_.company) return false;
  const size_t places = gathers ? 1 : task.membership.members;  // the first one's company follows
  if (running_.size() + places > jobs_) return false;
  return running_.empty() || (!spent_ && task.setting == setting_);
}

void WorkerPool::start(size_t id, const Task& task) {
  if (worker_ != 0 && (spent_ || task.setting != setting_)) dismiss();
  if (worker_ == 0) hire(task.setting);
  if (awaited_.members == 0) awaited_ = task.membership;
  --awaited_.members;
  running_[id] = task;
  write_all(to_worker_, to_message(id, task));
}

void WorkerPool::hire(const std::string& setting) {
  auto [input, to_worker] = make_pipe();
  auto [from_worker, output] = make_pipe();
  ::fcntl(from_worker.get(), F_SETFL, O_NONBLOCK);
  worker_ = start_child(commands_.worker, input.get(), output.get());
  to_worker_ = std::move(to_worker);
  from_worker_ = std::move(from_worker);
  setting_ = setting;
  spent_ = false;
}

int WorkerPool::dismiss() {
  to_worker_.close();
  from_worker_.close();
  partial_.clear();
  return wait_for_child(std::exchange(worker_, 0));
}

std::optional<TaskPool::Ended> WorkerPool::poll() {
  if (const auto ended = alone_.poll()) return ended;
  receive();
  if (running_.empty() && alone_.alive() == 0 && !again_.empty()) run_next_alone();
  if (ended_.empty()) return std::nullopt;
  const Ended ended = ended_.front();
  ended_.pop_front();
  return ended;
}

void WorkerPool::run_next_alone() {
  if (worker_ != 0) dismiss();  // with all that it holds on the device
  const Again next = std::move(again_.front());
  again_.pop_front();
  log_info(next.task.folder.string() + ": exit code " + std::to_string(next.code) +
           " beside others; once more, alone");
  alone_.start(next.id, next.task);
}

void WorkerPool::receive() {
  if (worker_ == 0 || read_reports()) return;
  const int code = dismiss();
  for (const auto& [id, task] : std::map(running_)) end(id, code, /*blameless=*/true);
}

bool WorkerPool::read_reports() {
  std::array<char, 4096> buffer{};
  ssize_t count = 0;
  while ((count = ::read(from_worker_.get(), buffer.data(), buffer.size())) > 0)
    partial_.append(buffer.data(), static_cast<size_t>(count));
  const bool gone = count == 0 || (errno != EAGAIN && errno != EINTR);
  const size_t whole = partial_.rfind('\n') + 1;  // 0: no line has ended
  std::istringstream reports(partial_.substr(0, whole));
  partial_.erase(0, whole);
  size_t id = 0;
  for (int code = 0; reports >> id >> code;) end(id, code, code == kNoRoom);
  return !gone;
}

/// `blameless`: the task itself may be all right. Of a worker that somebody else stops, too, those
/// are that have nothing saved.
void WorkerPool::end(size_t id, int code, bool blameless) {
  auto found = running_.extract(id);
  if (found.empty()) return;  // no report: something else that was printed
  Task& task = found.mapped();
  // Its company has ended with it: who has still to come is not waited for.
  if (task.membership.company == awaited_.company) awaited_.members = 0;
  const bool pauses = code == 128 + SIGUSR1;  // where it was told to
  if (is_stop_code(code) && !pauses && !stopping_) {
    spent_ = true;
    blameless = blameless || !is_there(task.folder / "last.nnr");
  }
  if (!blameless || stopping_) {
    ended_.push_back({id, code});
    return;
  }
  spent_ = true;
  again_.push_back({id, code, std::move(task)});
}

void WorkerPool::stop() {
  stopping_ = true;
  for (const Again& task : again_) ended_.push_back({task.id, task.code});
  again_.clear();
  alone_.stop();
  if (worker_ != 0) ::kill(worker_, SIGTERM);  // not SIGINT, as in ProcessPool
}

size_t WorkerPool::alive() const {
  return running_.size() + again_.size() + alone_.alive() + ended_.size();
}

}  // namespace nnrun
