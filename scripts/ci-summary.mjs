// The closing line of .ci/run. Input: the number of failed steps, result files of vitest and of the native tests.
// Output: "N passed, N failed, N skipped"; exit 1 when any step failed.
import { existsSync, readFileSync } from 'node:fs';

const [failedSteps, vitestFile, nativeFile] = process.argv.slice(2);
const vitest = read(vitestFile);
const native = read(nativeFile);
const passed = (vitest.numPassedTests ?? 0) + (native.passed ?? 0);
const failedTests = (vitest.numFailedTests ?? 0) + (native.failed ?? 0);
const skipped = (vitest.numPendingTests ?? 0) + (vitest.numTodoTests ?? 0);
// A step can fail without a failed test (lint, a crash before the first test); it counts as one failure.
const explained = [vitest.numFailedTests, native.failed].filter((n) => n > 0).length;
const failed = failedTests + Math.max(0, Number(failedSteps) - explained);
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
process.exitCode = failed === 0 ? 0 : 1;

function read(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}
