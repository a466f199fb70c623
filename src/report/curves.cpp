#include "report/curves.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "nnrun/format.h"

namespace nnrun {
namespace {

constexpr double kWidth = 900, kHeight = 360;  // pixels
constexpr double kTop = 48, kPlotHeight = 260, kPlotWidth = 360;
constexpr double kLefts[] = {64, 514};  // of the two panels
constexpr size_t kMostPoints = 2000;    // of a line
constexpr int kTicks = 5;

/// A curve's column of the records.
using Column = double EpochRecord::*;

struct Panel {
  const char* label;
  Column train, validation;
  double left;
  bool from_zero;
};
constexpr Panel kPanels[] = {
    {"cost (mean cross-entropy)", &EpochRecord::loss, &EpochRecord::val_loss, kLefts[0], false},
    {"accuracy", &EpochRecord::accuracy, &EpochRecord::val_accuracy, kLefts[1], true},
};

/// A straight scale of values onto pixels.
struct Axis {
  double low, high, from, to;
  double at(double value) const { return from + (value - low) / (high - low) * (to - from); }
};

std::string pixels(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::string escaped_xml(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '&')
      result += "&amp;";
    else if (c == '<')
      result += "&lt;";
    else
      result += c;
  }
  return result;
}

std::string text_at(double x, double y, const char* anchor, const std::string& text) {
  return "<text x=\"" + pixels(x) + "\" y=\"" + pixels(y) + "\" text-anchor=\"" + anchor + "\">" +
         escaped_xml(text) + "</text>\n";
}

std::string line(double x1, double y1, double x2, double y2, const char* more) {
  return "<line x1=\"" + pixels(x1) + "\" y1=\"" + pixels(y1) + "\" x2=\"" + pixels(x2) +
         "\" y2=\"" + pixels(y2) + "\" " + more + "/>\n";
}

/// 1, 2 or 5 times a power of ten that cuts `range` into about kTicks parts; at least `least`.
double tick_step(double range, double least) {
  const double rough = range / kTicks, power = std::pow(10, std::floor(std::log10(rough)));
  const double digit = rough / power;
  return std::max(least, power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10));
}

/// A little more than the finite values span; accuracies from 0.
Axis value_axis(const Panel& panel, const std::vector<EpochRecord>& rows) {
  double low = INFINITY, high = -INFINITY;
  for (const EpochRecord& row : rows)
    for (const double value : {row.*panel.train, row.*panel.validation})
      if (std::isfinite(value)) low = std::min(low, value), high = std::max(high, value);
  if (low > high) low = 0, high = 1;  // no value at all
  if (panel.from_zero) return {0, high > 0 ? high * 1.05 : 1, kTop + kPlotHeight, kTop};
  const double largest = std::max(std::abs(low), std::abs(high));
  const bool is_flat = high - low <= 1e-9 * largest;
  const double margin = is_flat ? std::max(0.5, largest * 0.05) : (high - low) * 0.05;
  return {low - margin, high + margin, kTop + kPlotHeight, kTop};
}

/// Every n-th row, so that at most about kMostPoints are left, and the last one.
std::vector<EpochRecord> thinned(const std::vector<EpochRecord>& rows) {
  const size_t n = (rows.size() + kMostPoints - 1) / kMostPoints;
  std::vector<EpochRecord> kept;
  for (size_t i = 0; i < rows.size(); ++i)
    if (i % n == 0 || i + 1 == rows.size()) kept.push_back(rows[i]);
  return kept;
}

/// How a curve looks; `dot` fills a point that stands alone.
struct Style {
  const char *stroke, *dot;
};
constexpr Style kTrainStyle{"stroke-width=\"1.6\"", "#1f6fb4"};
constexpr Style kValidationStyle{"stroke-width=\"1.6\" stroke-dasharray=\"5 4\"", "white"};

