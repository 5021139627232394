// Configuration: reader of --web.telemetry-path. In: the text that a user typed. Out: the path, or NotAllowed.
import { NotAllowed } from './values.ts';

/** Paths that the exporter answers itself, now or by contract. */
export const RESERVED_PATHS: readonly string[] = [
  '/',
  '/healthz',
  '/-/healthy',
  '/-/ready',
  '/api/v1/summary',
];
/** The live page's files are below it. */
const PAGE_FOLDER = '/page/';

// Far beyond any real one, far within the 16 KiB of a request's head.
const LONGEST = 255;

/** Segments of unreserved characters only: no query, no escape, and nothing that a router takes for a pattern. */
export function telemetryPath(text: string): string {
  if (RESERVED_PATHS.includes(text) || text.startsWith(PAGE_FOLDER)) {
    throw new NotAllowed(
      text,
      `a path other than ${RESERVED_PATHS.join(', ')}, and none below ${PAGE_FOLDER}`,
    );
  }
  const plain = /^(?:\/[A-Za-z0-9._~-]+)+$/.test(text) && text.length <= LONGEST;
  // Clients resolve . and .. before they ask: such a path could never be reached.
  const relative = text.split('/').some((segment) => segment === '.' || segment === '..');
  if (!plain || relative) {
    throw new NotAllowed(
      text,
      `a path such as /metrics: it begins with /, has segments of letters, digits and . _ ~ -, no query, at most ${LONGEST} characters`,
    );
  }
  return text;
}
