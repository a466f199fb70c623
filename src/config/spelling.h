#pragma once

#include <string>

#include "config/rule.h"

namespace nnrun {

/// How strings of a form are spelled.
struct Spelling {
  Form form;
  bool (*accepts)(const std::string&);
  const char* expected;
};

/// Null: any text will do.
const Spelling* spelling_of(Form form);

bool is_file_name(const std::string& text);

}  // namespace nnrun
