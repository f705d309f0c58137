# The primary is killed, the standby takes its place, and nothing that a client
# was told is committed is lost; then the old primary follows the new one.
#
# shellcheck shell=bash

ledger=/root/ledger

synchronous() {
  echo VECDB_SYNCHRONOUS=standby >>"$(root_of db)/etc/vecdb/host.conf"
  on db vecdb-host settings
}

# replicas HOST COLUMN: who follows it, once somebody does.
replicas() {
  local found='' waited=0
  until [ -n "$found" ] || [ "$waited" -gt 100 ]; do
    found=$(superuser_on "$1" postgres "SELECT application_name, $2
      FROM pg_stat_replication WHERE state = 'streaming'")
    waited=$((waited + 1))
    sleep 0.1
  done
  echo "$found"
}

# The private zone's record, as every machine of the network sees it.
point_name() {
  local host
  for host in db standby bastion; do
    on "$host" sh -c "sed '/ $db_name\$/d' /etc/hosts >/tmp/hosts &&
      echo '$1 $db_name' >>/tmp/hosts && cp /tmp/hosts /etc/hosts"
  done
}

acknowledged() {
  wc -l <"$(root_of client)$ledger"
}

# until_acknowledged COUNT: the writer has been told so many.
until_acknowledged() {
  local waited=0
  until [ "$(acknowledged)" -ge "$1" ]; do
    waited=$((waited + 1))
    [ "$waited" -lt 300 ] || {
      tail -n 3 "$hosts/writer_log"
      return 1
    }
    sleep 0.1
  done
}

start_writer() {
  cp "$here/acknowledged.py" "$(root_of client)/root/"
  : >"$(root_of client)$ledger"
  on client env PGPASSWORD="$password" /usr/bin/python3 /root/acknowledged.py \
    "$by_password" "$ledger" /root/ledger_stop >"$hosts/writer_log" 2>&1 &
  writer=$!
}

stop_writer() {
  touch "$(root_of client)/root/ledger_stop"
  wait "$writer" || true
}

# Every process of the server at once, as a power cut would.
kill_primary() {
  local postmaster
  postmaster=$(head -n 1 \
    "$(root_of db)/var/lib/postgresql/$major/main/postmaster.pid")
  # shellcheck disable=SC2046 # one word a process
  kill -KILL "$postmaster" $(pgrep -P "$postmaster")
}

# Both machines read the same secret in the cloud.
promote() {
  cp "$(root_of db)/srv/admin.json" "$(root_of standby)/srv/"
  on standby vecdb-host promote
}

check_failover() {
  [ "$backups" = no ] || accepted \
    "after a restore the standby is copied anew" on standby vecdb-host follow
  as_admin "CREATE TABLE ledger (id int PRIMARY KEY, v vector(3));
    CREATE INDEX ON ledger USING ivfflat (v)"
  check_synchronous
  start_writer
  accepted "a writer's rows are acknowledged" until_acknowledged 100
  refused "a standby is not promoted while its primary sends" \
    'still sends' promote
  kill_primary
  refused "the primary is gone" 'server closed|could not connect|refused' \
    as_admin "SELECT 1"
  check_promotion
  check_return
}

check_synchronous() {
  accepted "a commit waits for the standby from now on" synchronous
  equals "the standby is synchronous" "standby|quorum" \
    replicas db sync_state
  accepted "with the standby a commit is acknowledged" \
    as_admin "INSERT INTO ledger VALUES (-1, '[1,2,3]')"
  on standby pg_ctlcluster "$major" main stop
  refused "without the standby a commit is not acknowledged" '^exit 124' \
    on client env PGPASSWORD="$password" timeout 2 psql -XqAtw \
    -d "$by_password" -c "INSERT INTO ledger VALUES (-2, '[1,2,3]')"
  on standby pg_ctlcluster "$major" main start
}

# Numbers that a client was told are there and are not.
lost() {
  { sort "$(root_of client)$ledger"; } >"$hosts/told"
  superuser_on "$1" vecdb "SELECT id FROM ledger" | sort |
    comm -23 "$hosts/told" - | wc -l
}

check_promotion() {
  local before
  before=$(acknowledged)
  accepted "the standby is promoted" promote
  point_name "$standby_ip"
  accepted "the writer goes on, by the same connection string" \
    until_acknowledged $((before + 50))
  stop_writer
  equals "nothing acknowledged is lost, of $before before the kill" 0 \
    lost standby
  equals "the new primary answers through the tunnel" "f" \
    as_admin "SELECT pg_is_in_recovery()"
  equals "its indexes are sound" "" superuser_on standby vecdb \
    "SELECT vecdb_check_index(indexrelid, true)
      FROM vecdb_monitor.measurable"
  superuser_on standby vecdb "DELETE FROM ledger WHERE id IN
    (SELECT id FROM ledger ORDER BY v <-> '[1,1,1]' LIMIT 5)"
}

check_return() {
  local rows
  accepted "the old primary follows the new one" \
    on db vecdb-host follow "$db_name"
  rows=$(ledger_rows standby)
  equals "it streams from it" "db|streaming" \
    replicas standby state
  equals "it has the new primary's rows" "$rows" follows_rows
  refused "it takes no writes" 'read-only transaction' \
    superuser_on db vecdb "DELETE FROM ledger"
  refused "a running primary is not turned into a standby" \
    'runs as a primary' on standby vecdb-host follow "$db_name"
}

ledger_rows() {
  superuser_on "$1" vecdb "SELECT count(*), sum(id) FROM ledger"
}

# Once all that the new primary has written was replayed.
follows_rows() {
  local position waited=0
  position=$(superuser_on standby postgres "SELECT pg_current_wal_lsn()")
  until [ "$(superuser_on db postgres \
    "SELECT pg_last_wal_replay_lsn() >= '$position'")" = t ]; do
    waited=$((waited + 1))
    [ "$waited" -lt 100 ] || break
    sleep 0.1
  done
  ledger_rows db
}
