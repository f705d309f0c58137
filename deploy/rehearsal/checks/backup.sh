# Backups to a store that speaks S3 over TLS, and a restore to a moment.
#
# The store stands where the cloud's S3 gateway is: in the database's subnet,
# the one address beside its own members that its group lets it reach.
#
# shellcheck shell=bash

store_ip=10.77.0.4
store_name=s3.vecdb.internal

make_store() {
  local files=$hosts/store
  ip netns add store
  ip -n store link set lo up
  ip link add to_store netns bastion type veth peer name inner netns store
  ip -n bastion link set to_store master inner up
  ip -n store link set inner up
  ip -n store addr add "$store_ip/24" dev inner
  nft_on db add rule inet group output ip daddr "$store_ip" tcp dport 443 accept
  authority "$hosts/ca" server "$store_name" 30
  mkdir -p "$files"
  nsenter --net=/run/netns/store node "$here/node_modules/s3rver/bin/s3rver.js" \
    --directory "$files" --address "$store_ip" --port 443 --no-vhost-buckets \
    --key "$hosts/ca/$store_name/server.key" \
    --cert "$hosts/ca/$store_name/server.crt" \
    --configure-bucket backups >"$hosts/store_log" 2>&1 &
  echo "$store_ip $store_name" >>"$(root_of db)/etc/hosts"
  printf 'S3RVER\nS3RVER\n' >"$(root_of db)/srv/store_key"
  install -m 644 "$hosts/ca/ca.crt" "$(root_of db)/srv/store_ca.crt"
}

store_config() {
  cat <<END
VECDB_BACKUP_BUCKET=backups
VECDB_BACKUP_REGION=us-east-1
VECDB_BACKUP_ENDPOINT=$store_name
VECDB_BACKUP_CA=/srv/store_ca.crt
VECDB_BACKUP_KEY=file:/srv/store_key
END
}

on_primary() {
  superuser_on db vecdb "$1"
}

# The rows in order, whatever their place in the table.
fingerprint() {
  on_primary "SELECT count(*), md5(string_agg(word || embedding::text, ','
    ORDER BY id)) FROM word_embeddings"
}

check_backup() {
  local before moment
  check_backup_key
  accepted "a full backup" on db vecdb-host backup full
  on_primary "INSERT INTO word_embeddings (word, embedding)
    SELECT word || '_again', embedding FROM word_embeddings LIMIT 100"
  accepted "an incremental backup" on db vecdb-host backup incr
  on_primary "DELETE FROM word_embeddings WHERE word = 'turnip'"
  before=$(fingerprint)
  sleep 0.1
  moment=$(on_primary "SELECT clock_timestamp()")
  sleep 0.1
  on_primary "DROP TABLE word_embeddings"
  refused "the table is gone" 'does not exist' fingerprint
  on db vecdb-host password
  refused "a moment that is none is refused" 'is not a moment' \
    on db vecdb-host restore yesterdayish
  refused "so is one that is yet to come" 'is yet to come' \
    on db vecdb-host restore "$(date -u -d '+1 hour' '+%F %T+00')"
  accepted "the cluster goes back to the moment before" \
    on db vecdb-host restore "$moment"
  password=$(admin_password)
  equals "no acknowledged row is lost" "$before" fingerprint
  check_restored_index
}

# The store's key is read before the file that has the old one is written.
check_backup_key() {
  local before key
  key=$(root_of db)/srv/store_key
  before=$(on db sha256sum /etc/pgbackrest.conf)
  cp "$key" "$hosts/store_key"
  echo S3RVER >"$key"
  refused "half a key of the store is refused" 'does not hold two lines' \
    on db vecdb-host backup
  equals "archiving goes on with the whole one" "$before" \
    on db sha256sum /etc/pgbackrest.conf
  cp "$hosts/store_key" "$key"
}

check_restored_index() {
  equals "the index answers, without what was deleted" \
    "${autumn%,turnip}" restored_search
  accepted "the index is sound" \
    on_primary "SELECT vecdb_check_index('word_embeddings_embedding_idx')"
  equals "the administrator gets in again" 1 as_admin "SELECT 1"
  equals "no target of the restore stays behind for copies" "" as_superuser \
    "SELECT name, setting FROM pg_file_settings
      WHERE name LIKE 'recovery_target%'"
}

restored_search() {
  on_primary "SET enable_seqscan = off; SELECT string_agg(word, ','
      ORDER BY word) FROM (SELECT word FROM word_embeddings
      WHERE word NOT LIKE 'pumpkin%' AND word NOT LIKE '%again'
      ORDER BY embedding <=> (SELECT embedding FROM word_embeddings
      WHERE word = 'pumpkin') LIMIT 8) s"
}
