# SPDX-License-Identifier: MIT
# The real Alertmanager: an alert is visible in its API, and then resolved.
. "$SRCDIR/tests/cli/tap.sh"

DRIVE=$BUILDDIR/tests/unit/test_notifier
if ! command -v prometheus-alertmanager >/dev/null || ! command -v python3 >/dev/null; then
	skip "alertmanager" "no prometheus-alertmanager"
	done_testing
fi
[ -x "$DRIVE" ] || { skip "alertmanager" "no driver"; done_testing; }

port=$(python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
printf 'route: { receiver: x, group_wait: 0s }\nreceivers: [ { name: x } ]\n' >am.yml
prometheus-alertmanager --config.file=am.yml --storage.path=am \
    --web.listen-address=127.0.0.1:"$port" --cluster.listen-address= >am.log 2>&1 &
server=$!
trap 'kill $server' EXIT

ask()
{
	python3 -c 'import json, sys, urllib.request
for a in json.load(urllib.request.urlopen("http://127.0.0.1:'"$port"'/api/v2/alerts")):
	print(a["labels"]["alertname"], a["labels"]["run"], a["labels"]["severity"],
	    a["labels"].get("team"), a["status"]["state"], a["annotations"].get("advice", "-"))'
}
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	ask >alerts 2>/dev/null && break
	sleep 0.5
done

printf 'notify:\n  alertmanager: { url: "http://127.0.0.1:%s/", labels: ["team=ml", "bad name=x"] }\n' \
    "$port" >am.yaml
run "$DRIVE" --drive am.yaml "$PWD/state" 5 fire:2
sleep 0.5
ask | sort >alerts
is "two alerts" "$(wc -l <alerts | tr -d ' ')" 2
ok "with their labels and annotations" grep -q '^nonfinite run-a critical ml active halve it$' alerts
run "$DRIVE" --drive am.yaml "$PWD/state" 5 resolve:2
sleep 0.5
is "both are over" "$(ask | wc -l | tr -d ' ')" 0

alerts() # NAME WORDS... COUNT: so many alerts stand after them
{
	alerts_name=$1
	shift
	alerts_want=$1
	shift
	run "$DRIVE" --drive am.yaml "$PWD/state2" 5 "$@"
	sleep 0.5
	ask | sort >alerts
	is "$alerts_name" "$(wc -l <alerts | tr -d ' ')" "$alerts_want"
}
alerts "eight ranks are one alert" 1 ranks:8
alerts "seven of them are well: it stands" 1 resolve-ranks:7
alerts "all are: it is over" 0 resolve-ranks:8
alerts "what gets worse is a second alert beside the first" 2 again warn:1 fire:1
ok "a warning" grep -q '^nonfinite run-a warning' alerts
alerts "its end is that of both" 0 again resolve:1
alerts "a crash" 1 crash
ok "is an alert" grep -q '^run-crashed run-a critical' alerts
alerts "the next start ends it" 0 start
done_testing
