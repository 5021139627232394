// HTTP: the names in a certificate. In: Node's one line of them. Out: DNS names, addresses, e-mail addresses and URIs.

/** The kinds that the toolkit looks at. */
const KINDS = new Set(['DNS', 'IP Address', 'email', 'URI']);
/** Node puts a value that could be taken for two into JSON quotes (CVE-2021-44532). */
const ENTRY = /(?:^|, )([A-Za-z][A-Za-z ]*):("(?:[^"\\]|\\.)*"|[^",]*)(?=, |$)/gy;

/** A line that is not of this form as a whole has no names. */
export function sansOf(line: string): readonly string[] {
  const sans: string[] = [];
  let end = 0;
  for (const [all, kind = '', value = ''] of line.matchAll(ENTRY)) {
    if (KINDS.has(kind)) sans.push(value.startsWith('"') ? String(JSON.parse(value)) : value);
    end += all.length;
  }
  return end === line.length ? sans : [];
}
