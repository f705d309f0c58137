-- Casts between sparsevec and halfvec.
SELECT '[1,0,2]'::halfvec::sparsevec, '{1:1.5,3:2}/3'::sparsevec::halfvec,
  '{1:1,2:1e-20}/2'::sparsevec::halfvec, '{}/2'::sparsevec::halfvec(2);
SELECT statement, error_of(statement) FROM (VALUES
  ($$SELECT '{1:1e5,3:2}/3'::sparsevec::halfvec$$),
  ($$SELECT '{1:1}/16001'::sparsevec::halfvec$$),
  ($$SELECT '{1:1}/3'::sparsevec::halfvec(2)$$),
  ($$SELECT '[1,0,2]'::halfvec::sparsevec(4)$$)
) AS t(statement);
SELECT castsource::regtype, casttarget::regtype, castcontext FROM pg_cast
WHERE 'sparsevec'::regtype IN (castsource, casttarget) AND 'halfvec'::regtype IN (castsource, casttarget)
ORDER BY castcontext;
SELECT '{1:1}/3'::sparsevec <-> '[1,2,3]'::halfvec AS as_sparse;
