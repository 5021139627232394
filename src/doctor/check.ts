// Doctor: what one look at the host has found. The names are part of what scripts read, as are the states.

/** `degraded`: it works with less. `failing`: no events will flow. */
export type Status = 'ok' | 'degraded' | 'failing';

export interface Check {
  readonly name: string;
  readonly status: Status;
  readonly detail: string;
  /** With everything that is not ok. */
  readonly remedy?: string;
}

export function ok(name: string, detail: string): Check {
  return { name, status: 'ok', detail };
}

export function degraded(name: string, detail: string, remedy: string): Check {
  return { name, status: 'degraded', detail, remedy };
}

export function failing(name: string, detail: string, remedy: string): Check {
  return { name, status: 'failing', detail, remedy };
}
