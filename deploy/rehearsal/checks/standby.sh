# A second database machine that follows the first.
#
# shellcheck shell=bash

on_standby() {
  superuser_on standby vecdb "$1"
}

# Until the standby has replayed what the primary had written by now.
wait_for_standby() {
  local position waited=0
  position=$(as_superuser "SELECT pg_current_wal_lsn()")
  until [ "$(on_standby "SELECT pg_last_wal_replay_lsn() >= '$position'")" = t ]
  do
    waited=$((waited + 1))
    [ "$waited" -lt 100 ] || return 1
    sleep 0.1
  done
}

check_standby() {
  local search
  equals "the standby streams, by TLS and its certificate" \
    "standby|streaming|t|vecdb_replicator" as_superuser \
    "SELECT application_name, state, ssl, usename
      FROM pg_stat_replication JOIN pg_stat_ssl USING (pid)"
  accepted "it catches up" wait_for_standby
  equals "it has the words" 3000 \
    on_standby "SELECT count(*) FROM word_embeddings"
  search="SET enable_seqscan = off; SELECT string_agg(word, ',') FROM (SELECT word
    FROM word_embeddings ORDER BY embedding <=> (SELECT embedding
    FROM word_embeddings WHERE word = 'pumpkin') LIMIT 10) s"
  equals "its index answers as the primary's does" \
    "$(superuser_on db vecdb "$search")" on_standby "$search"
  refused "it takes no writes" 'read-only transaction' \
    on_standby "DELETE FROM word_embeddings"
  refused "the replicator's certificate opens no database" \
    'no pg_hba.conf entry|password authentication failed|no password' \
    on standby psql -wXc "SELECT 1" "host=$db_name user=vecdb_replicator
      dbname=vecdb sslmode=verify-full sslrootcert=/srv/tls/ca.crt
      sslcert=/srv/tls/replicator.crt sslkey=/srv/tls/replicator.key"
}
