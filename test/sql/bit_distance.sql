-- Distances of bit strings.
SELECT hamming_distance(B'111', B'111'), hamming_distance(B'111', B'110'), hamming_distance(B'111', B'000'), hamming_distance(B'', B'');
SELECT jaccard_distance(B'1111', B'1111'), jaccard_distance(B'1111', B'1110'), jaccard_distance(B'1111', B'1100'),
  jaccard_distance(B'1111', B'0000'), jaccard_distance(B'1100', B'1000'), jaccard_distance(B'', B'');
SELECT B'1010' <~> B'0110' AS hamming, B'1010' <%> B'0110' AS jaccard;
SELECT B'1010'::varbit <~> B'0110'::bit(4) AS hamming, '1010'::varbit <%> '0110'::varbit AS jaccard;
SELECT pg_typeof(B'1' <~> B'0'), pg_typeof(B'1' <%> B'0'), NULL <~> B'0' IS NULL AS strict;

-- Nothing is as near as two values without a bit.
SELECT B'0000' <%> B'0000' AS jaccard, B'0000' <~> B'0000' AS hamming;

-- Lengths have to be the same.
SELECT error_of($$SELECT hamming_distance(B'111', B'00')$$);
SELECT error_of($$SELECT jaccard_distance(B'111', B'00')$$);
SELECT error_of($$SELECT '111'::varbit <~> '1110'::varbit$$);

-- What the kernels count is what the digits say, at all lengths.
SELECT count(*) FILTER (WHERE a <~> b <> length(replace((a # b)::text, '0', ''))) AS hamming,
  count(*) FILTER (WHERE abs(1 - (a <%> b) - length(replace((a & b)::text, '0', '')) /
    greatest(length(replace((a | b)::text, '0', '')), 1)::float8) > 1e-12) AS jaccard,
  count(*)
FROM (SELECT (SELECT string_agg((hashint8(n * 1000 + i) & 1)::text, '') FROM generate_series(1, n) AS i)::varbit AS a,
        (SELECT string_agg((hashint8(n * 7777 + i) >> 3 & 1)::text, '') FROM generate_series(1, n) AS i)::varbit AS b
      FROM generate_series(1, 700) AS n) AS s;

-- Values out of line, and long ones.
CREATE TEMP TABLE long (b bit(64000));
INSERT INTO long SELECT repeat('10', 32000)::bit(64000);
ALTER TABLE long ALTER b SET STORAGE external;
INSERT INTO long SELECT repeat('0110', 16000)::bit(64000);
SELECT x.b <~> y.b AS hamming, x.b <%> y.b AS jaccard FROM long AS x, long AS y ORDER BY 1;

-- From vectors.
SELECT binary_quantize('[1,0,-1,0.5]'::vector), binary_quantize('[-1]'::vector), binary_quantize('[1,2,3,4,5,6,7,8,9]'::vector) <~> B'111111110';
