// The kernel's constants as the library names them, against the headers of this machine: each becomes an assertion that a C
// compiler judges.
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import * as kernel from '../../../src/library/kernel.ts';

/** Of later kernels than the headers that a machine may have. */
const NEWER = new Set(['PROC_EVENT_NONZERO_EXIT', 'SIZEOF_PROC_INPUT']);
/** How C spells what has no macro of its name. */
const SIZES: Readonly<Record<string, string>> = {
  SIZEOF_NLMSGHDR: 'sizeof(struct nlmsghdr)',
  SIZEOF_NLMSGERR: 'sizeof(struct nlmsgerr)',
  SIZEOF_CN_MSG: 'sizeof(struct cn_msg)',
  SIZEOF_PROC_EVENT: 'sizeof(struct proc_event)',
};
const MEMBERS: Readonly<Record<string, string>> = {
  uid: 'id',
  gid: 'id',
  ruid: 'r.ruid',
  rgid: 'r.rgid',
  euid: 'e.euid',
  egid: 'e.egid',
};

function assertions(): string[] {
  const lines: string[] = [];
  const equal = (c: string, value: number): void => {
    lines.push(`_Static_assert((unsigned)(${c}) == ${value}u, "${c} is not ${value}");`);
  };
  for (const [name, value] of Object.entries(kernel)) {
    if (typeof value !== 'number' || NEWER.has(name)) continue;
    equal(SIZES[name] ?? name, value);
  }
  for (const [field, offset] of Object.entries(kernel.NLMSGHDR)) {
    equal(`offsetof(struct nlmsghdr, ${field})`, offset);
  }
  for (const [field, offset] of Object.entries(kernel.CN_MSG)) {
    equal(
      field.replace(/^(idx|val)$/, 'id.$1').replace(/^.*$/, 'offsetof(struct cn_msg, $&)'),
      offset,
    );
  }
  for (const [field, offset] of Object.entries(kernel.PROC_EVENT_FIELDS)) {
    equal(`offsetof(struct proc_event, ${field})`, offset);
  }
  const data = 'event_data';
  for (const [kind, fields] of Object.entries(kernel.EVENT_DATA)) {
    const member = `${data}.${MEMBERS[kind] ?? kind}`;
    const size = kernel.SIZEOF_EVENT_DATA[kind as keyof typeof kernel.EVENT_DATA];
    equal(`sizeof(((struct proc_event *)0)->${member})`, size);
    for (const [field, offset] of Object.entries(fields)) {
      const at = `offsetof(struct proc_event, ${member}.${MEMBERS[field] ?? field})`;
      equal(`${at} - offsetof(struct proc_event, ${data})`, offset);
    }
  }
  return lines;
}

test('every constant, size and offset is what the headers of this machine say', () => {
  const lines = assertions();
  expect(lines.length).toBeGreaterThan(60);
  const source = `
    #include <linux/cn_proc.h>
    #include <linux/connector.h>
    #include <linux/netlink.h>
    #include <stddef.h>
    #define TASK_COMM_LEN sizeof(((struct proc_event *)0)->event_data.comm.comm)
    ${lines.join('\n')}
  `;
  const compiled = spawnSync('cc', ['-std=gnu11', '-x', 'c', '-fsyntax-only', '-'], {
    input: source,
    encoding: 'utf8',
  });
  expect(compiled.stderr).toBe('');
  expect(compiled.status).toBe(0);
});
