#pragma once

#include <optional>
#include <string>

#include "nnrun/statistics.h"

/// Numbers as people read them in a table.
namespace nnrun {

/// Four decimals; one above 100, four significant digits above a million, three below 0.001.
std::string readable(double value);

/// A cell's JSON text, null as "", strings without their quotes; numbers as they are, or for
/// reading (integers grouped).
std::string as_written(const std::string& json);
std::string readable_number(const std::string& json);

/// RFC 4180: quoted when it must be.
std::string csv_field(const std::string& text);

/// Three decimals, one significant digit below 0.001.
std::string readable_p(double p);

/// One decimal.
std::string readable_seconds(const std::string& json);

/// "model.layers.C1.filters" -> "C1.filters": what people call it.
std::string short_name(const std::string& path);

/// "0.4855 ± 0.0022" (mean and sd), "0.4855" without an sd, "" without a mean.
std::string spread(const MeanEstimate& estimate);

/// "[0.4828, 0.4882]" or "".
std::string bounds(const std::optional<Interval>& interval);

}  // namespace nnrun
