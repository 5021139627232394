// The closing line of .ci/run. Input: the number of failed steps, result files of the native tests and of each vitest.
// Output: "N passed, N failed, N skipped"; exit 1 when any step failed.
import { existsSync, readFileSync } from 'node:fs';

const [failedSteps, nativeFile, ...vitestFiles] = process.argv.slice(2);
const native = read(nativeFile);
const results = [
  { passed: native.passed ?? 0, failed: native.failed ?? 0, skipped: 0 },
  ...vitestFiles.map((file) => ofVitest(read(file))),
];
const sum = (key) => results.reduce((total, result) => total + result[key], 0);
// A step can fail without a failed test (lint, a crash before the first test); it counts as one failure.
const explained = results.filter(({ failed }) => failed > 0).length;
const failed = sum('failed') + Math.max(0, Number(failedSteps) - explained);
process.stdout.write(`${sum('passed')} passed, ${failed} failed, ${sum('skipped')} skipped\n`);
process.exitCode = failed === 0 ? 0 : 1;

function ofVitest(report) {
  return {
    passed: report.numPassedTests ?? 0,
    failed: report.numFailedTests ?? 0,
    skipped: (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0),
  };
}

function read(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}
