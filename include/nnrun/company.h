#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <vector>

namespace nnrun {

/// Runs of one process, each on a thread of its own, that do part of their work as one.
///   auto company = std::make_shared<Company>(3);  // one for all
///   if (!company->meet(&mine, do_all)) do_alone(mine);  // on each thread
class Company {
 public:
  /// Work for all members, in the order in which they came. Throws nothing; false: it could not
  /// be done.
  using Lead = std::function<bool(const std::vector<void*>& offers)>;

  /// `patience`: how long a member waits for the others before it ends the company.
  explicit Company(size_t members, std::chrono::milliseconds patience = std::chrono::minutes(1))
      : members_(members), patience_(patience) {}

  /// Waits until every member is here with its offer. The last one leads, the others wait for it. False: the
  /// company has ended, or ends because it could not be led.
  bool meet(void* offer, const Lead& lead);

  /// Ends it for good: who waits goes on alone, and so does who comes.
  void end();

 private:
  void lead_now(const Lead& lead);

  const size_t members_;
  const std::chrono::milliseconds patience_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<void*> offers_;  // of those who wait
  size_t meetings_ = 0;        // that came off
  bool ended_ = false;
};

}  // namespace nnrun
