WITH placed AS (
  SELECT w.calendar, w.period, f.place, f.person_ref AS counted, f.sex AS by_sex, f.age_group AS by_age_group, f.exploitation AS by_exploitation, f.assistance_type AS by_assistance_type, f.delivered_on AS first_on, CASE f.vot_status WHEN 'possible' THEN 0 WHEN 'actual' THEN 1 WHEN 'not_vot' THEN 2 ELSE 3 END AS rank_0, CASE f.sex WHEN 'F' THEN 0 WHEN 'M' THEN 1 WHEN 'O' THEN 2 ELSE 3 END AS rank_1, CASE f.age_band WHEN '0-8' THEN 0 WHEN '9-17' THEN 1 WHEN '18-20' THEN 2 WHEN '21-23' THEN 3 WHEN '24-26' THEN 4 WHEN '27-29' THEN 5 WHEN '30-38' THEN 6 WHEN '39-47' THEN 7 WHEN '48+' THEN 8 ELSE 9 END AS rank_2, CASE f.age_group WHEN 'minor' THEN 0 WHEN 'adult' THEN 1 ELSE 2 END AS rank_3, coalesce(list_aggregate(list_sort(list_distinct(f.exploitation)), 'string_agg', ';'), '~') AS rank_4, coalesce(list_aggregate(list_sort(list_distinct(f.citizenship)), 'string_agg', ';'), '~') AS rank_5, CASE f.region WHEN 'KZ-AKM' THEN 0 WHEN 'KZ-AKT' THEN 1 WHEN 'KZ-ALM' THEN 2 WHEN 'KZ-ATY' THEN 3 WHEN 'KZ-VOS' THEN 4 WHEN 'KZ-ZHA' THEN 5 WHEN 'KZ-ZAP' THEN 6 WHEN 'KZ-KAR' THEN 7 WHEN 'KZ-KUS' THEN 8 WHEN 'KZ-KZY' THEN 9 WHEN 'KZ-MAN' THEN 10 WHEN 'KZ-PAV' THEN 11 WHEN 'KZ-SEV' THEN 12 WHEN 'KZ-YUZ' THEN 13 WHEN 'KZ-ALA' THEN 14 WHEN 'KZ-AST' THEN 15 WHEN 'KZ-10' THEN 16 WHEN 'KZ-11' THEN 17 WHEN 'KZ-15' THEN 18 WHEN 'KZ-19' THEN 19 WHEN 'KZ-23' THEN 20 WHEN 'KZ-27' THEN 21 WHEN 'KZ-31' THEN 22 WHEN 'KZ-33' THEN 23 WHEN 'KZ-35' THEN 24 WHEN 'KZ-39' THEN 25 WHEN 'KZ-43' THEN 26 WHEN 'KZ-47' THEN 27 WHEN 'KZ-55' THEN 28 WHEN 'KZ-59' THEN 29 WHEN 'KZ-61' THEN 30 WHEN 'KZ-62' THEN 31 WHEN 'KZ-63' THEN 32 WHEN 'KZ-71' THEN 33 WHEN 'KZ-75' THEN 34 WHEN 'KZ-79' THEN 35 WHEN 'KG-B' THEN 36 WHEN 'KG-C' THEN 37 WHEN 'KG-GB' THEN 38 WHEN 'KG-GO' THEN 39 WHEN 'KG-J' THEN 40 WHEN 'KG-N' THEN 41 WHEN 'KG-O' THEN 42 WHEN 'KG-T' THEN 43 WHEN 'KG-Y' THEN 44 WHEN 'TJ-GB' THEN 45 WHEN 'TJ-KT' THEN 46 WHEN 'TJ-SU' THEN 47 WHEN 'TJ-DU' THEN 48 WHEN 'TJ-RA' THEN 49 WHEN 'TM-A' THEN 50 WHEN 'TM-B' THEN 51 WHEN 'TM-D' THEN 52 WHEN 'TM-L' THEN 53 WHEN 'TM-M' THEN 54 WHEN 'TM-S' THEN 55 WHEN 'UZ-AN' THEN 56 WHEN 'UZ-BU' THEN 57 WHEN 'UZ-FA' THEN 58 WHEN 'UZ-JI' THEN 59 WHEN 'UZ-NG' THEN 60 WHEN 'UZ-NW' THEN 61 WHEN 'UZ-QA' THEN 62 WHEN 'UZ-QR' THEN 63 WHEN 'UZ-SA' THEN 64 WHEN 'UZ-SI' THEN 65 WHEN 'UZ-SU' THEN 66 WHEN 'UZ-TK' THEN 67 WHEN 'UZ-TO' THEN 68 WHEN 'UZ-XO' THEN 69 ELSE 70 END AS rank_6, coalesce(list_aggregate(list_sort(list_distinct(f.country_of_exploitation)), 'string_agg', ';'), '~') AS rank_7, CASE f.assistance_type WHEN 'shelter' THEN 0 WHEN 'medical' THEN 1 WHEN 'psychosocial' THEN 2 WHEN 'legal' THEN 3 WHEN 'education_vocational' THEN 4 WHEN 'livelihood_equipment' THEN 5 WHEN 'in_kind' THEN 6 WHEN 'return_travel' THEN 7 WHEN 'documents' THEN 8 WHEN 'family_mediation' THEN 9 WHEN 'follow_up' THEN 10 ELSE 11 END AS rank_8, CASE f.service_kind WHEN 'legal_consultation' THEN 0 WHEN 'legal_representation' THEN 1 WHEN 'short_course' THEN 2 WHEN 'vocational_course' THEN 3 WHEN 'equipment' THEN 4 WHEN 'startup_grant' THEN 5 WHEN 'other' THEN 6 ELSE 7 END AS rank_9, CASE WHEN f.certificate THEN 0 WHEN NOT f.certificate THEN 1 ELSE 2 END AS rank_10, CASE f.provider_type WHEN 'ngo' THEN 0 WHEN 'public_organisation' THEN 1 WHEN 'law_enforcement' THEN 2 WHEN 'health' THEN 3 WHEN 'central_government' THEN 4 WHEN 'local_government' THEN 5 WHEN 'immigration' THEN 6 WHEN 'legal' THEN 7 WHEN 'business' THEN 8 WHEN 'education' THEN 9 ELSE 10 END AS rank_11, CASE f.client_history WHEN 'new' THEN 0 WHEN 'continuing' THEN 1 ELSE 2 END AS rank_12, (coalesce(f.vot_status = 'actual', false)) AS in_base, (coalesce(f.vot_status = 'actual', false)) AS in_numerator, (coalesce(f.vot_status = 'actual', false)) AS in_denominator, (coalesce(f.vot_status = 'actual', true)) AS may_be_in_numerator
  FROM counted_assistance AS f
  JOIN windows AS w ON (w.start_on IS NULL OR f.delivered_on BETWEEN w.start_on AND w.end_on)
  WHERE (coalesce(f.vot_status = 'actual', true))
), pinned AS (
  SELECT * FROM placed
  WHERE counted IS NOT NULL AND in_base
  QUALIFY row_number() OVER (PARTITION BY calendar, period, place, counted ORDER BY first_on, rank_0, rank_1, rank_2, rank_3, rank_4, rank_5, rank_6, rank_7, rank_8, rank_9, rank_10, rank_11, rank_12) = 1
  UNION ALL
  SELECT * FROM placed WHERE counted IS NULL OR NOT in_base
)
SELECT calendar, period, place, 'total' AS breakdown, 'total' AS category,
  coalesce(count(counted) FILTER (WHERE in_numerator), 0) AS numerator,
  coalesce(count(counted) FILTER (WHERE in_denominator), 0) AS denominator,
  coalesce(bool_or(counted IS NULL AND in_numerator), false) AS is_unknown,
  count(*) FILTER (WHERE may_be_in_numerator AND NOT in_numerator) AS candidates, NULL AS value
