-- Casts of type sparsevec.
SELECT '[1,0,2]'::vector::sparsevec, '[0,-0]'::vector::sparsevec,
  '[1,0,2]'::vector::sparsevec(3);
SELECT '{1:1,3:2}/3'::sparsevec::vector, '{}/2'::sparsevec::vector,
  '{1:1,3:2}/3'::sparsevec::vector(3);
SELECT ARRAY[1,0,2]::sparsevec, ARRAY[1.5,0,2]::real[]::sparsevec,
  ARRAY[0,1.5]::double precision[]::sparsevec, ARRAY[1.5,0,2]::numeric[]::sparsevec,
  array_fill(0, ARRAY[100000])::sparsevec, ARRAY[1e-300]::double precision[]::sparsevec;

SELECT '[1,0,2]'::halfvec::sparsevec, '{1:1.0001,3:2}/3'::sparsevec::halfvec, '{}/2'::sparsevec::halfvec(2);

SELECT statement, error_of(statement) FROM (VALUES
  ($$SELECT '{1:1}/16001'::sparsevec::halfvec$$),
  ($$SELECT '{1:1e6}/3'::sparsevec::halfvec$$),
  ($$SELECT '{1:1}/3'::sparsevec::halfvec(2)$$),
  ($$SELECT '[1,0,2]'::vector::sparsevec(4)$$),
  ($$SELECT '{1:1}/3'::sparsevec::vector(2)$$),
  ($$SELECT '{1:1}/16001'::sparsevec::vector$$),
  ($$SELECT '{1:1}/1000000000'::sparsevec::vector$$),
  ($$SELECT ARRAY[1,0,2]::sparsevec(2)$$),
  ($$SELECT '{}'::int[]::sparsevec$$),
  ($$SELECT ARRAY[[1]]::sparsevec$$),
  ($$SELECT ARRAY[1,NULL]::sparsevec$$),
  ($$SELECT ARRAY['NaN']::double precision[]::sparsevec$$),
  ($$SELECT ARRAY['Infinity']::real[]::sparsevec$$),
  ($$SELECT ARRAY[1e300]::double precision[]::sparsevec$$),
  ($$SELECT array_fill(1, ARRAY[16001])::sparsevec$$),
  ($$SELECT '{1:1}/3'::sparsevec::real[]$$)
) AS t(statement);

-- Which are implicit.
SELECT castsource::regtype, casttarget::regtype, castcontext, provolatile, proisstrict, proparallel
FROM pg_cast JOIN pg_proc ON pg_proc.oid = castfunc
WHERE 'sparsevec'::regtype IN (castsource, casttarget)
ORDER BY castsource::regtype::text COLLATE "C", casttarget::regtype::text COLLATE "C";
SELECT '{1:1}/3'::sparsevec <-> '[1,2,3]'::vector AS as_sparse;
CREATE TABLE sparse_cast (v vector(3), s sparsevec(3));
INSERT INTO sparse_cast VALUES ('{2:5}/3'::sparsevec, '[0,5,0]'::vector), (ARRAY[1,0,0], ARRAY[1,0,0]);
SELECT * FROM sparse_cast;
DROP TABLE sparse_cast;
