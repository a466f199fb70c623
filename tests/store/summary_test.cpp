#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "store/run_fixture.h"

namespace nnrun {
namespace {

using Json = nlohmann::json;

TEST(SummaryTest, HasTheMembersOfTheInterface) {
  const Json json = Json::parse(to_json(sample_summary()));
  EXPECT_EQ(json["status"], "done");
  EXPECT_EQ(json["epochs"], 2);
  EXPECT_EQ(json["last"],
            Json::parse(R"({"accuracy":0.75,"loss":1,"val_accuracy":0.5,"val_loss":2})"));
  EXPECT_EQ(json["best"], json["last"]);
  EXPECT_EQ(json["best_epoch"], 1);
  EXPECT_EQ(json["parameters"], 2);
  EXPECT_EQ(json["seconds"], 4.5);
  EXPECT_EQ(json["seed"], 7);
  EXPECT_EQ(json["device"], "cpu");
  EXPECT_EQ(json["weights_sha256"].get<std::string>().size(), 64U);
  EXPECT_EQ(json["exact"], true);
  EXPECT_FALSE(json.contains("test"));
  EXPECT_FALSE(json.contains("error"));
}

TEST(SummaryTest, ReadsBackWhatWasWritten) {
  Summary summary = sample_summary();
  summary.best->epoch = 0;
  summary.test = EpochRecord{0, 0, 0, 0.125, 4};
  summary.exact = false;
  summary.error = "killed";
  const Summary read = parse_summary(to_json(summary), "summary.json");
  EXPECT_EQ(to_json(read), to_json(summary));
  EXPECT_EQ(read.last->epoch, 1);
  EXPECT_EQ(read.best->epoch, 0);
  EXPECT_EQ(read.test->val_loss, 4);
}

TEST(SummaryTest, WhatDoesNotExistIsNull) {
  const Json json = Json::parse(to_json(Summary{}));
  for (const char* key : {"last", "best", "best_epoch", "device", "weights_sha256"}) {
    EXPECT_TRUE(json.at(key).is_null()) << key;
  }
  const Summary read = parse_summary(to_json(Summary{}), "summary.json");
  EXPECT_EQ(read.status, "running");
  EXPECT_FALSE(read.last || read.best || read.test);
}

TEST(SummaryTest, NumbersThatAreNotFiniteAreNull) {
  Summary summary = sample_summary();
  summary.last->loss = std::nan("");
  summary.last->val_loss = std::numeric_limits<double>::infinity();
  const std::string text = to_json(summary);
  EXPECT_TRUE(Json::parse(text)["last"]["loss"].is_null());
  EXPECT_TRUE(std::isnan(parse_summary(text, "summary.json").last->val_loss));
}

TEST(SummaryTest, DamageIsAStoreError) {
  for (const char* text : {"", "{", "[]", "{}", R"({"status": 3})"}) {
    EXPECT_THROW(parse_summary(text, "summary.json"), StoreError) << text;
  }
}

}  // namespace
}  // namespace nnrun
