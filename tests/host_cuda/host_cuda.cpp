#include "host_cuda/host_cuda.h"

#include <cuda_pipeline_primitives.h>
#include <cuda_runtime_api.h>
#include <ucontext.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <memory>
#include <stdexcept>
#include <vector>

namespace {

constexpr unsigned kWarp = 32, kLargestBlock = 1024, kLargestSide = 65535;
constexpr size_t kStack = size_t{256} << 10;

thread_local bool last_first = false;
thread_local int64_t launch_count = 0;

enum class State { kReady, kWaitsForWarp, kWaitsForBlock, kDone };

struct Copy {
  void* to;
  std::array<std::byte, 16> bytes;
  size_t size;
};

/// Copies that a thread has started, in groups; the last one is still open.
class Pipeline {
 public:
  void start(void* to, const void* from, size_t size) {
    const auto places = reinterpret_cast<uintptr_t>(to) | reinterpret_cast<uintptr_t>(from);
    if ((size != 4 && size != 8 && size != 16) || places % size != 0) {
      throw std::logic_error("no such copy");
    }
    Copy copy{to, {}, size};
    std::memcpy(copy.bytes.data(), from, size);
    std::memset(to, 0xFF, size);  // NaN until the wait
    groups_.back().push_back(copy);
  }
  void end_group() { groups_.emplace_back(); }
  void wait(size_t groups_left) {
    for (; groups_.size() > groups_left + 1; groups_.pop_front()) {
      for (const Copy& copy : groups_.front()) std::memcpy(copy.to, copy.bytes.data(), copy.size);
    }
  }

 private:
  std::deque<std::vector<Copy>> groups_{1};
};

/// A thread of the block, with a stack of its own.
struct Thread {
  ucontext_t context{};
  std::unique_ptr<std::byte[]> stack;  // kept for the next block
  State state = State::kDone;
  int offered = 0;
  Pipeline pipeline;
};

/// Runs one block. Most kernels' threads never wait: when the first does not, the others run as
/// plain calls.
class Block {
 public:
  void run(unsigned threads, const std::function<void()>& thread) {
    thread_ = &thread;
    threads_.resize(std::max<size_t>(threads_.size(), threads));
    count_ = threads;
    enter(first());
    if (threads_[first()].state == State::kDone) {
      for_each([&](unsigned t) {
        if (t != first()) call(t);
      });
      return;
    }
    for_each([&](unsigned t) {
      if (t != first()) enter(t);
    });
    while (release()) {
      for_each([&](unsigned t) {
        if (threads_[t].state == State::kReady) go_on(t);
      });
    }
  }

  /// Lanes whose values are the running thread's.
  unsigned match(int value) {
    threads_[running_].offered = value;
    wait(State::kWaitsForWarp);
    unsigned same = 0;
    for (unsigned lane = 0; lane < kWarp; ++lane) {
      const Thread& other = threads_[running_ / kWarp * kWarp + lane];
      same |= (other.offered == value ? 1U : 0U) << lane;
    }
    wait(State::kWaitsForWarp);
    return same;
  }

  Pipeline& pipeline() { return threads_[running_].pipeline; }

  /// Of the running thread.
  void wait(State state) {
    if (plain_call_) throw std::logic_error("threads wait where the first one does not");
    Thread& self = threads_[running_];
    self.state = state;
    swapcontext(&self.context, &scheduler_);
  }

 private:
  unsigned first() const { return last_first ? count_ - 1 : 0; }

  template <class Use>
  void for_each(const Use& use) const {
    for (unsigned i = 0; i < count_; ++i) use(last_first ? count_ - 1 - i : i);
  }

  void call(unsigned t) {
    running_ = t;
    threadIdx = {t, 0, 0};
    threads_[t].pipeline = {};
    plain_call_ = true;
    (*thread_)();
    plain_call_ = false;
  }

  void enter(unsigned t) {
    Thread& thread = threads_[t];
    if (!thread.stack) thread.stack = std::make_unique_for_overwrite<std::byte[]>(kStack);
    thread.pipeline = {};
    getcontext(&thread.context);
    thread.context.uc_stack.ss_sp = thread.stack.get();
    thread.context.uc_stack.ss_size = kStack;
    thread.context.uc_link = &scheduler_;
    makecontext(&thread.context, &Block::begin_thread, 0);
    go_on(t);
  }

  void go_on(unsigned t) {
    running_ = t;
    threadIdx = {t, 0, 0};
    threads_[t].state = State::kDone;  // unless it waits again
    swapcontext(&scheduler_, &threads_[t].context);
  }

  static void begin_thread();

  bool all(unsigned begin, unsigned end, State state) const {
    return std::all_of(threads_.begin() + begin, threads_.begin() + end,
                       [&](const Thread& thread) { return thread.state == state; });
  }

  void make_ready(unsigned begin, unsigned end) {
    for (unsigned t = begin; t < end; ++t) threads_[t].state = State::kReady;
  }

  /// Lets those go on who have all met; false: all are done.
  bool release() {
    if (all(0, count_, State::kDone)) return false;
    bool met = all(0, count_, State::kWaitsForBlock);
    if (met) make_ready(0, count_);
    for (unsigned begin = 0; begin < count_; begin += kWarp) {
      const unsigned end = std::min(count_, begin + kWarp);
      if (!all(begin, end, State::kWaitsForWarp)) continue;
      make_ready(begin, end);
      met = true;
    }
    if (!met) throw std::logic_error("threads wait for others that never come");
    return true;
  }

  const std::function<void()>* thread_ = nullptr;
  std::vector<Thread> threads_;  // at least count_
  unsigned count_ = 0, running_ = 0;
  bool plain_call_ = false;
  ucontext_t scheduler_{};
};

thread_local Block block;

void Block::begin_thread() { (*block.thread_)(); }

bool possible(const cudaLaunchConfig_t& config) {
  const auto [x, y, z] = config.gridDim;
  const bool grid = x > 0 && y > 0 && z > 0 && y <= kLargestSide && z <= kLargestSide;
  const auto [threads, rows, layers] = config.blockDim;
  return grid && threads > 0 && threads <= kLargestBlock && rows == 1 && layers == 1;
}

}  // namespace

void __syncthreads() { block.wait(State::kWaitsForBlock); }
void __syncwarp() { block.wait(State::kWaitsForWarp); }
unsigned __match_any_sync(unsigned, int value) { return block.match(value); }

void __pipeline_memcpy_async(void* shared, const void* from, size_t size) {
  block.pipeline().start(shared, from, size);
}
void __pipeline_commit() { block.pipeline().end_group(); }
void __pipeline_wait_prior(size_t groups_left) { block.pipeline().wait(groups_left); }

namespace host_cuda {

cudaError_t run_grid(const cudaLaunchConfig_t& config, const std::function<void()>& thread) {
  if (!possible(config)) return cudaErrorInvalidConfiguration;
  ++launch_count;
  const dim3& grid = config.gridDim;
  for (unsigned z = 0; z < grid.z; ++z)
    for (unsigned y = 0; y < grid.y; ++y)
      for (unsigned x = 0; x < grid.x; ++x) {
        blockIdx = {x, y, z};
        block.run(config.blockDim.x, thread);
      }
  return cudaSuccess;
}

int64_t launches() { return launch_count; }

LastThreadFirst::LastThreadFirst() { last_first = true; }
LastThreadFirst::~LastThreadFirst() { last_first = false; }

}  // namespace host_cuda
