// Exposition: what the two formats write differently. In: a family, a number. Out: its head of comment lines, its text.

export const FORMATS = ['text', 'openmetrics'] as const;

/** text: 0.0.4. */
export type Format = (typeof FORMATS)[number];

export const CONTENT_TYPE: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** The last line of OpenMetrics; without it an answer is a broken one. */
export const END: Readonly<Record<Format, string>> = { text: '', openmetrics: '# EOF\n' };

export interface FamilyHead {
  /** As its samples have it: that of a counter ends in _total. */
  readonly name: string;
  readonly type: string;
  readonly help: string;
}

const UNIT = /_(seconds|bytes)$/;

/** OpenMetrics names a counter without the _total of its samples. */
export function stemOf(name: string): string {
  return name.replace(/_total$/, '');
}

export function headText({ name, type, help }: FamilyHead, format: Format): string {
  if (format === 'text') return `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n`;
  const stem = type === 'counter' ? stemOf(name) : name;
  const unit = UNIT.exec(stem)?.[1];
  const quoted = escaped(help).replaceAll('"', '\\"');
  return `# TYPE ${stem} ${type}\n${unit ? `# UNIT ${stem} ${unit}\n` : ''}# HELP ${stem} ${quoted}\n`;
}

function escaped(help: string): string {
  return help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

export function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

/**
 * A number as a label (le, quantile). OpenMetrics wants one spelling of each, Go's %g with a point: 1.0, 3.16e-05. Text
 * has what JavaScript writes.
 */
export function boundText(bound: number, format: Format): string {
  if (format === 'text' || !Number.isFinite(bound)) return numberText(bound);
  const [digits = '', exponent = '0'] = bound.toExponential().split('e');
  const power = Number(exponent);
  // Where Go's %g takes an exponent.
  if (power < -4 || power >= 6) {
    const sign = power < 0 ? '-' : '+';
    return `${digits}e${sign}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  const text = String(bound);
  return text.includes('.') ? text : `${text}.0`;
}
