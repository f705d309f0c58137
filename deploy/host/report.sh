# Measures what an alarm should ring for: the disk's use, the certificate's
# days, the password's hours, whether the server answers.
#
# Prints "NAME VALUE UNIT"; with VECDB_METRICS=aws:NAMESPACE they also go to
# CloudWatch, under the machine's short name.
#
# shellcheck shell=bash
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=lib.sh
. "$here/lib.sh"

disk_used() {
  df --output=pcent "$(pg_data)" | tail -n 1 | tr -dc '0-9'
}

certificate_days() {
  local end
  end=$(openssl x509 -in "$(pg_etc)/tls/server.crt" -noout -enddate)
  echo $((($(date -d "${end#*=}" +%s) - $(date +%s)) / 86400))
}

answers() {
  if [ "$(echo 'SELECT 1' | sql postgres 2>/dev/null)" = 1 ]; then
    echo 1
  else
    echo 0
  fi
}

measure() {
  echo "DatabaseAnswers $(answers) Count"
  echo "DiskUsedPercent $(disk_used) Percent"
  echo "CertificateDays $(certificate_days) Count"
}

send() {
  local name value unit
  while read -r name value unit; do
    aws cloudwatch put-metric-data --namespace "${VECDB_METRICS#aws:}" \
      --metric-name "$name" --value "$value" --unit "$unit" \
      --dimensions "Machine=$VECDB_MACHINE"
  done
}

need_root
load_config
measured=$(measure)
echo "$measured"
case $VECDB_METRICS in
  aws:*) send <<<"$measured" ;;
esac
