#include <numeric>

#include "model/kernels/cpu/kernels.h"

namespace nnrun::kernels {

void serial_for(int64_t count, const std::function<void(int64_t)>& body) {
  for (int64_t i = 0; i < count; ++i) body(i);
}

namespace {

void assign_slots(const int32_t* ids, int64_t count, TokenIndex& index) {
  index.ids.clear();
  index.slots.resize(static_cast<size_t>(count));
  for (int64_t p = 0; p < count; ++p) {
    int32_t& slot = index.slot_of_id[static_cast<size_t>(ids[p])];
    if (slot < 0) {
      slot = static_cast<int32_t>(index.ids.size());
      index.ids.push_back(int64_t{ids[p]});
    }
    index.slots[static_cast<size_t>(p)] = slot;
  }
  for (const int64_t id : index.ids) index.slot_of_id[static_cast<size_t>(id)] = -1;
}

/// Counting sort of the positions by slot.
void group_positions(TokenIndex& index) {
  index.starts.assign(index.ids.size() + 1, 0);
  for (const int32_t slot : index.slots) ++index.starts[static_cast<size_t>(slot) + 1];
  std::partial_sum(index.starts.begin(), index.starts.end(), index.starts.begin());
  std::vector<int32_t> next(index.starts.begin(), index.starts.end() - 1);
  index.order.resize(index.slots.size());
  for (size_t p = 0; p < index.slots.size(); ++p) {
    const auto slot = static_cast<size_t>(index.slots[p]);
    index.order[static_cast<size_t>(next[slot]++)] = static_cast<int32_t>(p);
  }
}

}  // namespace

void index_tokens(const int32_t* ids, int64_t count, int64_t vocabulary, TokenIndex& index) {
  index.slot_of_id.resize(static_cast<size_t>(vocabulary), -1);
  assign_slots(ids, count, index);
  group_positions(index);
}

}  // namespace nnrun::kernels
