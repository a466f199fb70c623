#include "data/treebank.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "data/characters.h"
#include "data/cleaning.h"

namespace nnrun {
namespace {

/// \s for the character that `text` ends with.
bool ends_with_space(std::string_view text) { return space_length(last_character(text)) > 0; }

/// \w for the character that `text` ends with.
bool ends_with_word(std::string_view text) { return begins_with_word(last_character(text)); }

bool starts_with_any_case(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() &&
         std::equal(lower.begin(), lower.end(), text.begin(),
                    [](char a, char b) { return a == lower_case(b); });
}

using Literals = std::initializer_list<std::string_view>;

/// The first of `literals` that `text` begins with, or "".
std::string_view literal_at(std::string_view text, Literals literals) {
  for (const std::string_view literal : literals) {
    if (text.starts_with(literal)) return literal;
  }
  return {};
}

bool has_any(std::string_view text, Literals literals) {
  return std::any_of(literals.begin(), literals.end(), [&](std::string_view literal) {
    return text.find(literal) != std::string_view::npos;
  });
}

/// Replaces from left to right, as Python's re.sub does: `rule(text, i, out)` appends what stands
/// for the match that begins at byte i and returns the match's length, or 0 when there is none.
template <typename Rule>
void substitute(std::string& text, Rule rule) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (size_t i = 0; i < text.size();) {
    const size_t used = rule(std::string_view(text), i, out);
    if (used == 0) out += text[i];
    i += std::max<size_t>(used, 1);
  }
  text = std::move(out);
}

/// Puts `replacement` with a space on both sides in place of each literal; "" keeps the literal.
void pad(std::string& text, Literals literals, std::string_view replacement = "") {
  if (!has_any(text, literals)) return;
  substitute(text, [&](std::string_view all, size_t i, std::string& out) {
    const std::string_view literal = literal_at(all.substr(i), literals);
    if (literal.empty()) return literal.size();
    out.append(" ").append(replacement.empty() ? literal : replacement).append(" ");
    return literal.size();
  });
}

/// ([ (\[{<])"
void quotes_after_brackets(std::string& text) {
  const Literals forms{" \"", "(\"", "[\"", "{\"", "<\""};
  if (!has_any(text, forms)) return;
  substitute(text, [&](std::string_view all, size_t i, std::string& out) {
    const std::string_view form = literal_at(all.substr(i), forms);
    if (!form.empty()) out.append(1, form[0]).append(" `` ");
    return form.size();
  });
}

/// ([:,])([^\d]) and ([:,])$
void commas_and_colons(std::string& text) {
  if (!has_any(text, {",", ":"})) return;
  substitute(text, [](std::string_view all, size_t i, std::string& out) -> size_t {
    if ((all[i] != ',' && all[i] != ':') || begins_with_digit(all.substr(i + 1))) return 0;
    const std::string_view behind = all.substr(i + 1, 1);
    out.append(" ").append(1, all[i]).append(" ").append(behind);
    return 1 + behind.size();
  });
}

/// ([^\.])(\.)([\]\)}>"'»”’ ]*)\s*$
void final_period(std::string& text) {
  std::string_view head = text;
  while (!head.empty() && ends_with_space(head)) head.remove_suffix(last_character(head).size());
  const auto drop = [&head](std::string_view end) {
    const bool found = head.ends_with(end);
    if (found) head.remove_suffix(end.size());
    return found;
  };
  const Literals may_follow{" ", "]", ")", "}", ">", "\"", "'", "»", "”", "’"};
  while (std::any_of(may_follow.begin(), may_follow.end(), drop)) continue;
  if (!head.ends_with('.') || head.size() < 2 || head[head.size() - 2] == '.') return;
  const size_t period = head.size() - 1;
  text.insert(period + 1, " ").insert(period, " ");
}

/// ([^EXCLUDED])(FORM): a space before each form that follows another character than these.
void split_before(std::string& text, Literals forms, std::string_view excluded) {
  if (!has_any(text, forms)) return;
  substitute(text, [&](std::string_view all, size_t i, std::string& out) -> size_t {
    const std::string_view form = literal_at(all.substr(i + 1), forms);
    if (form.empty() || excluded.find(all[i]) != std::string_view::npos) return 0;
    out.append(1, all[i]).append(" ").append(form);
    return 1 + form.size();
  });
}

/// (\S)('')
void double_apostrophes(std::string& text) {
  if (!has_any(text, {"''"})) return;
  substitute(text, [](std::string_view all, size_t i, std::string& out) -> size_t {
    if (!all.substr(i + 1).starts_with("''") || ends_with_space(all.substr(0, i + 1))) return 0;
    out.append(1, all[i]).append(" '' ");
    return 3;
  });
}

/// A word, lower case, that is two: (?i)\b(head)(tail)\b; a space may have to stand for a border.
struct Contraction {
  std::string_view word;
  size_t head;  // bytes
  bool space_before = false, space_behind = false;
};
constexpr Contraction kContractions[] = {
    {"cannot", 3},
    {"d'ye", 1},
    {"gimme", 3},
    {"gonna", 3},
    {"gotta", 3},
    {"lemme", 3},
    {"mor'n", 3},
    {"wanna", 3, /*space_before=*/false, /*space_behind=*/true},
    {"'tis", 2, /*space_before=*/true},
    {"'twas", 2, /*space_before=*/true},
};

/// True when `contraction` stands at byte i of `text`, which begins and ends with a space.
bool stands_at(std::string_view text, size_t i, const Contraction& contraction) {
  if (!starts_with_any_case(text.substr(i), contraction.word)) return false;
  const std::string_view before = text.substr(0, i),
                         behind = text.substr(i + contraction.word.size());
  return (contraction.space_before ? before.ends_with(' ') : !ends_with_word(before)) &&
         (contraction.space_behind ? space_length(behind) > 0 : !begins_with_word(behind));
}

void split_contractions(std::string& text) {
  std::string lower = text;
  lower_case(lower);
  for (const Contraction& contraction : kContractions) {
    if (lower.find(contraction.word) == std::string::npos) continue;
    substitute(text, [&](std::string_view all, size_t i, std::string& out) -> size_t {
      if (i == 0 || !stands_at(all, i, contraction)) return 0;
      const std::string_view word = all.substr(i, contraction.word.size());
      out.append(" ").append(word.substr(0, contraction.head));
      out.append(" ").append(word.substr(contraction.head)).append(" ");
      const std::string_view behind = all.substr(i + word.size());
      return word.size() + (contraction.space_behind ? space_length(behind) : 0);
    });
  }
}

}  // namespace

std::string treebank(std::string_view sentence) {
  std::string text(sentence);
  pad(text, {"«", "“", "‘"});
  if (text.starts_with('"')) text.replace(0, 1, "``");
  pad(text, {"``"});
  quotes_after_brackets(text);
  final_period(text);
  commas_and_colons(text);
  pad(text, {"..."});
  pad(text, {";", "@", "#", "$", "%", "&"});
  pad(text, {"?", "!"});
  split_before(text, {"' "}, "'");
  pad(text, {"]", "[", "(", ")", "{", "}", "<", ">"});
  pad(text, {"--"});
  text = " " + text + " ";
  pad(text, {"»", "”", "’"});
  pad(text, {"\""}, "''");
  double_apostrophes(text);
  split_before(text, {"'s ", "'S ", "'m ", "'M ", "'d ", "'D ", "' "}, "' ");
  split_before(text, {"'ll ", "'LL ", "'re ", "'RE ", "'ve ", "'VE ", "n't ", "N'T "}, "' ");
  split_contractions(text);
  return text;
}

}  // namespace nnrun
