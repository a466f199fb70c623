#include "base/json.h"
#include "config_files.h"
#include "nnrun/files.h"
#include "repository.h"

namespace nnrun {
namespace {

// What the schema accepts is tested with an independent validator: tests/cli/schema_test.py.

TEST(SchemaTest, TheShippedFileIsTheProgramsOwn) {
  EXPECT_EQ(read_file(repository() / "schema/experiment.schema.json"), experiment_schema());
}

TEST(SchemaTest, EveryKeyHasAHelpText) {
  std::vector<JsonFault> faults;
  const auto schema = parse_json(experiment_schema(), {}, faults);
  ASSERT_TRUE(schema);
  for (const JsonMember& definition : schema->find("$defs")->value.members) {
    const JsonMember* properties = definition.value.find("properties");
    if (properties == nullptr) continue;
    for (const JsonMember& property : properties->value.members) {
      if (definition.value.find("allOf") != nullptr)
        continue;  // the type; its keys stand in the cases
      const JsonMember* help = property.value.find("description");
      EXPECT_TRUE(help != nullptr && !help->value.text.empty())
          << definition.key << " " << property.key;
    }
  }
}

}  // namespace
}  // namespace nnrun
