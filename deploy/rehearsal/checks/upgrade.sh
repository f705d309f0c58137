# A minor upgrade of the extension in place: the packages' next version, on the
# standby first, then on the primary, while a session stays open.
#
# The next version is this tree's with a function more, built as a release is.
#
# shellcheck shell=bash

# What in the cloud is "aws s3 sync": the new repository, then a restart of the
# unit that bootstraps.
take_up_next() {
  rm -rf "$(root_of "$1")/srv/repository"
  cp -r "$hosts/next_repository" "$(root_of "$1")/srv/repository"
  bootstrap_database "$1"
}

# extension_members DATABASE: every object of the extension, with its form.
extension_members() {
  superuser_on db "$1" "SELECT pg_describe_object(classid, objid, objsubid)
      || coalesce(' ' || md5(pg_get_functiondef(p.oid)), '')
    FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
    LEFT JOIN pg_proc p ON p.oid = d.objid AND p.prokind = 'f'
      AND d.classid = 'pg_proc'::regclass
    WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
      AND e.extname = 'vecdb' ORDER BY 1"
}

installed_extension() {
  superuser_on "$1" vecdb \
    "SELECT extversion FROM pg_extension WHERE extname = 'vecdb'"
}

nearest_words() {
  superuser_on "$1" vecdb "SET enable_seqscan = off;
    SELECT string_agg(word, ',') FROM (SELECT word FROM word_embeddings
    ORDER BY embedding <=> (SELECT embedding FROM word_embeddings
    WHERE word = 'pumpkin') LIMIT 10) s"
}

check_extension_upgrade() {
  local before
  before=$(nearest_words db)
  "$top/deploy/package/make-repository" --gnupg-home "$hosts/gnupg" \
    "$hosts/next_repository" "$next/postgresql-$major-vecdb"_*.deb \
    "$next"/vecdb-host_*.deb >/dev/null
  open_session
  echo "SELECT '[1,2]'::vector <-> '[1,3]';" >&7
  refused "an upgrade needs the new version's package" 'no update path' \
    superuser_on db vecdb "ALTER EXTENSION vecdb UPDATE TO '$next_version'"
  accepted "the standby takes up the next version" take_up_next standby
  accepted "the primary takes up the next version" take_up_next db
  equals "the extension is the next version's" "$next_version" \
    installed_extension db
  accepted "the standby gets there by the log" wait_for_standby
  equals "it is the next version's there, too" "$next_version" \
    installed_extension standby
  close_session
  equals "a session from before goes on" "1
still here" cat "$hosts/session_output"
  equals "the server was not restarted for it" "$first_start" start_time
  check_upgraded "$before"
}

check_upgraded() {
  equals "what the next version adds is there" "$next_version" \
    superuser_on db vecdb "SELECT vecdb_rehearsed()"
  equals "the index answers as before" "$1" nearest_words db
  equals "so does the standby's" "$1" nearest_words standby
  equals "the index is sound" "" on_primary \
    "SELECT vecdb_check_index('word_embeddings_embedding_idx', true)"
  on_primary "INSERT INTO word_embeddings (word, embedding)
    SELECT word || '_next', embedding FROM word_embeddings LIMIT 50"
  equals "it takes rows" "" on_primary \
    "SELECT vecdb_check_index('word_embeddings_embedding_idx', true)"
  on_primary "DELETE FROM word_embeddings WHERE word LIKE '%\_next'"
  superuser_on db postgres "CREATE DATABASE fresh"
  superuser_on db fresh "CREATE EXTENSION vecdb"
  equals "an upgraded extension is what a fresh one is" \
    "$(extension_members fresh)" extension_members vecdb
  superuser_on db postgres "DROP DATABASE fresh"
}
