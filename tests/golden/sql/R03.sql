WITH placed AS (
  SELECT w.calendar, w.period, f.place, NULL AS counted, f.wave AS by_wave, f.sex AS by_sex, (coalesce(f.vot_status = 'actual', false) AND coalesce(f.wave IN ('m6', 'm12'), false)) AS in_base, (coalesce(f.vot_status = 'actual', false) AND coalesce(f.wave IN ('m6', 'm12'), false) AND coalesce(f.work_status IN ('employed', 'self_employed'), false)) AS in_numerator, (coalesce((NOT f.work_status IS NULL AND f.work_status <> 'U'), false) AND coalesce(f.vot_status = 'actual', false) AND coalesce(f.wave IN ('m6', 'm12'), false)) AS in_denominator, (coalesce(f.vot_status = 'actual', true) AND coalesce(f.wave IN ('m6', 'm12'), true) AND coalesce(f.work_status IN ('employed', 'self_employed'), true)) AS may_be_in_numerator
  FROM counted_follow_ups AS f
  JOIN windows AS w ON (w.start_on IS NULL OR f.followed_up_on BETWEEN w.start_on AND w.end_on)
  WHERE (coalesce(f.vot_status = 'actual', true) AND coalesce(f.wave IN ('m6', 'm12'), true))
), pinned AS (
  SELECT * FROM placed
)
SELECT calendar, period, place, 'total' AS breakdown, 'total' AS category,
  coalesce(count(*) FILTER (WHERE in_numerator), 0) AS numerator,
  coalesce(count(*) FILTER (WHERE in_denominator), 0) AS denominator,
  coalesce(false, false) AS is_unknown,
  count(*) FILTER (WHERE may_be_in_numerator AND NOT in_numerator) AS candidates, NULL AS value
FROM pinned GROUP BY ALL
UNION ALL
SELECT calendar, period, place, 'wave' AS breakdown, coalesce(by_wave, 'U') AS category,
  coalesce(count(*) FILTER (WHERE in_numerator), 0) AS numerator,
  coalesce(count(*) FILTER (WHERE in_denominator), 0) AS denominator,
  coalesce(false, false) AS is_unknown,
  count(*) FILTER (WHERE may_be_in_numerator AND NOT in_numerator) AS candidates, NULL AS value
FROM pinned GROUP BY ALL
UNION ALL
SELECT calendar, period, place, 'sex' AS breakdown, coalesce(by_sex, 'U') AS category,
  coalesce(count(*) FILTER (WHERE in_numerator), 0) AS numerator,
  coalesce(count(*) FILTER (WHERE in_denominator), 0) AS denominator,
  coalesce(false, false) AS is_unknown,
  count(*) FILTER (WHERE may_be_in_numerator AND NOT in_numerator) AS candidates, NULL AS value
FROM pinned GROUP BY ALL
