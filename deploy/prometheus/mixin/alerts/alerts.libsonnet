// Mixin: the alerts. In: _config. Out: prometheusAlerts.
{
  local config = $._config,
  local q = (import '../lib/queries.libsonnet')(config),
  local alert(name, expr, summary, description, pending='') = {
    alert: name,
    expr: std.rstripChars(expr, '\n'),
    [if pending != '' then 'for']: pending,
    labels: { severity: config.severities[name] },
    annotations: {
      summary: summary,
      description: std.strReplace(std.rstripChars(description, '\n'), '\n', ' '),
      runbook_url: config.runbookURL % name,
    },
  },
  local attributed = q.byHost('rate(%s[15m])' % q.series('procevents_events_total', 'event=~"fork|exec|exit|coredump"')),
  local share = '{{ printf "%.1f" $value }} a second',

  prometheusAlerts+:: {
    groups+: [
      {
        name: 'procevents-load',
        rules: [
          // A minute's growth to the second: increase() would extrapolate. min_over_time() serves a daemon that is younger
          // than a minute, or has restarted, without ever counting what was before. 90s: over a longer gap of
          // Prometheus' own the difference would be of more than a minute.
          alert(
            'ForkStorm',
            |||
              %(seconds)s
                - last_over_time(%(seconds)s[90s] offset 1m)
                >= %(limit)s
              or
              %(seconds)s
                - min_over_time(%(seconds)s[1m])
                >= %(limit)s
            ||| % { seconds: q.series('procevents_fork_storm_seconds_total'), limit: config.stormSeconds },
            'Fork storm on {{ $labels.instance }}',
            |||
              {{ $labels.instance }} had {{ printf "%%.0f" $value }} seconds of fork storm in the last minute.
              Most processes are created by %s.
            ||| % q.busiest('procevents_forks_total', '1m'),
          ),
          alert(
            'ForkBomb',
            |||
              (
                %(tasks)s >= %(used)g * %(limit)s
                and
                %(tasks)s - min_over_time(%(tasks)s[1h]) >= %(growth)g * %(limit)s
              )
              unless on (%(host)s)
              (max by (%(host)s) (%(tasks)s) <= on (%(host)s) %(past)g * instance:procevents_tasks:max1d)
            ||| % {
              tasks: q.series('procevents_tasks'),
              limit: q.series('procevents_pids_limit'),
              used: config.bombUsed,
              growth: config.bombGrowth,
              past: config.bombPast,
              host: q.host,
            },
            'Processes multiply on {{ $labels.instance }}',
            |||
              {{ $labels.instance }} has {{ printf "%%.0f" $value }} processes and threads, far more than an hour ago, and is
              on its way to the most that it can have. Most processes are created by %s.
            ||| % q.busiest('procevents_forks_total', '5m'),
          ),
          alert(
            'ProcessChurn',
            |||
              instance:procevents_forks:rate5m >= %(floor)g
              and
              instance:procevents_forks:rate5m > %(factor)s * instance:procevents_forks:max1d
            ||| % { floor: config.churnFloor, factor: config.churnFactor },
            'More processes than ever on {{ $labels.instance }}',
            |||
              {{ $labels.instance }} creates {{ printf "%%.0f" $value }} processes a second, more than %s times as many as in
              the busiest five minutes of the day before. Most are created by %s.
            ||| % [config.churnFactor, q.busiest('procevents_forks_total', '5m')],
            config.churnFor,
          ),
          alert(
            'ExecFlood',
            q.withUser(
              'instance_comm_uid:procevents_execs:top_rate5m{comm!~"<other>|<unknown>"} >= %s' % config.floodExecs
            ),
            '{{ $labels.comm }} is executed without end on {{ $labels.instance }}',
            |||
              On {{ $labels.instance }} %s is executed {{ printf "%%.0f" $value }} times a second.
            ||| % q.who,
            config.floodFor,
          ),
        ],
      },
      {
        // The count comes first, in the group that uses it: no alert waits for another group's turn.
        name: 'procevents-crashes',
        rules: [
          {
            record: 'instance_comm_uid:procevents_coredumps:increase10m',
            expr: std.rstripChars(q.crashes('10m'), '\n'),
          },
          alert(
            'CoreDump',
            q.withUser('instance_comm_uid:procevents_coredumps:increase10m'),
            '{{ $labels.comm }} crashed on {{ $labels.instance }}',
            |||
              On {{ $labels.instance }} %s crashed with a signal that dumps core. Crashes in the last 10 minutes:
              {{ printf "%%.0f" $value }}.
            ||| % q.who,
          ),
          alert(
            'CrashLoop',
            q.withUser(
              'instance_comm_uid:procevents_coredumps:increase10m{comm!~"<other>|<unknown>"} >= %s' % config.loopCrashes
            ),
            '{{ $labels.comm }} crashes again and again on {{ $labels.instance }}',
            |||
              On {{ $labels.instance }} %s crashed {{ printf "%%.0f" $value }} times in the last 10 minutes.
            ||| % q.who,
          ),
        ],
      },
      {
        name: 'procevents-health',
        rules: [
          alert(
            'EventsLost',
            '%s\n+\n%s\n> %s' % [
              q.byHost('increase(%s[10m])' % q.series('procevents_lost_events_total')),
              q.byHost('increase(%s[10m])' % q.series('procevents_shed_events_total')),
              config.lostEvents,
            ],
            'Process events are lost on {{ $labels.instance }}',
            |||
              {{ $labels.instance }} has not counted {{ printf "%%.0f" $value }} events by command in the last 10 minutes:
              the counts by comm and uid are too low by so many. Most processes are created by %s.
            ||| % q.busiest('procevents_forks_total', '10m'),
          ),
          alert(
            'FeedSilent',
            |||
              (
                increase(%(kernel)s[3m]) >= %(forks)s
                unless on (%(host)s)
                increase(%(events)s[3m]) > 0
              )
              or
              %(up)s == 0
            ||| % {
              kernel: q.series('procevents_kernel_forks_total'),
              events: q.series('procevents_events_total', 'event="fork"'),
              up: q.series('procevents_collector_up'),
              host: q.host,
              forks: config.silentForks,
            },
            'No process events on {{ $labels.instance }}',
            |||
              {{ $labels.instance }} creates processes, and its exporter hears of none: all its counts stand still. The last
              that it saw create most processes was %s.
            ||| % q.busiest('procevents_forks_total', '15m'),
            config.silentFor,
          ),
          // No answer now, too: a target that was taken away has no sample of now, but keeps those of before in all windows.
          // And once told it stays told until there is an answer: where a window holds seven scrapes at one moment and eight
          // at the next, or nothing any more of a scrape that was late, the count alone would come and go.
          alert(
            'ExporterDown',
            |||
              %(up)s == 0
              and
              (
                %(windows)s
                or
                %(up)s and on (%(host)s) %(told)s
              )
            ||| % {
              up: q.series('up'),
              host: q.host,
              told: q.series('ALERTS', 'alertname="ExporterDown",alertstate="firing"'),
              windows: std.join('\n  or\n  ', [
                '(max_over_time(%(up)s[%(window)s]) == 0 and count_over_time(%(up)s[%(window)s]) >= %(scrapes)s)' % {
                  up: q.series('up'),
                  window: window,
                  scrapes: config.downScrapes,
                }
                for window in config.downWindows
              ]),
            },
            'No process metrics of {{ $labels.instance }}',
            |||
              The exporter on {{ $labels.instance }} does not answer. Before that most processes were created by %s.
            ||| % q.busiest('procevents_forks_total', '15m'),
          ),
          alert(
            'SeriesFolded',
            |||
              %(folded)s > %(share)g *
                %(attributed)s
              and
              %(folded)s >= %(floor)g
            ||| % {
              folded: q.byHost('rate(%s[15m])' % q.series('procevents_folded_events_total')),
              attributed: attributed,
              share: config.foldedShare,
              floor: config.namelessFloor,
            },
            'Too many commands and users on {{ $labels.instance }}',
            |||
              {{ $labels.instance }} counts %s under comm <other> (uid <other>, no user): it has more pairs of comm and
              uid than --pairs.max. Most of what has a name is created by %s.
            ||| % [share, q.busiest('procevents_forks_total', '15m')],
            config.namelessFor,
          ),
          alert(
            'Unresolved',
            |||
              %(unresolved)s > %(share)g *
                %(attributed)s
              and
              %(unresolved)s >= %(floor)g
            ||| % {
              unresolved: q.byHost('rate(%s[15m])' % q.series('procevents_unresolved_total')),
              attributed: attributed,
              share: config.unresolvedShare,
              floor: config.namelessFloor,
            },
            'Events without a name on {{ $labels.instance }}',
            |||
              {{ $labels.instance }} counts %s under <unknown>: whose they are could not be told for certain. Most of what
              has a name is created by %s.
            ||| % [share, q.busiest('procevents_forks_total', '15m')],
            config.namelessFor,
          ),
        ],
      },
    ],
  },
}
