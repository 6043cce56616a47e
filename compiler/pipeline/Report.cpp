//===- Report.cpp - Which optimizations applied ---------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/pipeline/Report.h"
#include "dialects/vitrail/VitrailDialect.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace vitrail;

namespace {

class Collector : public remark::detail::MLIRRemarkStreamerBase {
public:
  explicit Collector(std::shared_ptr<Report> report)
      : report(std::move(report)) {}

  void streamOptimizationRemark(const remark::detail::Remark &remark) override {
    Report::Entry entry;
    StringRef kind = remark.getRemarkTypeString();
    entry.applied = kind == "Passed" || kind == "Analysis";
    entry.category = remark.getCombinedCategoryName().str();
    entry.name = remark.getRemarkName().str();
    // Metrics are for machines: the message says them in words.
    for (const auto &argument : remark.getArgs()) {
      if (argument.key != "Remark" && argument.key != "Reason" &&
          argument.key != "Suggestion")
        continue;
      if (!entry.message.empty())
        entry.message += argument.key == "Suggestion" ? "; " : ": ";
      entry.message += StringRef(argument.val).trim().str();
    }
    Location loc = remark.getLocation();
    if (auto file = sourceLocation(loc))
      entry.place = (llvm::sys::path::filename(file->getFilename()) + ":" +
                     Twine(file->getLine()))
                        .str();
    if (StringRef scope = scopeName(loc); !scope.empty())
      entry.place += (entry.place.empty() ? "" : " ") + scope.str();
    report->entries.push_back(std::move(entry));
  }

private:
  std::shared_ptr<Report> report;
};

} // namespace

std::shared_ptr<Report> Report::attach(MLIRContext &context) {
  auto report = std::make_shared<Report>();
  remark::RemarkCategories everything;
  everything.passed = everything.missed = ".*";
  everything.analysis = everything.failed = ".*";
  // Passes on several functions at once would report in any order.
  context.disableMultithreading();
  (void)remark::enableOptimizationRemarks(
      context, std::make_unique<Collector>(report),
      std::make_unique<remark::RemarkEmittingPolicyAll>(), everything);
  return report;
}

void Report::print(llvm::raw_ostream &os) const {
  for (bool applied : {true, false}) {
    // One line for what happened alike in many layers.
    std::vector<std::pair<std::string, std::vector<std::string>>> lines;
    llvm::StringMap<size_t> lineOf;
    for (const Entry &entry : entries) {
      if (entry.applied != applied)
        continue;
      std::string text = entry.name + ": " + entry.message;
      auto [line, added] = lineOf.try_emplace(text, lines.size());
      if (added)
        lines.push_back({text, {}});
      lines[line->second].second.push_back(entry.place);
    }
    if (lines.empty())
      continue;
    os << (applied ? "Applied\n" : "Not applied\n");
    for (const auto &[text, places] : lines) {
      os << "  " << text;
      if (!places.front().empty())
        os << "\n      at " << places.front();
      if (places.size() > 1)
        os << " and " << places.size() - 1 << " more";
      os << '\n';
    }
  }
}