/// Points without a neighbour: no line leads through them.
std::string lone_points(const std::vector<EpochRecord>& rows, Column column, const Axis& x,
                        const Axis& y, const Style& style) {
  const auto there = [&](size_t i) { return i < rows.size() && std::isfinite(rows[i].*column); };
  std::string dots;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!there(i) || (i > 0 && there(i - 1)) || there(i + 1)) continue;
    dots += "<circle cx=\"" + pixels(x.at(static_cast<double>(rows[i].epoch))) + "\" cy=\"" +
            pixels(y.at(rows[i].*column)) + "\" r=\"3\" stroke=\"#1f6fb4\" fill=\"" + style.dot +
            "\"/>\n";
  }
  return dots;
}

/// The curve of a column: pen up at values that are not finite.
std::string curve(const std::vector<EpochRecord>& rows, Column column, const Axis& x, const Axis& y,
                  const Style& style) {
  std::string path;
  bool pen_down = false;
  for (const EpochRecord& row : rows) {
    const double value = row.*column;
    if (std::isfinite(value))
      path += (pen_down ? "L" : "M") + pixels(x.at(static_cast<double>(row.epoch))) + " " +
              pixels(y.at(value));
    pen_down = std::isfinite(value);
  }
  return "<path d=\"" + path + "\" fill=\"none\" stroke=\"#1f6fb4\" stroke-linecap=\"round\" " +
         style.stroke + "/>\n" + lone_points(rows, column, x, y, style);
}

std::string frame(const Panel& panel, const Axis& x, const Axis& y) {
  const double right = panel.left + kPlotWidth, bottom = kTop + kPlotHeight;
  std::string text;
  const double step_y = tick_step(y.high - y.low, 0), step_x = tick_step(x.high - x.low, 1);
  for (auto i = std::llround(std::ceil(y.low / step_y)); static_cast<double>(i) * step_y <= y.high;
       ++i) {
    const double value = static_cast<double>(i) * step_y;
    text += line(panel.left, y.at(value), right, y.at(value), "stroke=\"#ddd\"");
    char label[32];
    std::snprintf(label, sizeof label, "%.6g", value);
    text += text_at(panel.left - 6, y.at(value) + 4, "end", label);
  }
  for (double tick = 0; tick <= x.high; tick += step_x)
    if (tick >= x.low) text += text_at(x.at(tick), bottom + 18, "middle", shortest(tick));
  text += line(panel.left, bottom, right, bottom, "stroke=\"#555\"");
  text += text_at((panel.left + right) / 2, bottom + 38, "middle", "epoch");
  return text + text_at(panel.left, kTop - 10, "start", panel.label);
}

std::string legend(const std::string& validation_label) {
  const double right = kLefts[0] + kPlotWidth, y = kTop + 14;
  const std::string colour = "stroke=\"#1f6fb4\" ";
  return line(right - 96, y, right - 66, y, (colour + kTrainStyle.stroke).c_str()) +
         text_at(right - 60, y + 4, "start", "train") +
         line(right - 96, y + 18, right - 66, y + 18, (colour + kValidationStyle.stroke).c_str()) +
         text_at(right - 60, y + 22, "start", validation_label);
}

}  // namespace

std::string curves_svg(const std::string& title, const std::string& validation_label,
                       const std::vector<EpochRecord>& rows) {
  const std::vector<EpochRecord> drawn = thinned(rows);
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + shortest(kWidth) +
                    "\" height=\"" + shortest(kHeight) +
                    "\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#333\">\n" +
                    "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n" +
                    text_at(kWidth / 2, 20, "middle", title);
  for (const Panel& panel : kPanels) {
    const double last = rows.empty() ? 1 : static_cast<double>(rows.back().epoch);
    const Axis x{0, std::max(last, 1.0), panel.left, panel.left + kPlotWidth},
        y = value_axis(panel, rows);
    svg += frame(panel, x, y) + curve(drawn, panel.train, x, y, kTrainStyle) +
           curve(drawn, panel.validation, x, y, kValidationStyle);
  }
  return svg + legend(validation_label) + "</svg>\n";
}

}  // namespace nnrun
