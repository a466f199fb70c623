#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace nnrun {

/// The whole file. Throws EnvironmentError (missing, a folder, no permission, I/O error, above
/// `limit` bytes), naming the file.
std::string read_file(const std::filesystem::path& path, int64_t limit = int64_t{1} << 40);

/// Durability of a write. kDurable: the bytes and the name are on disk when the call returns.
enum class Sync { kNone, kDurable };

/// Replaces `path` in one step: temporary file beside it, (fsync), rename, (fsync of the folder).
/// Readers see the old or the new content, never a part. The mode follows the umask. A link is
/// replaced, not followed; a device or pipe (also behind a link) is written to as it stands.
/// Throws EnvironmentError (disk full, no permission); then `path` is as it was and no temporary is left.
void replace_file(const std::filesystem::path& path, std::string_view content, Sync sync);
/// The same for content in pieces, which nobody has to join. `check` is called when the temporary file stands beside
/// `path`: what it throws leaves `path` as it was, and so does a folder that is replaced after it.
void replace_file(const std::filesystem::path& path, const std::vector<std::string_view>& pieces,
                  Sync sync, const std::function<void()>& check = [] {});

/// Adds to the end of a file, which is made when there is none. Throws EnvironmentError; a part of
/// `content` may then stand there.
void append_file(const std::filesystem::path& path, std::string_view content);

/// Puts a copy in the place of a link, or of a file that has other names too, so that adding to it changes
/// nothing elsewhere. None there and devices are fine. Throws EnvironmentError.
void detach_file(const std::filesystem::path& path);

/// Brings a file's bytes to disk, as a durable replace_file would have; none there is fine. Throws
/// EnvironmentError.
void sync_file(const std::filesystem::path& path);

/// True for the names that replace_file gives its temporary files: a killed process may leave one behind.
bool is_temporary(const std::filesystem::path& path);

/// True when something is at `path`, links followed. Throws EnvironmentError when that cannot be told.
bool is_there(const std::filesystem::path& path);

/// Removes a file or link; none there is fine. Throws EnvironmentError.
void remove_file(const std::filesystem::path& path, Sync sync);

/// Makes a folder with its parents and returns those that were not there, outermost first.
/// Throws EnvironmentError.
std::vector<std::filesystem::path> make_folders(const std::filesystem::path& folder);

/// Throws EnvironmentError when `folder`, or the nearest folder on the way to it, cannot be written to: no permission, a
/// disk that is read-only. Writes nothing; a file in the way is not looked at.
void check_writable(const std::filesystem::path& folder);

/// SHA-256 as 64 lower-case hex digits (FIPS 180-4).
std::string sha256(std::string_view bytes);

/// SHA-256 of data that comes in pieces.
///   Sha256 hash; hash.add("ab"); hash.add("c"); hash.hex();  // = sha256("abc")
class Sha256 {
 public:
  Sha256();
  void add(std::string_view bytes);
  std::string hex();  ///< ends the hash; call once

 private:
  void blocks(const unsigned char* bytes, size_t count);  ///< 64 bytes each
  uint32_t state_[8];
  unsigned char buffer_[64];
  uint64_t length_ = 0;  // in bytes
};

}  // namespace nnrun
