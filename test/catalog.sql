-- catalog.sql: what a client can see of the extension, a line for each object,
-- from whichever of vector and vecdb is there; by psql -XAt.
--
-- Estimates of operators are left out: ours are of the right kind for <>.  From a
-- database of pgvector it makes
-- data/pgvector-0.8-catalog.txt, which tap/catalog.t compares with ours.

SELECT set_config('search_path', string_agg(DISTINCT quote_ident(nspname), ','), false)
FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = extnamespace
WHERE extname IN ('vector', 'vecdb') \gset

CREATE TEMP VIEW member AS
SELECT d.classid, d.objid
FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
  AND e.extname IN ('vector', 'vecdb');

SELECT line FROM (
SELECT format('type %s: length %s, by value %s, align %s, storage %s, category %s, delimiter %s, input %s, output %s, receive %s, send %s, modifier %s',
    typname, typlen, typbyval, typalign, typstorage, typcategory, typdelim,
    typinput, typoutput, typreceive, typsend, typmodin)
  AS line
FROM pg_type JOIN member ON classid = 'pg_type'::regclass AND objid = oid
WHERE typelem = 0 OR typcategory <> 'A'
UNION ALL
SELECT format('%s %s returns %s: %s, %s, parallel %s, cost %s%s',
    CASE prokind WHEN 'a' THEN 'aggregate' ELSE 'function' END,
    oid::regprocedure, prorettype::regtype,
    CASE provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END,
    CASE WHEN proisstrict THEN 'strict' ELSE 'called on null' END,
    CASE proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' ELSE 'unsafe' END,
    procost, CASE WHEN proretset THEN ', set' ELSE '' END)
FROM pg_proc JOIN member ON classid = 'pg_proc'::regclass AND objid = oid
UNION ALL
SELECT format('operator %s returns %s: function %s, commutator %s, negator %s',
    oid::regoperator, oprresult::regtype, oprcode::regprocedure,
    oprcom::regoperator, oprnegate::regoperator)
FROM pg_operator JOIN member ON classid = 'pg_operator'::regclass AND objid = oid
UNION ALL
SELECT format('cast %s to %s: function %s, %s, %s', castsource::regtype,
    casttarget::regtype, castfunc::regprocedure,
    CASE castcontext WHEN 'i' THEN 'implicit' WHEN 'a' THEN 'assignment' ELSE 'explicit' END,
    castmethod)
FROM pg_cast JOIN member ON classid = 'pg_cast'::regclass AND objid = oid
UNION ALL
SELECT format('access method %s: type %s, handler %s', amname, amtype, amhandler)
FROM pg_am JOIN member ON classid = 'pg_am'::regclass AND objid = oid
UNION ALL
SELECT format('operator class %s of %s for %s: default %s, orders by %s', opcname,
    amname, opcintype::regtype, opcdefault,
    (SELECT string_agg(amopopr::regoperator::text, ' ' ORDER BY amopstrategy)
     FROM pg_amop WHERE amopfamily = opcfamily
     AND amoprighttype::regtype::text NOT LIKE '%\_sphere'))
FROM pg_opclass AS c JOIN member ON classid = 'pg_opclass'::regclass AND objid = c.oid
JOIN pg_am AS a ON a.oid = opcmethod
) AS lines ORDER BY line COLLATE "C";
