// The package's public entry: `import { ProcConnector } from 'procevents-exporter'`. See docs/library.md.
export { ProcConnector } from './library/connector.ts';
export type {
  CommEvent,
  CoredumpEvent,
  EventKind,
  ExecEvent,
  ExitEvent,
  ForkEvent,
  GidEvent,
  KernelEvent,
  LossStage,
  LostEvent,
  ProcEvent,
  ProcEventKind,
  ProcEventOf,
  PtraceEvent,
  SidEvent,
  UidEvent,
  UnknownEvent,
} from './library/events.ts';
export type { EventsOptions, ProcConnectorOptions } from './library/options.ts';
export type { ProcConnectorStats } from './library/statistics.ts';
export { openSocket, subscribe, unsubscribe, type ConnectorSocket } from './library/socket.ts';
export { parseDatagram, type ParsedMessage, type RejectReason } from './library/parse.ts';
export { signalName } from './library/signals.ts';
export { ExporterError, type ErrorCode } from './errors.ts';
