#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// The names nnrun gives to files and folders of a run directory.
namespace nnrun {

inline constexpr const char* kConfigFile = "config.json";
inline constexpr const char* kManifestFile = "manifest.json";
inline constexpr const char* kMetricsFile = "metrics.csv";
inline constexpr const char* kTimingFile = "timing.csv";
inline constexpr const char* kSummaryFile = "summary.json";
inline constexpr const char* kVocabularyFile = "vocabulary.json";
inline constexpr const char* kLastCheckpoint = "last.nnr";
inline constexpr const char* kBestCheckpoint = "best.nnr";
inline constexpr const char* kSweepFile = "sweep.csv";
inline constexpr const char* kCurvesFile = "curves.svg";
inline constexpr const char* kCurvesPicture = "curves.png";  // of scripts/plot_curves.py
inline constexpr const char* kLogFile = "log.jsonl";
inline constexpr const char* kDoneFile = "DONE";
inline constexpr const char* kLockFile = "lock";
inline constexpr const char* kFeaturesFolder = "features";
inline constexpr const char* kFeatureHashesFile = "hashes.json";

/// Files in the order in which they are deleted: cut off at any point, what is left is either still
/// a run or looks like one that was about to be made.
inline constexpr std::array kDeletionOrder{
    kDoneFile,  kLastCheckpoint, kBestCheckpoint, kMetricsFile,    kTimingFile,
    kLogFile,   kCurvesFile,     kCurvesPicture,  kVocabularyFile, kSummaryFile,
    kSweepFile, kManifestFile,   kConfigFile};

/// From here on they show that the folder is nnrun's.
inline constexpr std::string_view kFirstMark = kSweepFile;

/// Keys of a parent's summary.json: SHA-256 of config.json and of sweep.csv.
inline constexpr const char* kConfigHash = "config_sha256";
inline constexpr const char* kTableHash = "sweep_sha256";

/// TensorBoard's event files.
bool is_event_file(const std::filesystem::path& path);

/// `trial-NNNN` or `seed-S`.
bool is_trial_folder(const std::filesystem::path& path);

/// The folder's entries, sorted. Throws EnvironmentError.
std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder);

/// The trial folders directly below, sorted by number.
std::vector<std::filesystem::path> trial_folders(const std::filesystem::path& folder);

/// A trial's folder, or that of its seeds, with at most locks and temporary files in it: a process
/// has begun there, or was killed before it had anything to keep.
bool is_blank_trial(const std::filesystem::path& path);

/// The folder holds something of a trial.
bool has_trials(const std::filesystem::path& folder);

}  // namespace nnrun
