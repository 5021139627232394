// HTTP: what /healthz says. Types only: the live page's code is checked against them too.

export type HealthStatus = 'ok' | 'degraded' | 'failing';

export interface HealthReport {
  readonly status: HealthStatus;
  readonly checks: Readonly<
    Record<string, { readonly status: HealthStatus; readonly detail: string }>
  >;
}
