// sources:
// A gap is exactly what is missing: across CPUs, at the wrap, at the first message, for CPUs that
// cannot be, and where numbers repeat or go back.
#include "../ledger.h"

#include "check.h"

using procevents::Ledger;

int main() {
  Ledger ledger;
  CHECK(ledger.see(0, 1000) == 0);  // the first message of a CPU only sets the base
  CHECK(ledger.see(0, 1001) == 0);
  CHECK(ledger.see(1, 5) == 0);
  CHECK(ledger.see(0, 1005) == 3);
  CHECK(ledger.see(1, 7) == 1);
  CHECK(ledger.gaps() == 4);
  CHECK(ledger.see(2, 0xfffffffe) == 0);
  CHECK(ledger.see(2, 0xffffffff) == 0);
  CHECK(ledger.see(2, 0) == 0);
  CHECK(ledger.see(2, 3) == 2);
  CHECK(ledger.see(Ledger::kMaxCpus - 1, 1) == 0);
  CHECK(ledger.see(Ledger::kMaxCpus, 1) == 0);
  CHECK(ledger.see(Ledger::kMaxCpus, 100) == 0);
  CHECK(ledger.see(0xffffffff, 100) == 0);
  CHECK(ledger.gaps() == 6);
  // The same number again, one from before, and one from before across the wrap: nothing is lost,
  // and what follows is counted from there.
  CHECK(ledger.see(3, 100) == 0);
  CHECK(ledger.see(3, 100) == 0);
  CHECK(ledger.see(3, 101) == 0);
  CHECK(ledger.see(3, 50) == 0);
  CHECK(ledger.see(3, 53) == 2);
  CHECK(ledger.see(3, 0xfffffff0) == 0);
  CHECK(ledger.see(3, 0xfffffff3) == 2);
  CHECK(ledger.see(3, 0xfffffff4 + Ledger::kBehind - 1) == Ledger::kBehind - 1);
  CHECK(ledger.gaps() == 6 + 2 + 2 + Ledger::kBehind - 1);
}
