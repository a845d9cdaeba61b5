WITH placed AS (
  SELECT w.calendar, w.period, f.place, NULL AS counted, f.topics AS by_topics, (coalesce(f.contact_kind = 'genuine', false) AND coalesce(LENGTH(f.topics) > 0, false)) AS in_base, (coalesce(f.contact_kind = 'genuine', false) AND coalesce(LENGTH(f.topics) > 0, false)) AS in_numerator, (coalesce(f.contact_kind = 'genuine', false) AND coalesce(LENGTH(f.topics) > 0, false)) AS in_denominator, (coalesce(f.contact_kind = 'genuine', true) AND coalesce(LENGTH(f.topics) > 0, true)) AS may_be_in_numerator
  FROM counted_hotline_contacts AS f
  JOIN windows AS w ON (w.start_on IS NULL OR f.received_on BETWEEN w.start_on AND w.end_on)
  WHERE (coalesce(f.contact_kind = 'genuine', true) AND coalesce(LENGTH(f.topics) > 0, true))
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
SELECT calendar, period, place, 'topics' AS breakdown, one_category AS category,
  coalesce(count(*) FILTER (WHERE in_numerator), 0) AS numerator,
  coalesce(count(*) FILTER (WHERE in_denominator), 0) AS denominator,
  coalesce(false, false) AS is_unknown,
  count(*) FILTER (WHERE may_be_in_numerator AND NOT in_numerator) AS candidates, NULL AS value
FROM (SELECT *, unnest(CASE WHEN coalesce(len(by_topics), 0) = 0 THEN ['U'] ELSE list_distinct(by_topics) END) AS one_category FROM pinned) GROUP BY ALL
