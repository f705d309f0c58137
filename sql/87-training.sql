-- Whether an index serves its rows still, and what VACUUM will do about it.

CREATE FUNCTION vecdb_index_training(
    index regclass,
    OUT lists integer, OUT trained_rows bigint,
    OUT rows bigint, OUT added_rows bigint,
    OUT autotrain boolean, OUT due text, OUT due_by_hand text,
    OUT trees bigint, OUT litter boolean,
    OUT fit double precision, OUT imbalance double precision,
    OUT inserted_rows bigint, OUT recoded_rows bigint)
  RETURNS record
  AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;

COMMENT ON FUNCTION vecdb_index_training(regclass) IS
  'what an ivfflat index was trained with, what came since, and why the next VACUUM will train it again';
