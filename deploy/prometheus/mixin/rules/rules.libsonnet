// Mixin: the recording rules, level:metric:operation. In: _config. Out: prometheusRules. Those of a fleet read those of
// hosts, and nothing else: where fleets are summed up above several Prometheus, these are all that has to go there.
{
  local config = $._config,
  local q = (import '../lib/queries.libsonnet')(config),
  local record(name, expr) = { record: name, expr: std.rstripChars(expr, '\n') },

  local recording = if config.recordingInterval == '' then {} else { interval: config.recordingInterval },

  local perSecond = {
    // The histogram's sum is every process created, in one series a host, whatever became of the pairs.
    procevents_forks: q.series('procevents_forks_per_second_sum'),
    procevents_execs: q.series('procevents_events_total', 'event="exec"'),
    procevents_exit_failures: q.series('procevents_exit_failures_total'),
    procevents_exited_cpu_seconds: q.series('procevents_exited_cpu_seconds_total'),
    procevents_fork_storm_seconds: q.series('procevents_fork_storm_seconds_total'),
    procevents_lost_events: q.series('procevents_lost_events_total'),
    procevents_shed_events: q.series('procevents_shed_events_total'),
  },
  // Ends of threads, and further dumps of one process, are events, too.
  local differences = {
    procevents_exits: ['procevents_events_total', 'event="exit"', 'procevents_thread_exits_total'],
    procevents_coredumps: ['procevents_events_total', 'event="coredump"', 'procevents_duplicate_coredumps_total'],
  },
  local summed = std.setUnion(std.objectFields(perSecond), std.objectFields(differences)),
  local byPair = {
    procevents_forks: 'procevents_forks_total',
    procevents_execs: 'procevents_execs_total',
    procevents_exit_failures: 'procevents_exit_failures_total',
  },
  local day(expr) = '%s[1d:5m] offset 1h' % expr,

  prometheusRules+:: {
    groups+: [
      recording {
        name: 'procevents-hosts',
        rules: [
          record('instance:%s:rate5m' % name, q.byHost('rate(%s[5m])' % perSecond[name]))
          for name in std.objectFields(perSecond)
        ] + [
          record(
            'instance:%s:rate5m' % name,
            local of = differences[name];
            'clamp_min(\n  %s\n  -\n  %s,\n  0\n)' % [
              q.byHost('rate(%s[5m])' % q.series(of[0], of[1])),
              q.byHost('rate(%s[5m])' % q.series(of[2])),
            ]
          )
          for name in std.objectFields(differences)
        ] + [
          record(
            'instance:procevents_tasks:ratio',
            'max by (%(host)s) (%(tasks)s)\n/\nmax by (%(host)s) (%(limit)s)' % {
              host: q.host,
              tasks: q.series('procevents_tasks'),
              limit: q.series('procevents_pids_limit'),
            }
          ),
          record(
            'instance:procevents_event_lag_seconds:p99_5m',
            'histogram_quantile(0.99, sum by (%s, le) (rate(%s[5m])))' % [
              q.host,
              q.series('procevents_event_lag_seconds_bucket'),
            ]
          ),
        ] + [
          record(
            'instance_comm_uid:%s:top_rate5m' % name,
            'topk by (%s) (%s,\n  sum by (%s, comm, uid) (rate(%s[5m])) > 0\n)' % [
              q.host,
              config.topPairs,
              q.host,
              q.series(byPair[name]),
            ]
          )
          for name in std.objectFields(byPair)
        ],
      },
      {
        // What alerts compare with: a day's samples are much to read, and change slowly. Two minutes: within the five that
        // Prometheus looks back.
        name: 'procevents-past',
        interval: '2m',
        rules: [
          record(
            'instance:procevents_forks:max1d',
            'max_over_time(%(day)s)\nand\ncount_over_time(%(day)s) >= %(steps)s' % {
              day: day('instance:procevents_forks:rate5m'),
              steps: config.churnPastSteps,
            }
          ),
          record(
            'instance:procevents_tasks:max1d',
            'max by (%s) (max_over_time(%s))' % [q.host, day(q.series('procevents_tasks'))]
          ),
        ],
      },
      recording {
        name: 'procevents-fleets',
        rules: [
          record('job:procevents_exporters:count', 'count by (%s) (%s)' % [q.fleet, q.series('up')]),
          record('job:procevents_exporters:up', 'sum by (%s) (%s)' % [q.fleet, q.series('up')]),
        ] + [
          record('job:%s:rate5m' % name, 'sum by (%s) (instance:%s:rate5m)' % [q.fleet, name])
          for name in summed
        ] + [
          record(
            'job:%s_rate5m:median' % name,
            'quantile by (%s) (0.5, instance:%s:rate5m)' % [q.fleet, name]
          )
          for name in ['procevents_forks', 'procevents_execs', 'procevents_exit_failures']
        ] + [
          // So many times the median, of hosts that stand out. At least 1 a second: an idle fleet's median is 0.
          record(
            'instance:%s_rate5m:outlier' % name,
            |||
              topk by (%(fleet)s) (%(most)s,
                (
                  (instance:%(name)s:rate5m >= %(floor)s)
                  / on (%(fleet)s) group_left ()
                  clamp_min(job:%(name)s_rate5m:median, 1)
                ) >= %(factor)s
              )
            ||| % {
              fleet: q.fleet,
              name: name,
              most: config.topOutliers,
              factor: config.outlierFactor,
              floor: config.outlierFloor,
            }
          )
          for name in ['procevents_forks', 'procevents_execs', 'procevents_exit_failures']
        ] + [
          // Of what is among the busiest of its host; what is in no host's list is in none of a fleet.
          record(
            'job_comm:%s:top_rate5m' % name,
            'topk by (%s) (%s,\n  sum by (%s, comm) (instance_comm_uid:%s:top_rate5m)\n)' % [
              q.fleet,
              config.topComms,
              q.fleet,
              name,
            ]
          )
          for name in std.objectFields(byPair)
        ] + [
          record(
            'job_comm:procevents_coredumps:top_increase10m',
            'topk by (%s) (%s,\n  sum by (%s, comm) (instance_comm_uid:procevents_coredumps:increase10m)\n)' % [
              q.fleet,
              config.topComms,
              q.fleet,
            ]
          ),
        ],
      },
    ],
  },
}
