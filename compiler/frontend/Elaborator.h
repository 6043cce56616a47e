//===- Elaborator.h - From the tree to the dialect --------------*- C++ -*-===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Executes a model at compile time. Numbers, conditions and loops vanish; what
// is left are the tensor ops, each at the place that the description gives it.
//
//===----------------------------------------------------------------------===//

#ifndef VITRAIL_COMPILER_FRONTEND_ELABORATOR_H
#define VITRAIL_COMPILER_FRONTEND_ELABORATOR_H

#include "compiler/frontend/Frame.h"
#include "compiler/frontend/Frontend.h"
#include "compiler/frontend/Reporter.h"
#include "compiler/frontend/TensorBuilder.h"
#include "compiler/frontend/Weights.h"

namespace vitrail::frontend {

class Elaborator {
public:
  /// `libraryBuffer` is the number of the library's source buffer.
  Elaborator(mlir::MLIRContext &context, const Reporter &reporter,
             unsigned libraryBuffer, const FrontendOptions &options);

  /// The module of `file`'s model, or null after an error was reported.
  mlir::OwningOpRef<mlir::ModuleOp> run(const Description &library,
                                        const Description &file);

private:
  using Result = mlir::FailureOr<Datum>;

  // The model, its parameters and ports (Model.cpp).
  mlir::LogicalResult bindParameters(const ModelDecl &model);
  Result parameterValue(const Formal &formal);
  mlir::LogicalResult checkDefinitions(const ModelDecl &model);
  mlir::FailureOr<mlir::DictionaryAttr>
  portAttributes(llvm::StringRef name, const PortType &type,
                 llvm::ArrayRef<int64_t> shape, bool isInput);
  mlir::FailureOr<mlir::Attribute> pixelStatistic(const Argument &option,
                                                  int64_t channels);
  mlir::FailureOr<mlir::Attribute> classLabels(const Argument &option,
                                               int64_t classes);
  mlir::LogicalResult checkPortName(llvm::StringRef name, llvm::SMLoc loc);
  mlir::LogicalResult declareInput(const InputStmt &statement);
  mlir::LogicalResult declareOutput(const OutputStmt &statement);
  mlir::LogicalResult finish(const ModelDecl &model, mlir::ModuleOp module);

  // Statements (Elaborator.cpp).
  enum class Flow { Next, Return, Failed };
  Flow execute(const Body &body);
  Flow execute(const Stmt &statement);
  Flow executeFor(const ForStmt &statement);
  mlir::LogicalResult assign(const AssignStmt &statement);
  mlir::LogicalResult bind(const Target &target, Datum value,
                           llvm::StringRef fixed = {});
  mlir::LogicalResult require(const RequireStmt &statement);
  mlir::LogicalResult declareBlocks(const Body &body);
  /// Counts what is evaluated, within a limit.
  mlir::LogicalResult step(llvm::SMLoc loc);

  // Calls and scopes (Calls.cpp).
  Result call(const CallExpr &call, const ScopedExpr *scoped);
  mlir::LogicalResult bindArguments(const CallExpr &call, Frame &callee);
  mlir::LogicalResult bindDefaults(Frame &callee, llvm::SMLoc loc);
  Result convert(const Formal &formal, Datum value, llvm::SMLoc loc,
                 const llvm::Twine &subject);
  mlir::LogicalResult checkCycle(const BlockStmt &block, llvm::SMLoc loc);
  Result invoke(Frame &callee, llvm::SMLoc loc);
  Result declareParameter(const ParameterExpr &parameter,
                          const ScopedExpr &scoped);
  /// The name that `path` gives within the present scope.
  mlir::FailureOr<std::string> scopedName(const Template &path);
  /// Runs `action` within the scope `path`.
  mlir::LogicalResult within(const Template &path, bool isShared,
                             llvm::function_ref<mlir::LogicalResult()> action);

  // Expressions (Expressions.cpp).
  Result evaluate(const Expr &expr);
  Result evaluate(const NameExpr &expr);
  Result evaluate(const ListExpr &expr);
  Result evaluate(const UnaryExpr &expr);
  Result evaluate(const BinaryExpr &expr);
  Result evaluate(const IndexExpr &expr);
  Result evaluate(const ShapeExpr &expr);
  Result combine(Operator op, llvm::SMLoc loc, const Datum &lhs,
                 const Datum &rhs);
  Result indexList(const IndexExpr &expr, const List &list);
  Result indexTensor(const IndexExpr &expr, const Tensor &tensor);
  mlir::FailureOr<AxisRange> evaluate(const Subscript &subscript, int64_t axis,
                                      const Tensor &tensor);
  mlir::FailureOr<std::string> evaluate(const Template &text);
  mlir::FailureOr<bool> evaluateCondition(const Expr &expr);
  mlir::FailureOr<int64_t> evaluateInteger(const Expr &expr,
                                           const llvm::Twine &what);
  mlir::FailureOr<std::vector<int64_t>>
  evaluateShape(llvm::ArrayRef<ExprPtr> sizes, llvm::SMLoc loc);

  // Places and messages (Elaborator.cpp).
  /// Reports at `loc`, or if that lies in the library, at the user's call, with
  /// a note at `loc`; then notes the calls that led there.
  mlir::InFlightDiagnostic error(llvm::SMLoc loc);
  template <typename T> Result take(llvm::SMLoc loc, llvm::Expected<T> result) {
    if (result)
      return Datum(std::move(*result));
    return error(loc) << llvm::toString(result.takeError());
  }
  /// The location of an op: the scope's name over the place in the text.
  mlir::Location where(llvm::SMLoc loc) const;
  bool inLibrary(llvm::SMLoc loc) const {
    return reporter.inBuffer(loc, libraryBuffer);
  }
  /// The names that the present frame sees, for suggestions.
  std::vector<llvm::StringRef> visibleNames() const;
  Frame &newFrame();

  mlir::MLIRContext &context;
  const Reporter &reporter;
  unsigned libraryBuffer;
  const FrontendOptions &options;
  TensorBuilder tensors;
  WeightTable weights;
  AliasTable aliases;

  /// Blocks keep their home frame beyond its execution.
  std::vector<std::unique_ptr<Frame>> frames;
  Frame *frame = nullptr; // of what runs now
  Datum returned;
  std::string scope;
  bool shared = false; // whether weights may be named a second time
  unsigned depth = 0;
  int64_t steps = 0;

  mlir::func::FuncOp function;
  struct Port {
    llvm::StringRef name;
    llvm::SMLoc loc;
    mlir::Value value;
    mlir::DictionaryAttr attributes;
  };
  std::vector<Port> inputs, outputs;
};

} // namespace vitrail::frontend

#endif // VITRAIL_COMPILER_FRONTEND_ELABORATOR_H
