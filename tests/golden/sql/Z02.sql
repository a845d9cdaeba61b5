WITH placed AS (
  SELECT w.calendar, w.period, f.place, f.cost AS counted, (coalesce(f.event_status = 'completed', false)) AS in_base, (coalesce(f.event_status = 'completed', false)) AS in_numerator, (coalesce(f.event_status = 'completed', false)) AS in_denominator, (coalesce(f.event_status = 'completed', true)) AS may_be_in_numerator
  FROM counted_training_events AS f
  JOIN windows AS w ON (w.start_on IS NULL OR f.end_on BETWEEN w.start_on AND w.end_on)
  WHERE (coalesce(f.event_status = 'completed', true))
), pinned AS (
  SELECT * FROM placed
)
SELECT calendar, period, place, 'total' AS breakdown, 'total' AS category,
  coalesce(sum(counted) FILTER (WHERE in_numerator), 0) AS numerator,
  coalesce(sum(counted) FILTER (WHERE in_denominator), 0) AS denominator,
  coalesce(bool_or(counted IS NULL AND in_numerator), false) AS is_unknown,
  count(*) FILTER (WHERE may_be_in_numerator AND NOT in_numerator) AS candidates, NULL AS value
FROM pinned GROUP BY ALL;

WITH placed AS (
  SELECT w.calendar, w.period, f.place, f.person_ref AS counted, f.end_on AS first_on, CASE f.event_type WHEN 'training' THEN 0 WHEN 'tot' THEN 1 WHEN 'forum' THEN 2 WHEN 'seminar' THEN 3 WHEN 'lecture' THEN 4 ELSE 5 END AS rank_0, CASE f.event_status WHEN 'planned' THEN 0 WHEN 'active' THEN 1 WHEN 'completed' THEN 2 WHEN 'cancelled' THEN 3 ELSE 4 END AS rank_1, CASE WHEN f.has_curriculum THEN 0 WHEN NOT f.has_curriculum THEN 1 ELSE 2 END AS rank_2, coalesce(list_aggregate(list_sort(list_distinct(f.donors)), 'string_agg', ';'), '~') AS rank_3, CASE f.profession WHEN 'prosecutor' THEN 0 WHEN 'judge' THEN 1 WHEN 'police' THEN 2 WHEN 'lawyer' THEN 3 WHEN 'psychologist' THEN 4 WHEN 'medical' THEN 5 WHEN 'ngo_staff' THEN 6 WHEN 'youth_volunteer' THEN 7 WHEN 'student' THEN 8 WHEN 'official' THEN 9 WHEN 'media' THEN 10 WHEN 'international' THEN 11 WHEN 'business' THEN 12 ELSE 13 END AS rank_4, CASE f.sex WHEN 'F' THEN 0 WHEN 'M' THEN 1 WHEN 'O' THEN 2 ELSE 3 END AS rank_5, CASE f.region WHEN 'KZ-AKM' THEN 0 WHEN 'KZ-AKT' THEN 1 WHEN 'KZ-ALM' THEN 2 WHEN 'KZ-ATY' THEN 3 WHEN 'KZ-VOS' THEN 4 WHEN 'KZ-ZHA' THEN 5 WHEN 'KZ-ZAP' THEN 6 WHEN 'KZ-KAR' THEN 7 WHEN 'KZ-KUS' THEN 8 WHEN 'KZ-KZY' THEN 9 WHEN 'KZ-MAN' THEN 10 WHEN 'KZ-PAV' THEN 11 WHEN 'KZ-SEV' THEN 12 WHEN 'KZ-YUZ' THEN 13 WHEN 'KZ-ALA' THEN 14 WHEN 'KZ-AST' THEN 15 WHEN 'KZ-10' THEN 16 WHEN 'KZ-11' THEN 17 WHEN 'KZ-15' THEN 18 WHEN 'KZ-19' THEN 19 WHEN 'KZ-23' THEN 20 WHEN 'KZ-27' THEN 21 WHEN 'KZ-31' THEN 22 WHEN 'KZ-33' THEN 23 WHEN 'KZ-35' THEN 24 WHEN 'KZ-39' THEN 25 WHEN 'KZ-43' THEN 26 WHEN 'KZ-47' THEN 27 WHEN 'KZ-55' THEN 28 WHEN 'KZ-59' THEN 29 WHEN 'KZ-61' THEN 30 WHEN 'KZ-62' THEN 31 WHEN 'KZ-63' THEN 32 WHEN 'KZ-71' THEN 33 WHEN 'KZ-75' THEN 34 WHEN 'KZ-79' THEN 35 WHEN 'KG-B' THEN 36 WHEN 'KG-C' THEN 37 WHEN 'KG-GB' THEN 38 WHEN 'KG-GO' THEN 39 WHEN 'KG-J' THEN 40 WHEN 'KG-N' THEN 41 WHEN 'KG-O' THEN 42 WHEN 'KG-T' THEN 43 WHEN 'KG-Y' THEN 44 WHEN 'TJ-GB' THEN 45 WHEN 'TJ-KT' THEN 46 WHEN 'TJ-SU' THEN 47 WHEN 'TJ-DU' THEN 48 WHEN 'TJ-RA' THEN 49 WHEN 'TM-A' THEN 50 WHEN 'TM-B' THEN 51 WHEN 'TM-D' THEN 52 WHEN 'TM-L' THEN 53 WHEN 'TM-M' THEN 54 WHEN 'TM-S' THEN 55 WHEN 'UZ-AN' THEN 56 WHEN 'UZ-BU' THEN 57 WHEN 'UZ-FA' THEN 58 WHEN 'UZ-JI' THEN 59 WHEN 'UZ-NG' THEN 60 WHEN 'UZ-NW' THEN 61 WHEN 'UZ-QA' THEN 62 WHEN 'UZ-QR' THEN 63 WHEN 'UZ-SA' THEN 64 WHEN 'UZ-SI' THEN 65 WHEN 'UZ-SU' THEN 66 WHEN 'UZ-TK' THEN 67 WHEN 'UZ-TO' THEN 68 WHEN 'UZ-XO' THEN 69 ELSE 70 END AS rank_6, CASE WHEN f.completed THEN 0 WHEN NOT f.completed THEN 1 ELSE 2 END AS rank_7, CASE WHEN f.is_improved THEN 0 WHEN NOT f.is_improved THEN 1 ELSE 2 END AS rank_8, (coalesce(f.completed, false)) AS in_base, (coalesce(f.completed, false)) AS in_numerator, (coalesce(f.completed, false)) AS in_denominator, (coalesce(f.completed, true)) AS may_be_in_numerator
  FROM counted_participants AS f
  JOIN windows AS w ON (w.start_on IS NULL OR f.end_on BETWEEN w.start_on AND w.end_on)
  WHERE (coalesce(f.completed, true))
), pinned AS (
  SELECT * FROM placed
  WHERE counted IS NOT NULL AND in_base
  QUALIFY row_number() OVER (PARTITION BY calendar, period, place, counted ORDER BY first_on, rank_0, rank_1, rank_2, rank_3, rank_4, rank_5, rank_6, rank_7, rank_8) = 1
  UNION ALL
  SELECT * FROM placed WHERE counted IS NULL OR NOT in_base
)
SELECT calendar, period, place, 'total' AS breakdown, 'total' AS category,
  coalesce(count(counted) FILTER (WHERE in_numerator), 0) AS numerator,
  coalesce(count(counted) FILTER (WHERE in_denominator), 0) AS denominator,
  coalesce(bool_or(counted IS NULL AND in_numerator), false) AS is_unknown,
  count(*) FILTER (WHERE may_be_in_numerator AND NOT in_numerator) AS candidates, NULL AS value
FROM pinned GROUP BY ALL
