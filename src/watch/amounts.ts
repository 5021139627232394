// Watch: numbers as people read them. In: ns, counts and rates. Out: short texts.

/** 350µs, 2.1ms, 12.3s, 5m12s, 3h05m, 2d04h */
export function lifetimeText(ns: bigint): string {
  const seconds = Number(ns) / 1e9;
  if (seconds < 0.001) return `${Math.round(seconds * 1e6)}µs`;
  if (seconds < 1) return `${shortened(seconds * 1000)}ms`;
  if (seconds < 60) return `${shortened(seconds)}s`;
  const whole = Math.floor(seconds);
  if (whole < 3600) return pairText(Math.floor(whole / 60), 'm', whole % 60, 's');
  const minutes = Math.floor(whole / 60);
  if (minutes < 1440) return pairText(Math.floor(minutes / 60), 'h', minutes % 60, 'm');
  const hours = Math.floor(minutes / 60);
  return pairText(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function pairText(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return `${large}${largeUnit}${String(small).padStart(2, '0')}${smallUnit}`;
}

/** Three digits say enough. */
function shortened(value: number): string {
  return value < 99.95 ? value.toFixed(1) : String(Math.floor(value));
}

export function countText(count: number): string {
  return count.toLocaleString('en-US');
}

export function rateText(perSecond: number): string {
  if (perSecond === 0) return '0';
  return perSecond < 9.95 ? perSecond.toFixed(1) : String(Math.round(perSecond));
}

export function plural(count: number, one: string): string {
  return `${countText(count)} ${one}${count === 1 ? '' : 's'}`;
}