FROM pinned GROUP BY ALL
UNION ALL
SELECT calendar, period, place, 'sex' AS breakdown, coalesce(by_sex, 'U') AS category,
  coalesce(count(counted) FILTER (WHERE in_numerator), 0) AS numerator,
  coalesce(count(counted) FILTER (WHERE in_denominator), 0) AS denominator,
  coalesce(bool_or(counted IS NULL AND in_numerator), false) AS is_unknown,
  count(*) FILTER (WHERE may_be_in_numerator AND NOT in_numerator) AS candidates, NULL AS value
FROM pinned GROUP BY ALL
UNION ALL
SELECT calendar, period, place, 'age_group' AS breakdown, coalesce(by_age_group, 'U') AS category,
  coalesce(count(counted) FILTER (WHERE in_numerator), 0) AS numerator,
  coalesce(count(counted) FILTER (WHERE in_denominator), 0) AS denominator,
  coalesce(bool_or(counted IS NULL AND in_numerator), false) AS is_unknown,
  count(*) FILTER (WHERE may_be_in_numerator AND NOT in_numerator) AS candidates, NULL AS value
FROM pinned GROUP BY ALL
UNION ALL
SELECT calendar, period, place, 'exploitation' AS breakdown, one_category AS category,
  coalesce(count(counted) FILTER (WHERE in_numerator), 0) AS numerator,
  coalesce(count(counted) FILTER (WHERE in_denominator), 0) AS denominator,
  coalesce(bool_or(counted IS NULL AND in_numerator), false) AS is_unknown,
  count(*) FILTER (WHERE may_be_in_numerator AND NOT in_numerator) AS candidates, NULL AS value
FROM (SELECT *, unnest(CASE WHEN coalesce(len(by_exploitation), 0) = 0 THEN ['U'] ELSE list_distinct(by_exploitation) END) AS one_category FROM pinned) GROUP BY ALL
UNION ALL
SELECT calendar, period, place, 'assistance_type' AS breakdown, coalesce(by_assistance_type, 'U') AS category,
  coalesce(count(counted) FILTER (WHERE in_numerator), 0) AS numerator,
  coalesce(count(counted) FILTER (WHERE in_denominator), 0) AS denominator,
  coalesce(bool_or(counted IS NULL AND in_numerator), false) AS is_unknown,
  count(*) FILTER (WHERE may_be_in_numerator AND NOT in_numerator) AS candidates, NULL AS value
FROM pinned GROUP BY ALL
