// HTTP: the page for people who open the exporter's address and may not see the live one. In: version, paths. Out: HTML.

/** The page needs nothing from anywhere, so the browser is told to allow nothing. */
export const LANDING_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
} as const;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

export function landingPage(version: string, telemetryPath: string): string {
  const links: readonly (readonly [string, string])[] = [
    [telemetryPath, 'Metrics, for Prometheus'],
    ['/healthz', 'Health, with the reasons'],
    ['/-/healthy', 'Healthy?'],
    ['/-/ready', 'Ready?'],
  ];
  const items = links.map(
    ([path, text]) => `<li><a href="${escaped(path)}">${escaped(text)}</a></li>`,
  );
  return `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>procevents-exporter</title></head>
<body>
<h1>procevents-exporter ${escaped(version)}</h1>
<p>Process events of this host, counted per command name and user.</p>
<ul>
${items.join('\n')}
</ul>
</body>
</html>
`;
}
