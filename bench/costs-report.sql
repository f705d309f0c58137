-- costs-report.sql: the tables of a run of costs.sql, in Markdown.
\pset format unaligned
\pset tuples_only on

SELECT E'## Estimated costs and times\n';
SELECT format(E'With random_page_cost = %s, %s of cost are a millisecond.\n',
  page_cost, round(unit::numeric))
FROM costs_unit ORDER BY page_cost DESC;

SELECT E'| random_page_cost | plan | cells | estimate / time | within 2 | within 3 |\n|---:|---|---:|---|---:|---:|';
SELECT format('| %s | %s | %s | %s to %s | %s %% | %s %% |', page_cost, plan,
  count(*), min(ratio)::numeric(10,2), max(ratio)::numeric(10,2),
  round(100 * avg((ratio BETWEEN 1 / 2.0 AND 2)::int)),
  round(100 * avg((ratio BETWEEN 1 / 3.0 AND 3)::int)))
FROM costs_ratios GROUP BY page_cost, plan
ORDER BY page_cost DESC, array_position(ARRAY['ivfflat', 'columns', 'exact', 'btree'], plan);

SELECT E'\n## Choices\n\nThe time of the chosen plan beside that of the fastest one.\n';
SELECT E'| random_page_cost | index of the filtered column | cells | within 1.5 | worst | time of all, beside the fastest | worst, beside the B-tree |\n|---:|---|---:|---:|---:|---:|---:|';
SELECT format('| %s | %s | %s | %s %% | %s | %s | %s |', page_cost, filtered, count(*),
  round(100 * avg((loss <= 1.5)::int)), max(loss)::numeric(10,1),
  (sum(ms) / sum(fastest))::numeric(10,2), max(ms / btree_ms)::numeric(10,1))
FROM costs_choices GROUP BY page_cost, filtered
ORDER BY page_cost DESC, array_position(ARRAY['none', 'btree', 'columns'], filtered);

SELECT E'\n| table | ivfflat, estimate / time | exact, estimate / time | choices within 1.5 | with a B-tree | and in the index |\n|---|---|---|---:|---:|---:|';
SELECT format('| %s × %s | %s to %s | %s to %s | %s of %s | %s of %s | %s of %s |',
  rows, dims,
  min(ratio) FILTER (WHERE plan = 'ivfflat')::numeric(10,2),
  max(ratio) FILTER (WHERE plan = 'ivfflat')::numeric(10,2),
  min(ratio) FILTER (WHERE plan = 'exact')::numeric(10,2),
  max(ratio) FILTER (WHERE plan = 'exact')::numeric(10,2),
  (SELECT count(*) FILTER (WHERE loss <= 1.5) FROM costs_choices AS c
   WHERE (c.dims, c.rows, c.page_cost) = (r.dims, r.rows, r.page_cost) AND filtered = 'none'),
  count(*) FILTER (WHERE plan = 'exact'),
  (SELECT count(*) FILTER (WHERE loss <= 1.5) FROM costs_choices AS c
   WHERE (c.dims, c.rows, c.page_cost) = (r.dims, r.rows, r.page_cost) AND filtered = 'btree'),
  count(*) FILTER (WHERE plan = 'btree'),
  (SELECT count(*) FILTER (WHERE loss <= 1.5) FROM costs_choices AS c
   WHERE (c.dims, c.rows, c.page_cost) = (r.dims, r.rows, r.page_cost) AND filtered = 'columns'),
  count(*) FILTER (WHERE plan = 'columns'))
FROM costs_ratios AS r
WHERE page_cost = (SELECT max(page_cost) FROM costs_estimates)
GROUP BY dims, rows, page_cost ORDER BY dims, rows;

SELECT E'\n## Choices that cost more than 1.5 times the fastest plan\n\n'
  '| random_page_cost | table | index | selectivity | LIMIT | chosen | ms | fastest ms |\n'
  '|---:|---|---|---:|---:|---|---:|---:|';
SELECT format('| %s | %s × %s | %s | %s | %s | %s | %s | %s |', page_cost, rows,
  dims, filtered, selectivity, wanted, chosen,
  ms::numeric(10,3), fastest::numeric(10,3))
FROM costs_choices WHERE loss > 1.5
ORDER BY page_cost DESC, filtered, loss DESC;

SELECT E'\n## Every cell\n\nEstimate / time in ms; the chosen plan is bold without an index on the filter,\nitalic with a B-tree, and has a dagger where the vectors'' index has its column, too.\n\n'
  '| table | selectivity | LIMIT | ivfflat | exact | btree | columns |\n|---|---:|---:|---:|---:|---:|---:|';
SELECT format('| %s × %s | %s | %s | %s | %s | %s | %s |', rows, dims, selectivity,
  wanted, max(cell) FILTER (WHERE plan = 'ivfflat'),
  max(cell) FILTER (WHERE plan = 'exact'), max(cell) FILTER (WHERE plan = 'btree'),
  max(cell) FILTER (WHERE plan = 'columns'))
FROM (
  SELECT *, CASE WHEN chosen THEN '**' ELSE '' END ||
    CASE WHEN chosen_btree AND selectivity < 1 THEN '_' ELSE '' END ||
    format('%s / %s', estimate::numeric(10,3), ms::numeric(10,3)) ||
    CASE WHEN chosen_btree AND selectivity < 1 THEN '_' ELSE '' END ||
    CASE WHEN chosen THEN '**' ELSE '' END ||
    CASE WHEN chosen_columns AND selectivity < 1 THEN '†' ELSE '' END AS cell
  FROM costs_ratios
  WHERE page_cost = (SELECT max(page_cost) FROM costs_estimates)) AS c
GROUP BY dims, rows, selectivity, wanted
ORDER BY dims, rows, selectivity DESC, wanted;
