WITH placed AS (
  SELECT w.calendar, w.period, f.place, f.days_to_service AS counted, f.assistance_type AS by_assistance_type, (coalesce(f.vot_status = 'actual', false)) AS in_base, (coalesce(f.vot_status = 'actual', false)) AS in_numerator, (coalesce(f.vot_status = 'actual', false)) AS in_denominator, (coalesce(f.vot_status = 'actual', true)) AS may_be_in_numerator
  FROM counted_referrals AS f
  JOIN windows AS w ON (w.start_on IS NULL OR f.due_on BETWEEN w.start_on AND w.end_on)
  WHERE (coalesce(f.vot_status = 'actual', true))
), pinned AS (
  SELECT * FROM placed
)
SELECT calendar, period, place, 'total' AS breakdown, 'total' AS category,
  coalesce(count(counted) FILTER (WHERE in_numerator), 0) AS numerator,
  coalesce(count(counted) FILTER (WHERE in_numerator), 0) AS denominator,
  coalesce(false, false) AS is_unknown,
  count(*) FILTER (WHERE may_be_in_numerator AND NOT in_numerator) AS candidates, counted AS value
FROM pinned GROUP BY ALL
UNION ALL
SELECT calendar, period, place, 'assistance_type' AS breakdown, coalesce(by_assistance_type, 'U') AS category,
  coalesce(count(counted) FILTER (WHERE in_numerator), 0) AS numerator,
  coalesce(count(counted) FILTER (WHERE in_numerator), 0) AS denominator,
  coalesce(false, false) AS is_unknown,
  count(*) FILTER (WHERE may_be_in_numerator AND NOT in_numerator) AS candidates, counted AS value
FROM pinned GROUP BY ALL
