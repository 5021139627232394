#!/bin/bash
# What a test VM runs, as PID 1 or as a unit of systemd. Input: /project; `tests=` of the kernel's command line, comma
# separated. Output: vitest's own on the second serial port, its JSON report on the third disk; then power off.
exec >/dev/ttyS1 2>&1 </dev/null
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
export CI=true NO_COLOR=1 PROCEVENTS_REQUIRE_ALL=1 TEST_PATIENCE=8
cd /project || exit
tests=$(sed -n 's/.*\btests=\([^ ]*\).*/\1/p' /proc/cmdline)
# shellcheck disable=SC2086 # several files
node node_modules/vitest/vitest.mjs run --config test/vm/guest/vitest.config.ts ${tests//,/ } \
  --reporter=verbose --reporter=json --outputFile.json=/tmp/report.json
[ -f /tmp/report.json ] && cat /tmp/report.json >/dev/vdc
sync
echo o >/proc/sysrq-trigger
sleep 60
