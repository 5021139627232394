// Exposition: prom-client's registry, with our families rendered by our own renderer before whatever is
// registered in it. They never enter its hash: its key can be collided by a hostile comm.
// The one file that imports prom-client.
import { Registry, collectDefaultMetrics } from 'prom-client';
import type { Cut } from './cut.ts';
import { HOST_FAMILIES, buildInfoFamily } from './host-families.ts';
import type { BuildInfo } from './host-families.ts';
import { Renderer } from './renderer.ts';

/** At prom-client's default of 10 ms, an idle process would wake 98 times a second. */
const EVENT_LOOP_PRECISION_MS = 1000;

export class ExporterRegistry extends Registry {
  readonly #renderer: Renderer;
  readonly #takeCut: () => Cut;

  /** `takeCut`: of what is counted now, for whoever calls `metrics()`. */
  constructor(o: { takeCut: () => Cut; exporterMetrics: boolean; build: BuildInfo }) {
    super();
    this.#takeCut = o.takeCut;
    this.#renderer = new Renderer([...HOST_FAMILIES, buildInfoFamily(o.build)]);
    if (o.exporterMetrics) {
      collectDefaultMetrics({
        register: this,
        eventLoopMonitoringPrecision: EVENT_LOOP_PRECISION_MS,
      });
    }
  }

  /** The answer to a scrape, in `contentType`. */
  async expose(cut: Cut): Promise<Buffer> {
    const theirs = await super.metrics();
    // Theirs takes milliseconds of its own.
    await new Promise((resolve) => setImmediate(resolve));
    return this.#renderer.render(cut, theirs === '\n' ? '' : theirs);
  }

  override async metrics(): Promise<string> {
    return (await this.expose(this.#takeCut())).toString();
  }
}
