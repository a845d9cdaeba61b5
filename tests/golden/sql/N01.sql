WITH placed AS (
  SELECT w.calendar, w.period, f.place, f.organisation_ref AS counted, f.org_type AS by_org_type, f.region AS by_region, NULL AS first_on, CASE f.country WHEN 'KZ' THEN 0 WHEN 'KG' THEN 1 WHEN 'TJ' THEN 2 WHEN 'TM' THEN 3 WHEN 'UZ' THEN 4 WHEN 'RU' THEN 5 WHEN 'TR' THEN 6 WHEN 'AE' THEN 7 WHEN 'AF' THEN 8 WHEN 'AM' THEN 9 WHEN 'AZ' THEN 10 WHEN 'BD' THEN 11 WHEN 'BH' THEN 12 WHEN 'BY' THEN 13 WHEN 'CN' THEN 14 WHEN 'CY' THEN 15 WHEN 'CZ' THEN 16 WHEN 'DE' THEN 17 WHEN 'EG' THEN 18 WHEN 'GE' THEN 19 WHEN 'GR' THEN 20 WHEN 'ID' THEN 21 WHEN 'IL' THEN 22 WHEN 'IN' THEN 23 WHEN 'IR' THEN 24 WHEN 'JP' THEN 25 WHEN 'KR' THEN 26 WHEN 'LT' THEN 27 WHEN 'MD' THEN 28 WHEN 'MN' THEN 29 WHEN 'MY' THEN 30 WHEN 'NA' THEN 31 WHEN 'NO' THEN 32 WHEN 'PK' THEN 33 WHEN 'PL' THEN 34 WHEN 'QA' THEN 35 WHEN 'SA' THEN 36 WHEN 'TH' THEN 37 WHEN 'UA' THEN 38 WHEN 'US' THEN 39 WHEN 'XX' THEN 40 ELSE 41 END AS rank_0, CASE f.org_type WHEN 'ngo' THEN 0 WHEN 'public_organisation' THEN 1 WHEN 'law_enforcement' THEN 2 WHEN 'health' THEN 3 WHEN 'central_government' THEN 4 WHEN 'local_government' THEN 5 WHEN 'immigration' THEN 6 WHEN 'legal' THEN 7 WHEN 'business' THEN 8 WHEN 'education' THEN 9 ELSE 10 END AS rank_1, CASE f.region WHEN 'KZ-AKM' THEN 0 WHEN 'KZ-AKT' THEN 1 WHEN 'KZ-ALM' THEN 2 WHEN 'KZ-ATY' THEN 3 WHEN 'KZ-VOS' THEN 4 WHEN 'KZ-ZHA' THEN 5 WHEN 'KZ-ZAP' THEN 6 WHEN 'KZ-KAR' THEN 7 WHEN 'KZ-KUS' THEN 8 WHEN 'KZ-KZY' THEN 9 WHEN 'KZ-MAN' THEN 10 WHEN 'KZ-PAV' THEN 11 WHEN 'KZ-SEV' THEN 12 WHEN 'KZ-YUZ' THEN 13 WHEN 'KZ-ALA' THEN 14 WHEN 'KZ-AST' THEN 15 WHEN 'KZ-10' THEN 16 WHEN 'KZ-11' THEN 17 WHEN 'KZ-15' THEN 18 WHEN 'KZ-19' THEN 19 WHEN 'KZ-23' THEN 20 WHEN 'KZ-27' THEN 21 WHEN 'KZ-31' THEN 22 WHEN 'KZ-33' THEN 23 WHEN 'KZ-35' THEN 24 WHEN 'KZ-39' THEN 25 WHEN 'KZ-43' THEN 26 WHEN 'KZ-47' THEN 27 WHEN 'KZ-55' THEN 28 WHEN 'KZ-59' THEN 29 WHEN 'KZ-61' THEN 30 WHEN 'KZ-62' THEN 31 WHEN 'KZ-63' THEN 32 WHEN 'KZ-71' THEN 33 WHEN 'KZ-75' THEN 34 WHEN 'KZ-79' THEN 35 WHEN 'KG-B' THEN 36 WHEN 'KG-C' THEN 37 WHEN 'KG-GB' THEN 38 WHEN 'KG-GO' THEN 39 WHEN 'KG-J' THEN 40 WHEN 'KG-N' THEN 41 WHEN 'KG-O' THEN 42 WHEN 'KG-T' THEN 43 WHEN 'KG-Y' THEN 44 WHEN 'TJ-GB' THEN 45 WHEN 'TJ-KT' THEN 46 WHEN 'TJ-SU' THEN 47 WHEN 'TJ-DU' THEN 48 WHEN 'TJ-RA' THEN 49 WHEN 'TM-A' THEN 50 WHEN 'TM-B' THEN 51 WHEN 'TM-D' THEN 52 WHEN 'TM-L' THEN 53 WHEN 'TM-M' THEN 54 WHEN 'TM-S' THEN 55 WHEN 'UZ-AN' THEN 56 WHEN 'UZ-BU' THEN 57 WHEN 'UZ-FA' THEN 58 WHEN 'UZ-JI' THEN 59 WHEN 'UZ-NG' THEN 60 WHEN 'UZ-NW' THEN 61 WHEN 'UZ-QA' THEN 62 WHEN 'UZ-QR' THEN 63 WHEN 'UZ-SA' THEN 64 WHEN 'UZ-SI' THEN 65 WHEN 'UZ-SU' THEN 66 WHEN 'UZ-TK' THEN 67 WHEN 'UZ-TO' THEN 68 WHEN 'UZ-XO' THEN 69 ELSE 70 END AS rank_2, coalesce(list_aggregate(list_sort(list_distinct(f.regions_covered)), 'string_agg', ';'), '~') AS rank_3, coalesce(list_aggregate(list_sort(list_distinct(f.services)), 'string_agg', ';'), '~') AS rank_4, coalesce(list_aggregate(list_sort(list_distinct(f.criteria_met)), 'string_agg', ';'), '~') AS rank_5, CASE WHEN f.is_member THEN 0 WHEN NOT f.is_member THEN 1 ELSE 2 END AS rank_6, (coalesce(f.is_member, false)) AS in_base, (coalesce(f.is_member, false)) AS in_numerator, (coalesce(f.is_member, false)) AS in_denominator, (coalesce(f.is_member, true)) AS may_be_in_numerator
  FROM counted_organisations AS f
  JOIN windows AS w ON coalesce(f.member_from <= w.end_on, true) AND coalesce(f.member_to >= w.end_on, true)
    AND coalesce(f.snapshot = (SELECT max(s.snapshot) FROM counted_organisations AS s
      WHERE s.snapshot <= w.period), f.snapshot IS NULL)
  WHERE (coalesce(f.is_member, true))
), pinned AS (
  SELECT * FROM placed
  WHERE counted IS NOT NULL AND in_base
  QUALIFY row_number() OVER (PARTITION BY calendar, period, place, counted ORDER BY first_on, rank_0, rank_1, rank_2, rank_3, rank_4, rank_5, rank_6) = 1
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
SELECT calendar, period, place, 'org_type' AS breakdown, coalesce(by_org_type, 'U') AS category,
  coalesce(count(counted) FILTER (WHERE in_numerator), 0) AS numerator,
  coalesce(count(counted) FILTER (WHERE in_denominator), 0) AS denominator,
  coalesce(bool_or(counted IS NULL AND in_numerator), false) AS is_unknown,
  count(*) FILTER (WHERE may_be_in_numerator AND NOT in_numerator) AS candidates, NULL AS value
FROM pinned GROUP BY ALL
UNION ALL
SELECT calendar, period, place, 'region' AS breakdown, coalesce(by_region, 'U') AS category,
  coalesce(count(counted) FILTER (WHERE in_numerator), 0) AS numerator,
  coalesce(count(counted) FILTER (WHERE in_denominator), 0) AS denominator,
  coalesce(bool_or(counted IS NULL AND in_numerator), false) AS is_unknown,
  count(*) FILTER (WHERE may_be_in_numerator AND NOT in_numerator) AS candidates, NULL AS value
FROM pinned GROUP BY ALL
