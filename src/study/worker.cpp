#include "study/worker.h"

#include <istream>
#include <map>
#include <mutex>
#include <ostream>
#include <thread>
#include <vector>

namespace nnrun {
namespace {

struct Message {
  size_t id = 0;
  Task task;
  std::shared_ptr<Company> company;
};

/// Nothing at the end of `in`.
std::optional<Message> read_message(std::istream& in) {
  Message message;
  size_t folder = 0, config = 0;
  Membership& membership = message.task.membership;
  if (!(in >> message.id >> message.task.stop_after >> membership.company >> membership.members >>
        folder >> config))
    return std::nullopt;
  in.ignore();  // the header's newline
  std::string path(folder, '\0');
  in.read(path.data(), static_cast<std::streamsize>(folder));
  message.task.config.resize(config);
  in.read(message.task.config.data(), static_cast<std::streamsize>(config));
  message.task.folder = path;
  return in ? std::optional(message) : std::nullopt;
}

/// Companies that some of their members have still to join.
class OpenCompanies {
 public:
  /// Null: it has none.
  std::shared_ptr<Company> join(const Membership& membership) {
    if (membership.company == 0) return nullptr;
    auto& places = places_[membership.company];
    if (places.empty())
      places.assign(membership.members, std::make_shared<Company>(membership.members));
    const auto company = places.back();
    places.pop_back();
    if (places.empty()) places_.erase(membership.company);
    return company;
  }

 private:
  std::map<size_t, std::vector<std::shared_ptr<Company>>> places_;  ///< free ones, by number
};

/// The two ends of a worker, one thread at a time each.
class Lines {
 public:
  Lines(std::istream& in, std::ostream& out) : in_(in), out_(out) {}

  std::optional<Message> next() {
    const std::lock_guard lock(in_mutex_);
    auto message = read_message(in_);
    if (message) message->company = companies_.join(message->task.membership);
    return message;
  }
  void report(size_t id, int code) {
    const std::lock_guard lock(out_mutex_);
    out_ << id << ' ' << code << std::endl;
  }

 private:
  std::istream& in_;
  std::ostream& out_;
  OpenCompanies companies_;
  std::mutex in_mutex_, out_mutex_;
};

}  // namespace

std::string to_message(size_t id, const Task& task) {
  const std::string folder = task.folder.string();
  return std::to_string(id) + ' ' + std::to_string(task.stop_after) + ' ' +
         std::to_string(task.membership.company) + ' ' + std::to_string(task.membership.members) +
         ' ' + std::to_string(folder.size()) + ' ' + std::to_string(task.config.size()) + '\n' +
         folder + task.config;
}

void serve_tasks(std::istream& in, std::ostream& out, int64_t threads, const RunTask& run) {
  Lines lines(in, out);
  std::vector<std::jthread> workers;
  for (int64_t i = 0; i < threads; ++i)
    workers.emplace_back([&lines, &run] {
      while (const auto message = lines.next()) {
        const int code = run(message->task, message->company);
        if (message->company) message->company->end();  // nobody waits for this one any more
        lines.report(message->id, code);
      }
    });
}

}  // namespace nnrun
