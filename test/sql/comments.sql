-- Every object of the extension says what it is: a new one gets its comment where
-- it is made, or in sql/99-comments.sql.  Arrays, members from 17 on, go with their types.
SELECT pg_describe_object(classid, objid, 0) AS without
FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname IN ('vecdb', 'vector')
  AND obj_description(objid, classid::regclass::name) IS NULL
  AND NOT EXISTS (SELECT FROM pg_type AS t WHERE classid = 'pg_type'::regclass AND t.oid = objid AND t.typcategory = 'A')
ORDER BY 1;
SELECT obj_description('<=>(vector,vector)'::regoperator, 'pg_operator') AS operator,
  obj_description('vecdb_recall(regclass,integer,integer)'::regprocedure, 'pg_proc') AS function,
  obj_description('halfvec'::regtype, 'pg_type') AS type;
