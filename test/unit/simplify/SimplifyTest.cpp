//===- SimplifyTest.cpp - Simplified models compute the same --------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every pass, and the stage as a whole, on random models: the interpreter gives
// the same results before and after, but for the rounding of double precision.
//
//===----------------------------------------------------------------------===//

#include "compiler/interpreter/Interpreter.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Pass/PassManager.h"
#include "passes/simplify/Passes.h"
#include "passes/simplify/Pipeline.h"
#include "test/unit/simplify/RandomModel.h"
#include "llvm/Support/xxhash.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace vitrail;
using namespace vitrail::test;

namespace {

constexpr unsigned modelCount = 400;

/// Numbers in ±1, by the name of their tensor.
void fill(StringRef name, MutableArrayRef<float> values) {
  std::mt19937 random{uint32_t(llvm::xxh3_64bits(name))};
  for (float &value : values)
    value = std::ldexp(float(random() >> 8), -23) - 1;
}

llvm::Error fillWeight(WeightOp op, MutableArrayRef<float> values) {
  fill(op.getName(), values);
  for (float &value : values)
    value = op.getRole() == WeightRole::Gain ? 1 + value / 4 : value / 2;
  return llvm::Error::success();
}

SmallVector<HostTensor> run(ModuleOp module) {
  auto main = module.lookupSymbol<func::FuncOp>(entryName);
  SmallVector<HostTensor> inputs;
  for (auto [i, type] : llvm::enumerate(main.getArgumentTypes())) {
    auto tensor = cast<RankedTensorType>(type);
    std::vector<float> values(tensor.getNumElements());
    fill("input" + std::to_string(i), values);
    inputs.push_back(HostTensor::fromFloat(tensor.getShape(), values));
  }
  return llvm::cantFail(Interpreter(fillWeight, 1).run(main, inputs));
}

int64_t macs(ModuleOp module) {
  int64_t count = 0;
  module.walk([&](CostOpInterface op) { count += op.getMacs(); });
  return count;
}

/// Counts optimizations that applied, by name.
class RemarkCounter : public remark::detail::MLIRRemarkStreamerBase {
public:
  explicit RemarkCounter(llvm::StringMap<int> &counts) : counts(counts) {}
  void streamOptimizationRemark(const remark::detail::Remark &remark) override {
    ++counts[remark.getRemarkName()];
  }

private:
  llvm::StringMap<int> &counts;
};

struct Stage {
  const char *name;
  const char *remark; // which many of the models must bring about
  void (*build)(OpPassManager &manager);
};

template <std::unique_ptr<Pass> (*Create)()>
void single(OpPassManager &manager) {
  manager.addNestedPass<func::FuncOp>(Create());
}

class SimplifyTest : public testing::TestWithParam<Stage> {
protected:
  SimplifyTest() {
    context
        .loadDialect<VitrailDialect, func::FuncDialect, arith::ArithDialect>();
    remark::RemarkCategories categories;
    categories.passed = "simplify";
    EXPECT_TRUE(succeeded(remark::enableOptimizationRemarks(
        context, std::make_unique<RemarkCounter>(counts),
        std::make_unique<remark::RemarkEmittingPolicyAll>(), categories)));
  }

  llvm::StringMap<int> counts;
  MLIRContext context;
};

TEST_P(SimplifyTest, ComputesTheSame) {
  for (unsigned seed = 0; seed < modelCount; ++seed) {
    OwningOpRef<ModuleOp> model = RandomModel(&context, seed).build();
    std::string text;
    llvm::raw_string_ostream(text) << *model;
    SmallVector<HostTensor> expected = run(*model);
    int64_t cost = macs(*model);

    PassManager manager(&context);
    GetParam().build(manager);
    ASSERT_TRUE(succeeded(manager.run(*model))) << "seed " << seed << text;
    SmallVector<HostTensor> actual = run(*model);
    ASSERT_EQ(actual.size(), expected.size());
    for (auto [want, have] : llvm::zip_equal(expected, actual)) {
      ASSERT_EQ(want.getShape(), have.getShape());
      Difference difference = compare(want, have.getValues());
      ASSERT_LE(difference.maxAbs, 1e-12 * std::max(1.0, difference.maxRef))
          << "seed " << seed << text;
    }
    if (StringRef(GetParam().name) == "DeadTokens")
      EXPECT_LE(macs(*model), cost) << "seed " << seed << text;
  }
  // The test is worth what the models give the pass to do.
  if (*GetParam().remark)
    EXPECT_GT(counts[GetParam().remark], int(modelCount / 8));
}

INSTANTIATE_TEST_SUITE_P(
    Stages, SimplifyTest,
    testing::Values(
        Stage{"RaiseLinears", "raise-linears", single<createRaiseLinears>},
        Stage{"RaiseSoftmax", "raise-softmax", single<createRaiseSoftmax>},
        Stage{"Raise", "raise-mixers",
              [](OpPassManager &manager) { buildRaisePipeline(manager, {}); }},
        Stage{"LowerPatchEmbed", "lower-patch-embed",
              single<createLowerPatchEmbed>},
        Stage{"DeadTokens", "dead-tokens", single<createDeadTokens>},
        Stage{"PoolDifference", "pool-difference",
              single<createPoolDifference>},
        Stage{"FoldOutputAffine", "fold-output-affine",
              single<createFoldOutputAffine>},
        Stage{"FoldNormScale", "fold-norm-scale", single<createFoldNormScale>},
        Stage{"FoldNormAffine", "fold-norm-affine",
              single<createFoldNormAffine>},
        Stage{"FoldInputAffine", "fold-input-affine",
              single<createFoldInputAffine>},
        Stage{"MergeBranches", "merge-branches", single<createMergeBranches>},
        Stage{"MergeSums", "merge-sums", single<createMergeSums>},
        Stage{"SplitMixerBias", "split-mixer-bias",
              single<createSplitMixerBias>},
        Stage{"FoldAttentionBias", "fold-attention-bias",
              single<createFoldAttentionBias>},
        Stage{"FoldAttentionScale", "fold-attention-scale",
              single<createFoldAttentionScale>},
        Stage{"ReassociateAttention", "reassociate-attention",
              single<createReassociateAttention>},
        Stage{"FoldEmbedding", "fold-embedding", single<createFoldEmbedding>},
        Stage{"MergeLinears", "merge-linears", single<createMergeLinears>},
        Stage{"SinkSampleAffine", "sink-sample-affine",
              single<createSinkSampleAffine>},
        Stage{"Pipeline", "",
              [](OpPassManager &manager) {
                buildRaisePipeline(manager, {});
                buildSimplifyPipeline(manager, {});
              }}),
    [](const auto &info) { return info.param.name; });

} // namespace
