// Page: the chart. Reports in; lines, shaded storms and marked core dumps on a canvas, and the second that somebody points at, out.
import type { SummaryReport } from '../http/summary-report.ts';
import { clockText, countText } from './format.ts';
import uPlot from './uplot.js';
import type { Series } from './words.ts';

/** s. A daemon that has just been started shows that much; one that runs for long, all it has. */
const SHORTEST = 120;
const HEIGHT = 260;
/** Below this width the labels of the axis would take a quarter of it. */
const NARROW = 480;
const HEIGHT_NARROW = 200;
/** What is drawn later covers what was: most that is forked exits as often. */
const DRAWN: readonly Series[] = ['exits', 'forks', 'execs', 'failures'];
/** CSS pixels of the mark of a core dump. */
const MARK = 5;

export class Chart {
  /** The second that is pointed at, by its place in the rates; null: none. */
  pointed: (place: number | null) => void = () => {};
  readonly #box: HTMLElement;
  readonly #plot: uPlot;
  #report: SummaryReport | undefined;

  constructor(box: HTMLElement) {
    this.#box = box;
    this.#plot = new uPlot(this.#options(), [[], [], [], [], []], box);
    new ResizeObserver(() => this.#fit()).observe(box);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', () => this.#plot.redraw());
  }

  show(report: SummaryReport): void {
    this.#report = report;
    const { rates, ratesEnd } = report;
    const start = ratesEnd - rates.forks.length;
    // In the middle of its second.
    const times = rates.forks.map((_, i) => start + i + 0.5);
    this.#plot.setData([times, ...DRAWN.map((series) => [...rates[series]])] as uPlot.AlignedData);
  }

  /** Shows the pointer's line there. */
  point(place: number | null): void {
    const time = place === null ? undefined : this.#plot.data[0][place];
    const left = time === undefined ? -1 : this.#plot.valToPos(time, 'x');
    this.#plot.setCursor({ left, top: time === undefined ? -1 : 1 });
  }

  #fit(): void {
    const width = Math.floor(this.#box.clientWidth);
    const height = width < NARROW ? HEIGHT_NARROW : HEIGHT;
    this.#plot.setSize({ width, height });
    const { left, width: inner } = this.#plot.bbox;
    const scale = devicePixelRatio;
    const style = document.documentElement.style;
    style.setProperty('--plot-left', `${left / scale}px`);
    style.setProperty('--plot-right', `${width - (left + inner) / scale}px`);
  }

  #colour(name: string): string {
    return getComputedStyle(this.#box).getPropertyValue(`--${name}`);
  }

  #options(): uPlot.Options {
    const line = (series: Series): uPlot.Series => ({
      label: series,
      stroke: () => this.#colour(series),
      width: series === 'exits' ? 1 : 1.5,
      points: { show: false },
      ...(series === 'forks' && { fill: () => this.#colour('forks-area') }),
    });
    const axis: uPlot.Axis = {
      stroke: () => this.#colour('quiet'),
      font: '12px Inter, system-ui, sans-serif',
      grid: { stroke: () => this.#colour('line'), width: 1 },
      ticks: { show: false },
    };
    return {
      width: 300,
      height: HEIGHT,
      padding: [MARK * 2 + 4, 26, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, y: false, points: { size: 7 } },
      scales: {
        x: { time: true, range: () => this.#window() },
        y: { range: (_plot, _least, most) => [0, Math.max(5, (most ?? 0) * 1.05)] },
      },
      axes: [
        { ...axis, size: 26, gap: 6, space: 70, values: (_plot, at) => at.map(minuteText) },
        { ...axis, size: axisSize, gap: 6, space: 36, values: (_plot, at) => at.map(countText) },
      ],
      series: [{}, ...DRAWN.map(line)],
      hooks: {
        drawClear: [(plot) => this.#shadeStorms(plot)],
        draw: [(plot) => this.#markDumps(plot)],
        setCursor: [(plot) => this.pointed(plot.cursor.idx ?? null)],
      },
    };
  }

  #window(): [number, number] {
    if (this.#report === undefined) return [0, SHORTEST];
    const { rates, ratesEnd } = this.#report;
    return [ratesEnd - Math.max(SHORTEST, rates.forks.length), ratesEnd];
  }

  #shadeStorms(plot: uPlot): void {
    const { ctx, bbox, data } = plot;
    const edge = 3 * devicePixelRatio;
    ctx.save();
    for (const [first, end] of runs(this.#report?.rates.storms ?? [])) {
      const [from, last] = [data[0][first], data[0][end - 1]];
      if (from === undefined || last === undefined) continue;
      const left = Math.floor(plot.valToPos(from - 0.5, 'x', true));
      // A second may be narrower than a pixel.
      const width = Math.max(2, Math.ceil(plot.valToPos(last + 0.5, 'x', true)) - left);
      ctx.fillStyle = this.#colour('storm-area');
      ctx.fillRect(left, bbox.top, width, bbox.height);
      ctx.fillStyle = this.#colour('storm');
      ctx.fillRect(left, bbox.top - edge, width, edge);
    }
    ctx.restore();
  }

  #markDumps(plot: uPlot): void {
    const { ctx, bbox, data } = plot;
    const size = MARK * devicePixelRatio;
    ctx.save();
    ctx.fillStyle = ctx.strokeStyle = this.#colour('dump');
    ctx.lineWidth = devicePixelRatio;
    for (const [place, dumps] of (this.#report?.rates.coredumps ?? []).entries()) {
      const at = data[0][place];
      if (dumps === 0 || at === undefined) continue;
      const x = Math.round(plot.valToPos(at, 'x', true));
      const tip = bbox.top - 2 * devicePixelRatio;
      ctx.beginPath();
      ctx.moveTo(x - size, tip - 2 * size);
      ctx.lineTo(x + size, tip - 2 * size);
      ctx.lineTo(x, tip);
      ctx.fill();
      ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
      ctx.beginPath();
      ctx.moveTo(x, tip);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.restore();
  }
}

/** Where storm seconds follow one another: the first, and the one after the last. */
function runs(storms: readonly number[]): [number, number][] {
  const found: [number, number][] = [];
  for (const [place, storm] of storms.entries()) {
    const last = found.at(-1);
    if (storm === 0) continue;
    if (last?.[1] === place) last[1] = place + 1;
    else found.push([place, place + 1]);
  }
  return found;
}

/** 10:03, and only between minutes the seconds too. */
function minuteText(time: number): string {
  const text = clockText(time);
  return text.endsWith(':00') ? text.slice(0, -3) : text;
}

/** Wide enough for the longest label. */
function axisSize(_plot: uPlot, values: string[] | null): number {
  const longest = Math.max(2, ...(values ?? []).map((value) => value.length));
  return longest * 7 + 14;
}
