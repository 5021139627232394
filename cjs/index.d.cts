// Types of require('procevents-exporter'); see parse.d.cts.
import type * as library from '../dist/index.js' with { 'resolution-mode': 'import' };

declare const values: typeof library;
declare namespace values {
  type CommEvent = library.CommEvent;
  type ConnectorSocket = library.ConnectorSocket;
  type CoredumpEvent = library.CoredumpEvent;
  type ErrorCode = library.ErrorCode;
  type EventKind = library.EventKind;
  type EventsOptions<Kind extends library.ProcEventKind = library.ProcEventKind> =
    library.EventsOptions<Kind>;
  type ExecEvent = library.ExecEvent;
  type ExitEvent = library.ExitEvent;
  type ExporterError = library.ExporterError;
  type ForkEvent = library.ForkEvent;
  type GidEvent = library.GidEvent;
  type KernelEvent<Kind extends library.EventKind> = library.KernelEvent<Kind>;
  type LossStage = library.LossStage;
  type LostEvent = library.LostEvent;
  type ParsedMessage = library.ParsedMessage;
  type ProcConnector = library.ProcConnector;
  type ProcConnectorOptions = library.ProcConnectorOptions;
  type ProcConnectorStats = library.ProcConnectorStats;
  type ProcEvent = library.ProcEvent;
  type ProcEventKind = library.ProcEventKind;
  type ProcEventOf<Kind extends library.ProcEventKind> = library.ProcEventOf<Kind>;
  type PtraceEvent = library.PtraceEvent;
  type RejectReason = library.RejectReason;
  type SidEvent = library.SidEvent;
  type UidEvent = library.UidEvent;
  type UnknownEvent = library.UnknownEvent;
}
export = values;
