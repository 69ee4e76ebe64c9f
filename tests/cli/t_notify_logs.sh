# SPDX-License-Identifier: MIT
# The real logs of a machine: systemd's journal (in a namespace of its own) and
# rsyslogd (on a socket of its own).
. "$SRCDIR/tests/cli/tap.sh"

DRIVE=$BUILDDIR/tests/unit/test_notifier
if ! "$LOSSDOG" notify --list >list 2>/dev/null || [ ! -x "$DRIVE" ]; then
	skip "logs" "no notify command in this build"
	done_testing
fi

journald=/lib/systemd/systemd-journald
ns=lossdog-test-$$
left=
trap 'kill $left 2>/dev/null
rm -rf /run/systemd/journal.$ns /run/log/journal/*.$ns /var/log/journal/*.$ns' EXIT

await() # FILE
{
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		[ -e "$1" ] && return
		sleep 0.25
	done
}

if [ -x $journald ] && [ "$(id -u)" = 0 ] && command -v journalctl >/dev/null &&
    command -v python3 >/dev/null && mkdir -p /run/systemd 2>/dev/null; then
	$journald $ns >journald.log 2>&1 &
	left=$!
	await /run/systemd/journal.$ns/socket
	printf 'notify:\n  journald: { socket: /run/systemd/journal.%s/socket, lang: zh }\n' $ns >j.yaml
	run "$DRIVE" --drive j.yaml "$PWD/state" 4 fire:1 warn:3 end
	sleep 0.5
	journalctl --namespace=$ns -t lossdog -o json >entries 2>/dev/null
	run python3 - <<'END'
import json
for l in open("entries"):
    e = json.loads(l)
    m = e["MESSAGE"]
    m = m if isinstance(m, str) else bytes(m).decode()
    j = json.loads(e["LOSSDOG_JSON"]) if "LOSSDOG_JSON" in e else {}
    print(e["PRIORITY"], e["LOSSDOG_EVENT"], e.get("LOSSDOG_RULE"), e["LOSSDOG_RUN"], "id" if e["LOSSDOG_ID"] else "",
          j.get("rule"), "ESC" if "\x1b" in m else "clean", m.replace("\n", "|"))
    assert "INJECTED" not in e and "Injected" not in e
END
	is "journald: as many entries as messages" "$(wc -l <out | tr -d ' ')" 4
	ok "with its fields" grep -q '^2 firing nonfinite run-a id nonfinite clean 严重：nonfinite（run-a）: train/loss' out
	ok "priorities" grep -q '^4 firing plateau' out
	ok "text of several lines" grep -q '^6 finished None run-a id None clean 已完成：run-a: 1 finding|' out
else
	skip "the journal" "no systemd-journald, or not root"
fi

if command -v rsyslogd >/dev/null; then
	cat >rsyslog.conf <<END
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="$PWD/log.sock")
template(name="t" type="string" string="%pri-text%|%programname%|%msg%\n")
*.* action(type="omfile" file="$PWD/syslog" template="t")
END
	rsyslogd -n -f "$PWD/rsyslog.conf" -i "$PWD/rsyslog.pid" >rsyslog.log 2>&1 &
	left="$left $!"
	await log.sock
	printf 'notify:\n  syslog: { socket: "%s/log.sock" }\n' "$PWD" >s.yaml
	run "$DRIVE" --drive s.yaml "$PWD/state2" 4 fire:1 end
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		[ "$(grep -c lossdog syslog 2>/dev/null)" = 2 ] && break
		sleep 0.25
	done
	ok "rsyslogd: a finding is one line" \
	    grep -q '^user.crit|lossdog| CRITICAL: nonfinite (run-a): train/loss is NaN since step 1200$' syslog
	ok "and the end of the run" grep -q '^user.info|lossdog| FINISHED: run-a: 1 finding' syslog
	not "no escape of a log" grep -q "$(printf '\033')" syslog
	is "a socket that is not there" \
	    "$("$LOSSDOG" notify --test syslog=/nowhere 2>&1 | grep -c '/nowhere: No such file')" 1
else
	skip "syslog" "no rsyslogd"
fi
done_testing
