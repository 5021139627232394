// Exposition: prom-client's registry, with our families rendered by our own renderer before whatever is
// registered in it. They never enter its hash: its key can be collided by a hostile comm.
// The one file that imports prom-client.
import { Registry, collectDefaultMetrics } from 'prom-client';
import type { Cut } from './cut.ts';
import { exporterText, type RegisteredFamily } from './exporter-families.ts';
import type { Format } from './format.ts';
import { HOST_FAMILIES, buildInfoFamily } from './host-families.ts';
import type { BuildInfo } from './host-families.ts';
import { Renderer } from './renderer.ts';

/** At prom-client's default of 10 ms, an idle process would wake 98 times a second. */
const EVENT_LOOP_PRECISION_MS = 1000;

/** Those about the exporter itself take a millisecond, most of it reads of /proc/self: not for each of 500 scrapes a second. */
const EXPORTER_METRICS_AGE_MS = 100;

export interface RegistryOptions {
  /** Of what is counted now, for whoever calls `metrics()`. */
  readonly takeCut: () => Cut;
  readonly exporterMetrics: boolean;
  /** With _created samples of our counters and histograms in OpenMetrics. */
  readonly created?: boolean;
  readonly build: BuildInfo;
}

export class ExporterRegistry extends Registry {
  readonly #renderer: Renderer;
  readonly #takeCut: () => Cut;
  #exporterMetrics: Promise<readonly RegisteredFamily[]> = Promise.resolve([]);
  #exporterMetricsAt = Number.NEGATIVE_INFINITY;

  constructor(o: RegistryOptions) {
    super();
    this.#takeCut = o.takeCut;
    this.#renderer = new Renderer({
      families: [...HOST_FAMILIES, buildInfoFamily(o.build)],
      created: o.created ?? false,
    });
    if (o.exporterMetrics) {
      collectDefaultMetrics({
        register: this,
        eventLoopMonitoringPrecision: EVENT_LOOP_PRECISION_MS,
      });
    }
  }

  /** The answer to a scrape. */
  async expose(cut: Cut, format: Format): Promise<Buffer> {
    const text = exporterText(await this.#exporterFamilies(), format);
    // Theirs takes a millisecond of its own.
    await new Promise((resolve) => setImmediate(resolve));
    return this.#renderer.render(cut, format, text);
  }

  #exporterFamilies(): Promise<readonly RegisteredFamily[]> {
    const now = performance.now();
    if (now - this.#exporterMetricsAt >= EXPORTER_METRICS_AGE_MS) {
      this.#exporterMetricsAt = now;
      // Its types know neither that `type` is a word here, nor which values have a metricName.
      const families: Promise<unknown> = this.getMetricsAsJSON();
      this.#exporterMetrics = families as Promise<readonly RegisteredFamily[]>;
    }
    return this.#exporterMetrics;
  }

  /** In the format of `contentType`, which is not to be changed. */
  override async metrics(): Promise<string> {
    return (await this.expose(this.#takeCut(), 'text')).toString();
  }
}
