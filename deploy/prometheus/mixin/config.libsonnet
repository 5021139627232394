// Mixin: all that a user may want to set, each threshold with its reason. Override with `_config+::`.
{
  _config+:: {
    // Which targets are ours. The default fits the jobs of ../*.yml and of a PodMonitor (namespace/name).
    selector: 'job=~"(.*/)?procevents(-exporter)?"',

    // What tells one daemon from another; with several clusters under one roof: ['cluster', 'job', 'instance'].
    hostLabels: ['job', 'instance'],
    // What tells one fleet from another; with several clusters: ['cluster', 'job'].
    fleetLabels: ['job'],

    // Where people find the pages of docs/runbooks; %s is the alert's name.
    runbookURL: 'https://github.com/procevents-exporter/procevents-exporter/blob/main/docs/runbooks/%s.md',

    severities: {
      ForkStorm: 'warning',
      ForkBomb: 'critical',
      ProcessChurn: 'warning',
      CoreDump: 'warning',
      CrashLoop: 'critical',
      ExecFlood: 'warning',
      EventsLost: 'warning',
      FeedSilent: 'critical',
      ExporterDown: 'critical',
      SeriesFolded: 'info',
      Unresolved: 'info',
    },

    // ForkStorm. Seconds over the daemon's --storm.threshold, of the last 60: a login or a build makes one or two.
    stormSeconds: 10,

    // ForkBomb. Shares of procevents_pids_limit. systemd stops one user's sessions at 33 %, the default ulimit at 50 %:
    // a bomb that is held there is still one.
    bombUsed: 0.3,
    // Net growth since the lowest of the last hour, so that a host which is always full is none.
    bombGrowth: 0.1,
    // So many times the most of the day before: a full host that has booted only comes back to where it was.
    bombPast: 1.2,

    // ProcessChurn. So many times the busiest five minutes of the day before, and at least so many a second.
    churnFactor: 2,
    churnFloor: 50,
    churnFor: '15m',
    // Five-minute steps that the day before must have: six hours. A host without a past is not compared with it.
    churnPastSteps: 72,

    // CrashLoop. Crashes of one comm and uid in ten minutes; systemd gives up at five in ten seconds.
    loopCrashes: 5,

    // ExecFlood. Programs a second, of one comm and uid: a build on 32 CPUs makes about 100 of its compiler.
    floodExecs: 200,
    floodFor: '10m',

    // EventsLost. More than so many in ten minutes: the daemon promises none.
    lostEvents: 0,

    // FeedSilent. Tasks that the kernel has made in three minutes while none was heard of; 20 are no accident.
    silentForks: 20,
    // Longer than those three minutes: until then what was forked while a daemon restarted is among them.
    silentFor: '5m',

    // ExporterDown. No scrape was answered in one of these times, and there were at least so many in it: that is 9 s at a
    // scrape a second, 5 min at up to 37 s from one to the next, 10 min at up to 75 s, 30 min at up to 225 s. Restarts are
    // shorter than each, and the reboot of most hosts than all but the first: who scrapes every second is told of reboots,
    // or takes '9s' out.
    downScrapes: 8,
    downWindows: ['9s', '5m', '10m', '30m'],

    // SeriesFolded, Unresolved. Shares of all forks, execs, exits and core dumps; and at least so many a second.
    foldedShare: 0.01,
    unresolvedShare: 0.05,
    namelessFloor: 0.1,
    namelessFor: '15m',

    // Recording rules. How often; empty: as often as all rules. They read most of a host's pairs: where hundreds of hosts
    // share one Prometheus, '1m' is often enough, and nothing that is urgent waits for them.
    recordingInterval: '',
    // Pairs a host, comms a fleet.
    topPairs: 10,
    topComms: 20,
    // Outliers: at most so many hosts, with so many times the fleet's median, and at least so many a second.
    topOutliers: 20,
    outlierFactor: 3,
    outlierFloor: 10,
  },
}
