#include "nnrun/company.h"

namespace nnrun {

bool Company::meet(void* offer, const Lead& lead) {
  std::unique_lock lock(mutex_);
  if (ended_) return false;
  const size_t meeting = meetings_;
  offers_.push_back(offer);
  if (offers_.size() == members_) {
    lead_now(lead);
  } else {
    changed_.wait_for(lock, patience_, [&] { return ended_ || meetings_ != meeting; });
  }
  if (meetings_ != meeting) return true;
  ended_ = true;
  changed_.notify_all();
  return false;
}

/// The lock stays held: nobody leaves while work is done for all.
void Company::lead_now(const Lead& lead) {
  if (!lead(offers_)) return;
  offers_.clear();
  ++meetings_;
  changed_.notify_all();
}

void Company::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

}  // namespace nnrun
