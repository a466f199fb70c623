#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

/// The report as one HTML file that needs nothing else.
namespace nnrun {

/// Fills the template page.html of `assets`: scripts, style sheets and texts that it names are
/// replaced by their content, its data block by `data`, the title by `data["title"]`. Throws
/// EnvironmentError when a file is missing.
std::string fill_page(const std::filesystem::path& assets, const nlohmann::ordered_json& data);

std::string base64(std::string_view bytes);

/// Text between HTML tags.
std::string html_text(const std::string& text);

/// JSON that may stand inside a <script> element: no character of it can end the element.
std::string script_json(const nlohmann::ordered_json& data);

}  // namespace nnrun
