# Puts PostgreSQL's data on a volume of its own: waits for the volume to be
# attached, makes a file system only on an empty one, mounts it by its UUID.
#
# A volume that carries anything is never formatted: it outlives its machine,
# and the next machine adopts what is on it.
#
# shellcheck shell=bash
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

mount_point=/var/lib/postgresql
attach_seconds=300

# A volume id becomes the name that udev gives its NVMe device.
device_path() {
  case $VECDB_DATA_VOLUME in
    vol-*)
      echo "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${VECDB_DATA_VOLUME/-/}"
      ;;
    *) echo "$VECDB_DATA_VOLUME" ;;
  esac
}

wait_for_device() {
  local device=$1 waited=0
  until [ -b "$device" ]; do
    [ "$waited" -lt "$attach_seconds" ] ||
      die "volume $VECDB_DATA_VOLUME did not appear as $device in $attach_seconds s"
    sleep 5
    waited=$((waited + 5))
  done
}

# Only a volume as the cloud hands it out, without a signature and with nothing
# but zeros where file systems begin, is taken for empty.  blkid answers 2 when
# it finds no signature; anything else means that it could not tell.
format_if_empty() {
  local device=$1 answer=0
  blkid -p "$device" >/dev/null || answer=$?
  case $answer in
    0) return 0 ;;
    2) ;;
    *) die "cannot tell what is on $device (blkid: $answer)" ;;
  esac
  cmp -s -n 1048576 "$device" /dev/zero ||
    die "$device holds something that is no file system" \
      "If it can go: dd if=/dev/zero of=$device bs=1M count=1"
  mkfs.ext4 -q -L vecdb "$device"
}

need_root
load_config
[ -n "$VECDB_DATA_VOLUME" ] || exit 0
mountpoint -q "$mount_point" && exit 0
device=$(device_path)
wait_for_device "$device"
format_if_empty "$device"
uuid=$(blkid -s UUID -o value "$device")
grep -q "^UUID=$uuid " /etc/fstab ||
  echo "UUID=$uuid $mount_point ext4 noatime,nofail 0 2" >>/etc/fstab
mkdir -p "$mount_point"
mount "$mount_point"
chown postgres:postgres "$mount_point"
