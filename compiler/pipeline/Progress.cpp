//===- Progress.cpp - What is being done, on a terminal -------------------===//
//
// Part of Vitrail, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/pipeline/Progress.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"

using namespace vitrail;
using Clock = std::chrono::steady_clock;

Progress::Progress()
    : terminal(llvm::sys::Process::StandardErrIsDisplayed()),
      start(Clock::now()), last(start) {}

Progress::~Progress() {
  if (shown)
    llvm::errs() << "\r\033[K";
}

void Progress::show(llvm::StringRef text) {
  constexpr auto patience = std::chrono::seconds(2);
  constexpr auto interval = std::chrono::milliseconds(100);
  Clock::time_point now = Clock::now();
  if (!terminal || now - start < patience || (shown && now - last < interval))
    return;
  last = now;
  shown = true;
  llvm::errs() << "\r\033[K" << text;
}

void Progress::stage(llvm::StringRef name) {
  current = name.str();
  show(current + " ...");
}

void Progress::step(int64_t done, int64_t total) {
  show(current + " " +
       std::to_string(100 * done / std::max<int64_t>(total, 1)) + " %");
}
