#include "model/guarded_session.h"

#include <torch/torch.h>

#include <algorithm>
#include <future>
#include <iterator>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "nnrun/error.h"

namespace nnrun {
namespace {

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// LibTorch has no type of its own for errors of the driver and its libraries (cuBLAS's begin with
/// "CUDA error", too). A convolution finds no engine when none has room for its work space.
bool is_device_problem(const std::string& message) {
  constexpr const char* kSigns[] = {"CUDA error", "CUDA driver error", "cuDNN error", "CUDNN_",
                                    "unable to find an engine"};
  return std::any_of(std::begin(kSigns), std::end(kSigns),
                     [&](const char* sign) { return message.find(sign) != std::string::npos; });
}

/// In the text of a failed allocation on the host, which has no type of its own either.
constexpr const char* kNoHostMemory = "can't allocate memory";

/// "…: can't allocate memory: you tried to allocate 12 bytes. Error code 12 (…)" in few words.
std::string host_memory_text(const std::string& line) {
  const std::string before = "tried to allocate ", after = " bytes";
  const size_t at = line.find(before), end = line.find(after, at);
  if (at == std::string::npos || end == std::string::npos) return "out of memory";
  const size_t number = at + before.size();
  return "out of memory: cannot allocate " + line.substr(number, end - number) + after;
}

/// Starts as many threads as a parallel loop has beside its own, and ends them. OpenMP, which keeps
/// them, ends the process where there are too few.
void try_threads(int count) try {
  std::vector<std::jthread> threads;  // joined when `end` is gone
  std::promise<void> end;
  const auto ended = end.get_future().share();
  for (int i = 1; i < count; ++i) threads.emplace_back([ended] { ended.wait(); });
} catch (const std::system_error& error) {
  throw EnvironmentError("cannot start " + std::to_string(count) + " threads (" +
                         error.code().message() + "); --threads N asks for fewer");
}

/// Thread count of the calling thread's parallel loops, and no denormal numbers in any of them: the
/// mode belongs to each thread, which keeps the one it was started with.
class NumericScope {
 public:
  explicit NumericScope(int threads) {
    thread_local int tried = 1;
    if (threads > tried) try_threads(threads);
    tried = std::max(tried, threads);
    if (at::get_num_threads() != threads) at::set_num_threads(threads);
#pragma omp parallel num_threads(threads)
    at::globalContext().setFlushDenormal(true);
  }
  ~NumericScope() { at::globalContext().setFlushDenormal(false); }
  NumericScope(const NumericScope&) = delete;
  NumericScope& operator=(const NumericScope&) = delete;
};

class GuardedSession final : public Session {
 public:
  GuardedSession(std::unique_ptr<Session> session, SessionPlace place)
      : place_(std::move(place)), session_(std::move(session)) {}
  ~GuardedSession() override { place_.settle(); }

  std::optional<Sums> train_epoch(int64_t epoch, double learning_rate) override {
    return call([&] { return session_->train_epoch(epoch, learning_rate); });
  }
  std::optional<Sums> evaluate(Split split, int64_t epoch) override {
    return call([&] { return session_->evaluate(split, epoch); });
  }
  void mark(Mark mark) override {
    call([&] { return session_->mark(mark), true; });
  }
  Tensors state(Mark mark) override {
    return call([&] { return session_->state(mark); });
  }
  void restore(const Tensors& tensors, int64_t updates) override {
    call([&] { return session_->restore(tensors, updates), true; });
  }
  std::vector<float> predict(const Examples& examples, int64_t epoch) override {
    return call([&] { return session_->predict(examples, epoch); },
                &SessionPlace::enter_unrecorded);
  }
  std::vector<LayerOutput> activations(const Examples& examples,
                                       const std::vector<std::string>& layers) override {
    return call([&] { return session_->activations(examples, layers); },
                &SessionPlace::enter_unrecorded);
  }
  PhaseTimes profile(int64_t steps) override {
    return call([&] { return session_->profile(steps); });
  }

 private:
  using Enter = void (SessionPlace::*)(const std::function<void()>& work) const;
  template <typename Work>
  std::invoke_result_t<Work> call(const Work& work, Enter enter = &SessionPlace::enter) {
    std::invoke_result_t<Work> result{};
    translating_errors([&] { (place_.*enter)([&] { result = work(); }); });
    return result;
  }

  SessionPlace place_;  // outlives the session
  std::unique_ptr<Session> session_;
};

}  // namespace

void translating_errors(const std::function<void()>& work) {
  try {
    work();
  } catch (const c10::OutOfMemoryError& error) {
    throw DeviceError("out of memory: " + first_line(error.what_without_backtrace()));
  } catch (const std::bad_alloc&) {
    throw DeviceError("out of memory");
  } catch (const c10::Error& error) {
    const std::string line = first_line(error.what_without_backtrace());
    if (line.find(kNoHostMemory) != std::string::npos) throw DeviceError(host_memory_text(line));
    if (is_device_problem(line)) throw DeviceError(line);
    throw Error(ExitCode::kBug, "LibTorch: " + line);
  } catch (const Error&) {
    throw;
  } catch (const std::runtime_error& error) {  // cuDNN's own front end throws it
    const std::string line = first_line(error.what());
    if (is_device_problem(line)) throw DeviceError(line);
    throw;
  }
}

void SessionPlace::enter(const std::function<void()>& work) const {
  const NumericScope scope(threads);
  if (gpu) {
    gpu->on_stream(work);
  } else {
    work();
  }
}

void SessionPlace::enter_unrecorded(const std::function<void()>& work) const {
  enter([&] { gpu ? gpu->warm_up(work) : work(); });
}

void SessionPlace::settle() const {
  if (!gpu) return;
  try {
    gpu->wait();
  } catch (const c10::Error&) {  // a lost device has no work left
  }
}

std::unique_ptr<Session> guarded(std::unique_ptr<Session> session, SessionPlace place) {
  return std::make_unique<GuardedSession>(std::move(session), std::move(place));
}

}  // namespace nnrun
