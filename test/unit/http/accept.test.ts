// Which format an Accept header gets, and whether an Accept-Encoding header gets gzip. The long ones are what Prometheus sends.
import { describe, expect, test } from 'vitest';
import { accepted } from '../../../src/http/accept.ts';

const PROTO =
  'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';

describe('Accept', () => {
  test.each([
    // 2.42, 2.43 to 2.48, and with native histograms.
    [
      'openmetrics',
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    ],
    [
      'openmetrics',
      `${PROTO},application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1`,
    ],
    // 2.49 to 2.55.
    [
      'openmetrics',
      'application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
    ],
    // 3.x, then with protobuf first, then with text alone asked for.
    [
      'openmetrics',
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
    ],
    [
      'openmetrics',
      `${PROTO};q=0.7,application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=underscores;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2`,
    ],
    ['text', 'text/plain;version=0.0.4;q=0.6,*/*;q=0.5'],
    ['text', 'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,*/*;q=0.5'],
    ['text', `${PROTO};q=0.6,*/*;q=0.5`],
    // Before 2.5, and when OpenMetrics was a draft.
    ['text', 'text/plain;version=0.0.4;q=1,*/*;q=0.1'],
    [
      'text',
      'application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    ],
    // curl, browsers.
    ['text', '*/*'],
    ['text', 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8'],
    // Weight first, then how exactly it is named, then the order.
    ['openmetrics', 'text/plain;q=0.5,application/openmetrics-text'],
    ['text', 'application/openmetrics-text;q=0.5,text/plain'],
    ['openmetrics', '*/*, application/openmetrics-text'],
    ['openmetrics', 'text/plain, application/openmetrics-text;version=1.0.0'],
    ['openmetrics', 'application/openmetrics-text, text/plain'],
    ['text', 'text/plain, application/openmetrics-text'],
    ['openmetrics', 'application/*'],
    ['text', 'application/*;q=0.5, text/*'],
    // The more exact range tells the weight, wherever it stands.
    ['openmetrics', '*/*;q=0.9, text/plain;q=0.1'],
    ['text', 'application/openmetrics-text;version=1.0.0;q=0.1, application/*, text/plain;q=0.2'],
    // Weight 0 excludes.
    ['openmetrics', 'text/plain;q=0, */*'],
    ['text', 'application/openmetrics-text;q=0, */*'],
    ['text', 'application/openmetrics-text;q=0.000, text/plain;q=0.001'],
    ['text', 'application/openmetrics-text;q=0, text/plain;q=0'],
    ['text', '*/*;q=0'],
    // Spelling.
    ['openmetrics', ' Application/OpenMetrics-Text ; Version="1.0.0" ; charset=utf-8 '],
    ['openmetrics', ',,application/openmetrics-text;;q=1.000,'],
    // No weight, no range.
    ['text', 'application/openmetrics-text;q=2, text/plain;q=0.1'],
    ['text', 'application/openmetrics-text;q=, text/plain;q=0.1'],
    // What we do not speak, and nonsense.
    ['text', 'application/openmetrics-text;version=2.0.0'],
    ['text', 'application/json'],
    ['text', ''],
    ['text', ';;==,"'],
    ['text', '*'],
    ['text', undefined],
  ])('gets %s for %s', (format, accept) => {
    expect(accepted({ accept }).format).toBe(format);
  });
});

describe('Accept-Encoding', () => {
  test.each([
    [true, 'gzip'],
    [true, 'gzip, deflate, br'],
    [true, 'GZIP;q=0.5'],
    [true, 'x-gzip'],
    [true, '*'],
    [true, 'br, *;q=0.1'],
    [true, 'gzip;q=0.5, identity;q=0.5'],
    [true, 'identity;q=0, gzip;q=0.1'],
    [false, 'gzip;q=0'],
    [false, 'gzip;q=0, *'],
    [false, 'gzip;q=0.5, identity'],
    [false, 'identity'],
    [false, 'br, zstd'],
    [false, '*;q=0'],
    [false, 'gzip;q=x'],
    [false, ''],
    [false, undefined],
  ])('gets gzip: %s, for %s', (gzip, header) => {
    expect(accepted({ 'accept-encoding': header }).gzip).toBe(gzip);
  });
});
