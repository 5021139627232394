// Mixin: the pieces that alerts and rules are made of. In: _config. Out: functions that make PromQL.
function(config) {
  local host = std.join(', ', config.hostLabels),
  local indent(text, by) = std.join('\n', [by + line for line in std.split(text, '\n')]),

  host: host,
  fleet: std.join(', ', config.fleetLabels),

  // A series of ours; `more` are further matchers.
  series(name, more=''): '%s{%s%s}' % [name, config.selector, if more == '' then '' else ',' + more],

  // Sums by host: whatever else a target is labelled with, and two targets of one name, cannot break a join.
  byHost(expr): 'sum by (%s) (%s)' % [host, expr],

  // Crashes by pair in `window`. A pair that is new has no series to increase: it counts from its appearance on, but only
  // where the exporter has answered without it within the window. Else it may be the exporter that is new; or its labels
  // are, so what is compared is of one target by all its labels. A count that has fallen was there before a restart:
  // increase() has both sides of it, and a count that has not fallen never grew by more than it is.
  crashes(window):
    |||
      (
        %(dumps)s > 0
        and
        count_over_time(%(dumps)s[%(window)s])
          < ignoring (comm, uid) group_left ()
        count_over_time(%(up)s[%(window)s])
        unless
        resets(%(dumps)s[%(window)s]) > 0
      )
      or
      increase(%(dumps)s[%(window)s]) > 0
    ||| % {
      dumps: $.series('procevents_coredumps_total'),
      up: $.series('procevents_collector_up'),
      window: window,
    },

  // Adds the label `user`. Where no name is known, or not any more, the sample stays as it is; where two daemons of one
  // name know different ones, either does. The name of now goes before one of earlier: an alert must not change its labels
  // from one evaluation to the next.
  withUser(expr):
    |||
      (
      %(expr)s
      )
      * on (%(host)s, uid) group_left (user) (
        group by (%(host)s, uid, user) (topk by (%(host)s, uid) (1,
          max by (%(host)s, uid, user) (2 * %(info)s or last_over_time(%(info)s[10m]))
        ))
        or on (%(host)s, uid)
        group by (%(host)s, uid) (
      %(indented)s
        )
      )
    ||| % {
      expr: indent(expr, '  '),
      indented: indent(expr, '    '),
      host: host,
      info: $.series('procevents_user_info'),
    },

  // For the text of an alert about a host: "comm (uid 0, root)" of whoever has most of `metric` in `window`. Asked for
  // when the alert's text is made, so that the alert stays the same one when another takes the lead.
  //
  // Differences, not rate(): a storm may be of a pair whose first sample has all of it, and rate() knows of growth between
  // samples only; nor has it two samples a minute where scrapes are a minute apart. What has fallen counts since the
  // restart; what was not there counts whole, if the exporter was. rate() is for when there is no sample of now or of then:
  // a daemon that is down, or younger than the window. Names are looked for in 15 minutes, the longest window.
  busiest(metric, window)::
    local matchers = std.join(', ', [
      '%s=%%[%d]q' % [config.hostLabels[i], i + 1]
      for i in std.range(0, std.length(config.hostLabels) - 1)
    ]);
    local most(expr) = 'topk(1, sum by (%s, comm, uid) (%s) > 0)' % [host, expr];
    local query = (
      '(%s or on (%s) %s)' % [
        most('(%(counter)s - %(counter)s offset %(window)s >= 0) or (%(counter)s and ignoring (comm, uid) %(up)s offset %(window)s)'),
        host,
        most('rate(%(counter)s[%(window)s])'),
      ]
      + ' * on (%(host)s, uid) group_left (user) ('
      + 'topk by (%(host)s, uid) (1, max by (%(host)s, uid, user) (last_over_time(%(info)s[15m])))'
      + ' or on (%(host)s, uid) group by (%(host)s, uid) (last_over_time(%(counter)s[15m])))'
    ) % {
      counter: '%s{%s}' % [metric, matchers],
      up: 'procevents_collector_up{%s}' % matchers,
      info: 'procevents_user_info{%s}' % matchers,
      host: host,
      window: window,
    };
    '{{ with printf `%s` %s | query }}{{ with first . }}%s{{ end }}{{ else }}nobody known{{ end }}' % [
      query,
      std.join(' ', ['$labels.' + name for name in config.hostLabels]),
      'comm {{ .Labels.comm }} (uid {{ .Labels.uid }}{{ if .Labels.user }}, user {{ .Labels.user }}{{ end }})',
    ],

  // The same of an alert that has these labels itself.
  who:: 'comm {{ $labels.comm }} (uid {{ $labels.uid }}{{ if $labels.user }}, user {{ $labels.user }}{{ end }})',
}
