#pragma once

#include <filesystem>
#include <string>

#include "app/options.h"

/// Where the program finds what came with it.
namespace nnrun {

/// The running executable.
std::filesystem::path executable();

/// Where the program was built: the source tree and its LibTorch. Either may be gone by now.
std::filesystem::path source_folder();
std::filesystem::path build_torch();

/// `configs` of the installed tree beside the program, else of the source tree it was built from.
std::filesystem::path shipped_configs();

/// The files of the report's page, installed or in the source tree.
std::filesystem::path report_assets();

/// `--data-dir`, else $NNRUN_DATA, else `data` beside the shipped configs; absolute.
std::filesystem::path data_folder(const Options& options);

/// `--out`, else runs/<name>.
std::filesystem::path output_folder(const Options& options, const std::string& name);

/// "nnrun 0.1.0 (revision 1a2b3c4)\n".
std::string version_line();
std::string program_version();   ///< "0.1.0"
std::string program_revision();  ///< "1a2b3c4", or "" outside of a checkout

}  // namespace nnrun
