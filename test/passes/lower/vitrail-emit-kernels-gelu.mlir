// RUN: vitrail-opt %s --pass-pipeline='builtin.module(vitrail-emit-kernels{vector-width=16 registers=32},canonicalize,cse)' \
// RUN:   | FileCheck %s
// RUN: vitrail-opt %s --pass-pipeline='builtin.module(vitrail-emit-kernels{vector-width=8 registers=16},canonicalize,cse)' \
// RUN:   | FileCheck %s --check-prefix=AVX2
// RUN: vitrail-opt %s --pass-pipeline='builtin.module(vitrail-emit-kernels{vector-width=16 registers=32},canonicalize,cse)' \
// RUN:   | python3 %S/Inputs/gelu_table.py

// Registers of AVX-512 hold tables: GELU looks the five coefficients of a short
// polynomial up, whose error the script measures. With AVX2, one long polynomial
// serves all of the range.

// CHECK-LABEL:   func private @gelu(
// CHECK-COUNT-5:   llvm.call_intrinsic "llvm.x86.avx512.permvar.sf.512"
// AVX2-LABEL:    func private @gelu(
// AVX2-NOT:        llvm.call_intrinsic
// AVX2-COUNT-14:   vector.fma
func.func private @gelu(%x: memref<1x1x16xf32>, %y: memref<1x1x16xf32>) attributes {vitrail.kernel} {
  %0 = vitrail.read %x axis = 1 : memref<1x1x16xf32> -> tensor<1x16xf32>
  %1 = vitrail.unary gelu %0 : tensor<1x16xf32>
  vitrail.write %1, %y axis = 1 : tensor<1x16xf32> -> memref<1x1x16xf32>
  return
}
