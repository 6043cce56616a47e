//===- Summary.cpp - The layer table of a model ---------------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/summary/Summary.h"
#include "dialects/vitrail/VitrailDialect.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace vitrail;

/// Totals of a hostile model stop at the largest number.
static void accumulate(int64_t &total, int64_t count) {
  if (llvm::AddOverflow(total, count, total))
    total = std::numeric_limits<int64_t>::max();
}

static bool isParameter(WeightOp weight) {
  return weight.getRole() != WeightRole::RunningMean &&
         weight.getRole() != WeightRole::RunningVariance;
}

ModelSummary vitrail::summarize(ModuleOp module) {
  ModelSummary summary;
  if (auto name = module->getAttrOfType<StringAttr>("vitrail.model"))
    summary.model = name.str();
  llvm::StringMap<Layer> scopes;
  std::vector<const Layer *> order; // by what first counts
  llvm::StringSet<> counted;
  module.walk([&](Operation *op) {
    if (op->getNumResults() != 1)
      return;
    auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
    if (!type)
      return;
    Layer &layer = scopes[scopeName(op->getLoc())];
    auto weight = dyn_cast<WeightOp>(op);
    // A weight is what a layer shows only where it computes nothing.
    if (!weight || layer.shape.empty())
      layer.shape = type.getShape().vec();
    bool countedBefore = layer.parameters || layer.macs;
    if (auto cost = dyn_cast<CostOpInterface>(op))
      accumulate(layer.macs, cost.getMacs());
    if (weight && isParameter(weight) &&
        counted.insert(weight.getName()).second)
      accumulate(layer.parameters, type.getNumElements());
    if (!countedBefore && (layer.parameters || layer.macs)) {
      // What stands outside all scopes belongs to the model itself.
      StringRef name = scopeName(op->getLoc());
      layer.name = name.empty() ? summary.model : name.str();
      order.push_back(&layer);
    }
  });
  for (const Layer *layer : order) {
    accumulate(summary.parameters, layer->parameters);
    accumulate(summary.macs, layer->macs);
    summary.layers.push_back(*layer);
  }
  return summary;
}

void vitrail::printTable(const ModelSummary &summary, llvm::raw_ostream &os) {
  using Row = std::array<std::string, 4>;
  std::vector<Row> rows = {{"Layer", "Output shape", "Parameters", "MACs"}};
  auto grouped = [](int64_t count) {
    std::string digits = std::to_string(count);
    for (int64_t at = int64_t(digits.size()) - 3; at > 0; at -= 3)
      digits.insert(at, ",");
    return digits;
  };
  for (const Layer &layer : summary.layers)
    rows.push_back({layer.name, shapeString(layer.shape),
                    grouped(layer.parameters), grouped(layer.macs)});
  rows.push_back(
      {"Total", "", grouped(summary.parameters), grouped(summary.macs)});

  std::array<size_t, 4> widths{};
  for (const Row &row : rows)
    for (auto [width, cell] : llvm::zip_equal(widths, row))
      width = std::max(width, cell.size());
  size_t total = 6; // two blanks between columns
  for (size_t width : widths)
    total += width;
  std::string line(total, '-');

  os << "Model: " << summary.model << "\n" << line << "\n";
  for (auto [i, row] : llvm::enumerate(rows)) {
    // The totals stand apart.
    if (i == 1 || i + 1 == rows.size())
      os << line << "\n";
    os << llvm::left_justify(row[0], widths[0]) << "  "
       << llvm::left_justify(row[1], widths[1]) << "  "
       << llvm::right_justify(row[2], widths[2]) << "  "
       << llvm::right_justify(row[3], widths[3]) << "\n";
  }
}

llvm::json::Value vitrail::toJSON(const ModelSummary &summary) {
  llvm::json::Array layers;
  for (const Layer &layer : summary.layers)
    layers.push_back(llvm::json::Object{{"name", layer.name},
                                        {"shape", layer.shape},
                                        {"parameters", layer.parameters},
                                        {"macs", layer.macs}});
  return llvm::json::Object{{"parameters", summary.parameters},
                            {"macs", summary.macs},
                            {"layers", std::move(layers)}};
}
