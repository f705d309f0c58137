-- Times and recall of the index on word_embeddings(embedding), under cosine
-- distance, over the rows of held_out.
--
-- A row counts as found where its distance is not beyond the exact tenth, so
-- that a tie is no miss.  That the index is used is the planner's choice, as for
-- any query.  EXECUTE plans each query anew, as a client's first
-- use of it would; plpgsql runs a query with a limit in one process.
CREATE TEMP TABLE measured (
  word text,
  exact_ms float8,
  index_ms float8,
  found int
);

DO $$
DECLARE
  query CONSTANT text := $q$
    SELECT array_agg(distance)
    FROM (SELECT embedding <=> $1 AS distance FROM word_embeddings
          ORDER BY embedding <=> $1 LIMIT 10) AS nearest $q$;
  held record;
  began timestamptz;
  exact float8[];
  indexed float8[];
  exact_ms float8;
  index_ms float8;
  pass int;
BEGIN
  SET LOCAL max_parallel_workers_per_gather = 0;
  -- The first pass only warms the cache.
  FOR pass IN 1..2 LOOP
    FOR held IN SELECT * FROM held_out LOOP
      PERFORM set_config('enable_indexscan', 'on', true);
      began := clock_timestamp();
      EXECUTE query INTO indexed USING held.embedding;
      index_ms := extract(epoch FROM clock_timestamp() - began) * 1000;
      CONTINUE WHEN pass = 1;

      PERFORM set_config('enable_indexscan', 'off', true);
      began := clock_timestamp();
      EXECUTE query INTO exact USING held.embedding;
      exact_ms := extract(epoch FROM clock_timestamp() - began) * 1000;

      INSERT INTO measured VALUES (
        held.word, exact_ms, index_ms,
        (SELECT count(*) FROM unnest(indexed) AS d
         WHERE d <= (SELECT max(e) FROM unnest(exact) AS e)));
    END LOOP;
  END LOOP;
END
$$;

SELECT count(*) AS words,
  round(percentile_disc(0.5) WITHIN GROUP (ORDER BY exact_ms)::numeric, 2)
    AS exact_ms,
  round(percentile_disc(0.5) WITHIN GROUP (ORDER BY index_ms)::numeric, 3)
    AS index_ms,
  round(sum(found) / (10.0 * count(*)), 3) AS recall_at_10
FROM measured;
