# SPDX-License-Identifier: MIT
# The desktop: a real notification daemon on a D-Bus and a display of its own;
# and no bus, a dead bus, a daemon that does not answer.
. "$SRCDIR/tests/cli/tap.sh"

DRIVE=$BUILDDIR/tests/unit/test_notifier
if ! "$LOSSDOG" notify --list >list 2>/dev/null || [ ! -x "$DRIVE" ]; then
	skip "desktop" "no notify command in this build"
	done_testing
fi
unset DBUS_SESSION_BUS_ADDRESS XDG_RUNTIME_DIR DISPLAY

quick() # SECONDS COMMAND...: it ends within them
{
	limit=$1
	shift
	begun=$(date +%s%N)
	run "$@"
	took=$((($(date +%s%N) - begun) / 1000000))
	[ "$took" -le $((limit * 1000)) ]
}

if ! "$LOSSDOG" --version | grep -q +libnotify; then
	skip "desktop" "built without libnotify"
	done_testing
fi
ok "no D-Bus: said at once" quick 2 "$LOSSDOG" notify --test desktop
is "as a failure" "$status" 3
ok "in words" grep -q 'no D-Bus session' err
DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent
export DBUS_SESSION_BUS_ADDRESS
ok "a dead D-Bus: said at once" quick 3 "$LOSSDOG" notify --test desktop
is "as a failure, too" "$status" 3
unset DBUS_SESSION_BUS_ADDRESS

for p in Xvfb dunst dunstctl dbus-run-session; do
	command -v "$p" >/dev/null || { skip "a real daemon" "no $p"; done_testing; }
done
printf 'notify:\n  desktop:\n' >desktop.yaml
cat >inside.sh <<'END'
dunst >dunst.log 2>&1 &
daemon=$!
sleep 1
"$DRIVE" --drive desktop.yaml "$PWD/state" 4 fire:1
sleep 0.5
dunstctl count displayed >displayed
dunstctl close
sleep 0.3
dunstctl history >history
kill -STOP $daemon
"$LOSSDOG" notify --test desktop >stopped 2>&1
kill -CONT $daemon
kill $daemon
END
n=77
while [ -e /tmp/.X11-unix/X$n ]; do n=$((n + 1)); done
Xvfb :$n -screen 0 1024x600x24 >xvfb.log 2>&1 &
server=$!
trap 'kill $server' EXIT
sleep 1
DISPLAY=:$n
export DISPLAY DRIVE
run dbus-run-session -- sh inside.sh
is "dunst shows one notification" "$(cat displayed)" 1
ok "with its title" grep -q 'CRITICAL: nonfinite (run-a)' history
ok "the log's markup stays text" grep -q '&lt;b&gt;\|<!channel>' history
ok "a daemon that does not answer: two seconds" grep -q 'did not answer within 2 s' stopped
done_testing
