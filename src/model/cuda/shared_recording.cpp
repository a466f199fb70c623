#include "model/cuda/shared_recording.h"

#include <ATen/cuda/CUDAEvent.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>

#include <algorithm>
#include <exception>
#include <string>
#include <vector>

#include "model/cuda/weave.h"
#include "nnrun/log.h"

namespace nnrun {

using c10::cuda::CUDAStream;

/// A stream that is none of LibTorch's. One of a run will not do for the capture of a shared graph,
/// since newer LibTorchs give up the work spaces of a graph's stream with the graph.
class SideStream {
 public:
  SideStream() { C10_CUDA_CHECK(cudaStreamCreateWithFlags(&raw_, cudaStreamNonBlocking)); }
  ~SideStream() { cudaStreamDestroy(raw_); }
  SideStream(const SideStream&) = delete;
  SideStream& operator=(const SideStream&) = delete;

  CUDAStream get() const {
    return c10::cuda::getStreamFromExternal(raw_, c10::cuda::current_device());
  }

 private:
  cudaStream_t raw_ = nullptr;
};

struct SharedGraph {
  SideStream stream;  // on which it was captured
  std::unique_ptr<Recording> recording;
};

namespace {

/// What a run comes to a meeting with.
struct Offer {
  StreamRun& run;
  const std::function<void()>* work;   // to be recorded; null: to replay `graph`
  std::shared_ptr<SharedGraph> graph;  // recorded: the leader's answer
  std::exception_ptr failure;          // of the replay, for all
};

using Offers = std::vector<void*>;

Offer& offer_of(void* offer) { return *static_cast<Offer*>(offer); }

/// On `capturing`, the current stream.
void weave_runs(const Offers& offers, const CUDAStream& capturing) {
  Weave weave(static_cast<int32_t>(offers.size()));
  at::cuda::CUDAEvent begin;
  begin.record(capturing);
  for (void* const each : offers) begin.block(offer_of(each).run.stream());
  for (void* const each : offers) {
    const Offer& offer = offer_of(each);
    const c10::cuda::CUDAStreamGuard guard(offer.run.stream());
    weave.add_run(offer.run.stream(), *offer.work);
  }
  weave.finish();
  for (void* const each : offers) offer_of(each).run.precede(capturing);
}

/// Without an error's place in the source.
std::string text_of(const std::exception& error) {
  const auto* const of_torch = dynamic_cast<const c10::Error*>(&error);
  const std::string text = of_torch != nullptr ? of_torch->what_without_backtrace() : error.what();
  return text.substr(0, text.find('\n'));
}

bool record_all(StreamRun& leader, const Offers& offers) {
  const bool all_record =
      std::ranges::all_of(offers, [](void* each) { return offer_of(each).work != nullptr; });
  if (!all_record) return false;  // one goes another way than the others
  try {
    const auto graph = std::make_shared<SharedGraph>();
    const CUDAStream capturing = graph->stream.get();
    const c10::cuda::CUDAStreamGuard guard(capturing);
    graph->recording = leader.record_alone([&] { weave_runs(offers, capturing); });
    for (void* const each : offers) offer_of(each).graph = graph;
    return true;
  } catch (const std::exception& error) {
    log_info("runs cannot share launches (" + text_of(error) + "); each launches its own");
    return false;
  }
}

/// The graph waits for all that the runs have asked for, and they for the graph.
void launch_for_all(StreamRun& leader, const Offers& offers) {
  for (void* const each : offers) offer_of(each).run.precede(leader.stream());
  offer_of(offers[0]).graph->recording->replay();
  for (void* const each : offers) leader.precede(offer_of(each).run.stream());
}

bool replay_all(StreamRun& leader, const Offers& offers) {
  const auto& graph = offer_of(offers[0]).graph;
  const bool all_replay = std::ranges::all_of(offers, [&](void* each) {
    return offer_of(each).work == nullptr && offer_of(each).graph == graph;
  });
  if (!all_replay) return false;
  try {
    launch_for_all(leader, offers);
  } catch (...) {  // the graph may have been launched: nobody can go on from here
    for (void* const each : offers) offer_of(each).failure = std::current_exception();
  }
  return true;
}

}  // namespace

std::unique_ptr<SharedRecording> SharedRecording::make(StreamRun& run, Company& company,
                                                       const std::function<void()>& work) {
  Offer offer{run, &work, nullptr, nullptr};
  const bool met =
      company.meet(&offer, [&](const Offers& offers) { return record_all(run, offers); });
  return met ? std::make_unique<SharedRecording>(run, company, std::move(offer.graph)) : nullptr;
}

bool SharedRecording::replay() {
  Offer offer{run_, nullptr, graph_, nullptr};
  const bool met =
      company_.meet(&offer, [&](const Offers& offers) { return replay_all(run_, offers); });
  if (offer.failure) std::rethrow_exception(offer.failure);
  return met;
}

}  // namespace nnrun
