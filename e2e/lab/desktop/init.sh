#!/bin/sh
# Process 1 of the desktop guest: the few services that the tests need, without a service manager.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DISPLAY=:0 LANG=C.UTF-8 XDG_RUNTIME_DIR=/run/user/0
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev 2>/dev/null
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
mkdir -p /run/user/0 /run/spice-vdagentd /run/dbus /root/received /tmp/.X11-unix
hostname desktop

/lib/systemd/systemd-udevd --daemon
while read -r module; do modprobe -q "$module"; done < /etc/modules
udevadm trigger --type=subsystems --action=add
udevadm trigger --type=devices --action=add
udevadm settle --timeout=30

# QEMU's own network, without a server to ask.
busybox ip link set lo up
for card in /sys/class/net/e*; do
  name=${card##*/}
  busybox ip addr add 10.0.2.15/24 dev "$name" && busybox ip link set "$name" up
done

amixer -q set Master 100% unmute 2>/dev/null
amixer -q set PCM 100% unmute 2>/dev/null
dbus-daemon --system --fork
spice-vdagentd -X
qemu-ga --daemonize -m virtio-serial -p /dev/virtio-ports/org.qemu.guest_agent.0
if [ -e /dev/virtio-ports/org.spice-space.webdav.0 ]; then
  spice-webdavd -p 9843 >/var/log/spice-webdavd.log 2>&1 &
fi

# The server finds any other card's driver itself.
[ -d /sys/bus/pci/drivers/qxl ] && ls /sys/bus/pci/drivers/qxl | grep -q : || rm -f /etc/X11/xorg.conf.d/qxl.conf
cd /root || exit 1
while :; do
  Xorg :0 vt1 -listen tcp -ac -noreset -s 0 -dpms >/var/log/Xorg.out 2>&1 &
  server=$!
  until [ -e /tmp/.X11-unix/X0 ] && xset q >/dev/null 2>&1; do sleep 0.2; done
  xsetroot -solid '#2e5a88' -cursor_name left_ptr
  openbox >/var/log/openbox.log 2>&1 &
  spice-vdagent -x -f /root/received -o 0 >/var/log/spice-vdagent.log 2>&1 &
  touch /run/desktop-is-ready
  wait "$server"
done
