WITH placed AS (
  SELECT w.calendar, w.period, f.place, f.reached AS counted, f.channel AS by_channel, (coalesce(f.activity_status = 'completed', false)) AS in_base, (coalesce(f.activity_status = 'completed', false)) AS in_numerator, (coalesce(f.activity_status = 'completed', false)) AS in_denominator, (coalesce(f.activity_status = 'completed', true)) AS may_be_in_numerator
  FROM counted_activities AS f
  JOIN windows AS w ON (w.start_on IS NULL OR f.held_on BETWEEN w.start_on AND w.end_on)
  WHERE (coalesce(f.activity_status = 'completed', true))
), pinned AS (
  SELECT * FROM placed
)
SELECT calendar, period, place, 'total' AS breakdown, 'total' AS category,
  coalesce(sum(counted) FILTER (WHERE in_numerator), 0) AS numerator,
  coalesce(sum(counted) FILTER (WHERE in_denominator), 0) AS denominator,
  coalesce(bool_or(counted IS NULL AND in_numerator), false) AS is_unknown,
  count(*) FILTER (WHERE may_be_in_numerator AND NOT in_numerator) AS candidates, NULL AS value
FROM pinned GROUP BY ALL
UNION ALL
SELECT calendar, period, place, 'channel' AS breakdown, coalesce(by_channel, 'U') AS category,
  coalesce(sum(counted) FILTER (WHERE in_numerator), 0) AS numerator,
  coalesce(sum(counted) FILTER (WHERE in_denominator), 0) AS denominator,
  coalesce(bool_or(counted IS NULL AND in_numerator), false) AS is_unknown,
  count(*) FILTER (WHERE may_be_in_numerator AND NOT in_numerator) AS candidates, NULL AS value
FROM pinned GROUP BY ALL
