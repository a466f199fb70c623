#pragma once

#include <string>
#include <vector>

#include "nnrun/store.h"

namespace nnrun {

/// A picture (SVG) of cost and accuracy against epochs, training and validation values side by
/// side. Values that are not finite leave gaps; of very long runs every n-th epoch is drawn.
///   directory.write_curves(curves_svg(config.name, "test", rows));
/// `validation_label`: what the val_ columns were measured on.
std::string curves_svg(const std::string& title, const std::string& validation_label,
                       const std::vector<EpochRecord>& rows);

}  // namespace nnrun
