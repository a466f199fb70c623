#include "model/cuda/shared_recording.h"

#include <ATen/cuda/CUDAEvent.h>
#include <c10/cuda/CUDAGuard.h>

#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "model/cuda/weave.h"
#include "nnrun/log.h"

namespace nnrun {
namespace {

using c10::cuda::CUDAStream;
using Streams = std::vector<CUDAStream>;

/// What comes next on the second stream waits for what the first was asked for.
void let_wait(const CUDAStream& first, const CUDAStream& second) {
  if (first == second) return;
  at::cuda::CUDAEvent event;
  event.record(first);
  event.block(second);
}

/// What a run comes to a meeting with.
struct Offer {
  StreamRun& run;
  const std::function<void()>& work;
  std::shared_ptr<Recording>& of_all;
};

const Offer& offer_of(void* offer) { return *static_cast<const Offer*>(offer); }

/// On the stream that is being captured, the leader's.
void record_all(const std::vector<void*>& offers, const CUDAStream& leader) {
  Weave weave(static_cast<int32_t>(offers.size()));
  for (void* const each : offers) let_wait(leader, offer_of(each).run.stream());
  for (void* const each : offers) {
    const Offer& offer = offer_of(each);
    const c10::cuda::CUDAStreamGuard guard(offer.run.stream());
    weave.add_run(offer.run.stream(), offer.work);
  }
  weave.finish();
  for (void* const each : offers) let_wait(offer_of(each).run.stream(), leader);
}

/// Without an error's place in the source.
std::string text_of(const std::exception& error) {
  const auto* const of_torch = dynamic_cast<const c10::Error*>(&error);
  const std::string text = of_torch != nullptr ? of_torch->what_without_backtrace() : error.what();
  return text.substr(0, text.find('\n'));
}

/// Work for all; false, and a line in the leader's log, when it fails.
template <class Work>
bool succeeds(const Work& work) {
  try {
    work();
    return true;
  } catch (const std::exception& error) {
    log_info("runs cannot share launches (" + text_of(error) + "); each launches its own");
    return false;
  }
}

}  // namespace

SharedRecording::SharedRecording(StreamRun& run, Company& company, std::function<void()> work)
    : run_(run), company_(company), work_(std::move(work)) {
  Offer offer{run_, work_, of_all_};
  const bool met = company_.meet(&offer, [&](const std::vector<void*>& offers) {
    return succeeds([&] {
      const std::shared_ptr<Recording> recording =
          run_.record_alone([&] { record_all(offers, run_.stream()); });
      for (void* const each : offers) offer_of(each).of_all = recording;
    });
  });
  if (!met) record_alone();
}

void SharedRecording::record_alone() {
  of_all_.reset();
  own_ = run_.record_alone(work_);
}

void SharedRecording::replay() {
  Offer offer{run_, work_, of_all_};
  const auto replay_all = [&](const std::vector<void*>& offers) {
    return succeeds([&] {
      for (void* const each : offers) {
        TORCH_CHECK(offer_of(each).of_all == of_all_, "they are at different work");
        let_wait(offer_of(each).run.stream(), run_.stream());
      }
      of_all_->replay();
      for (void* const each : offers) let_wait(run_.stream(), offer_of(each).run.stream());
    });
  };
  if (of_all_ && company_.meet(&offer, replay_all)) return;
  if (!own_) record_alone();
  own_->replay();
}

}  // namespace nnrun
