# SPDX-License-Identifier: MIT
# The closed services: what is sent to each holds against its documented schema,
# with hostile text from a log, and each documented answer is understood.
. "$SRCDIR/tests/cli/tap.sh"

DRIVE=$BUILDDIR/tests/unit/test_notifier
if ! python3 -c 'import ssl' 2>/dev/null || ! command -v openssl >/dev/null; then
	skip "services" "no python3 or openssl"
	done_testing
fi
if ! "$LOSSDOG" notify --list >list 2>/dev/null || [ ! -x "$DRIVE" ]; then
	skip "services" "no notify command in this build"
	done_testing
fi

mkdir srv
python3 "$SRCDIR/tests/real/services.py" "$PWD/srv" >server.log 2>&1 &
server=$!
trap 'kill $server' EXIT
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ -f srv/ports ] && break
	sleep 0.5
done
read -r port wrong <srv/ports
base=https://localhost:$port
SSL_CERT_FILE=$PWD/srv/cert.pem
export SSL_CERT_FILE

# One line for each request: SERVICE STATUS PROBLEMS
requests()
{
	python3 -c 'import json
for l in open("srv/log"):
	r = json.loads(l)
	print(r["service"], r["mode"], r["status"], "; ".join(r["problems"]) or "good")' 2>/dev/null
}

# On this machine a connection is refused before anybody waits for it.
begun=$(date +%s)
run "$LOSSDOG" notify --test webhook=http://127.0.0.1:1/x
is "nobody listens: a failure" "$status" 3
ok "said at once" test $(($(date +%s) - begun)) -le 5
ok "in words" grep -q 'no connection' err

cat >all.yaml <<END
notify:
  slack: { url: "$base/ok/slack/T/B/secretsecret" }
  dingtalk: { url: "$base/ok/dingtalk/robot/send?access_token=aaaaaaaaaaaaaaaa", secret: SEC0123456789abcdef, keyword: lossdog }
  feishu: { url: "$base/ok/feishu/hook/x", secret: demo }
  wecom: { url: "$base/ok/wecom/send?key=kkkkkkkkkkkk" }
  discord: { url: "$base/ok/discord/1/token" }
  telegram: { url: "$base/ok/telegram", token: "123:abc", chat: "-100" }
  teams: { url: "$base/ok/teams/x?sig=1" }
  ntfy: { url: "$base/ok/ntfy", topic: runs, token: tk_secret123 }
  gotify: { url: "$base/ok/gotify", token: Agotifytoken }
  pushover: { url: "$base/ok/pushover", token: apptoken1234, user: userkey1234 }
  pagerduty: { url: "$base/ok/pagerduty", key: "0123456789abcdef0123456789abcdef" }
  webhook: { url: "$base/ok/webhook", secret: hooksecret }
  healthchecks: { url: "$base/ok/healthchecks/uuid" }
END
chmod 600 all.yaml
services="slack dingtalk feishu wecom discord telegram teams ntfy gotify pushover pagerduty webhook healthchecks"

run "$LOSSDOG" notify --test --config all.yaml
is "the test message goes to all" "$status" 0
for s in $services; do
	ok "$s: the test is answered" grep -q "^$s: sent" out
done
not "no secret is printed" grep -q 'secretsecret\|tk_secret\|Agotify\|apptoken' out err

: >srv/log
run "$DRIVE" --drive all.yaml "$PWD/state" 8 fire:1
requests >got
for s in $services; do
	ok "$s: a finding with hostile text is good" grep -q "^$s ok 20[0-9] good" got
done
not "and nothing is wrong with any" grep -qv good got

: >srv/log
run "$DRIVE" --drive all.yaml "$PWD/state" 8 resolve:1 fire:5 end
requests >got
is "four new findings, an end of one and of the run: one message in a chat" \
    "$(grep -c '^telegram' got)" 1
not "nothing is wrong with it" grep -qv good got

# An answer that is lost: the message is sent again, and is known by its id where ids are known.
sed "s,/ok/,/half/," all.yaml >half.yaml
chmod 600 half.yaml
: >srv/log
run "$DRIVE" --drive half.yaml "$PWD/state3" 12 fire:1
python3 -c 'import json
got = {}
for l in open("srv/log"):
	r = json.loads(l)
	b = json.loads(r["body"]) if r["body"][:1] == "{" else {}
	keys = {"webhook": (b.get("id"), r["headers"].get("Idempotency-Key")), "ntfy": b.get("sequence_id"),
	    "dingtalk": b.get("msgUuid"), "pagerduty": b.get("dedup_key")}
	got.setdefault(r["service"], []).append(keys.get(r["service"]))
for s, k in sorted(got.items()):
	print(s, len(k), "same" if k[0] and k[0] == k[1] else k[0])' >got
for s in $services; do
	ok "$s: its answer was lost, it is told again" grep -q "^$s 2 " got
done
for s in webhook ntfy dingtalk pagerduty; do
	ok "$s: with the same id" grep -q "^$s 2 same" got
done

cat >bad.yaml <<END
notify:
  a429: { type: slack, url: "$base/429/slack/secretsecret" }
  b500: { type: discord, url: "$base/500/discord/secretsecret" }
  c400: { type: slack, url: "$base/400/slack/secretsecret" }
  d404: { type: teams, url: "$base/404/teams/secretsecret" }
  eslow: { type: slack, url: "$base/slow/slack/secretsecret" }
  fhalf: { type: slack, url: "$base/half/slack/secretsecret" }
  gmoved: { type: slack, url: "$base/moved/slack/secretsecret" }
  hwrong: { type: slack, url: "https://localhost:$wrong/ok/slack/secretsecret" }
  jding: { type: dingtalk, url: "$base/dingfast/dingtalk/x?access_token=secretsecret", secret: SEC0123456789abcdef }
  kenv: { type: slack, url: "env:NO_SUCH" }
  lcmd: { type: slack, url: "cmd:echo $base/ok/slack/fromcmd" }
  msign: { type: dingtalk, url: "$base/ok/dingtalk/x?access_token=secretsecret", secret: SECwrong }
END
chmod 600 bad.yaml
: >srv/log
run "$DRIVE" --drive bad.yaml "$PWD/state2" 6 fire:3
"$LOSSDOG" notify --outbox --state-dir state2 >box
ok "the end waits no longer than it may" awk '/closed after/ { exit !($6 < 7) }' out
became() # CHANNEL STATE WHAT
{
	is "$3" "$(awk -v c="$1" '$2 == c { print $3 }' box | sort -u)" "$2"
}
became a429 sent "429 with Retry-After: sent again"
became b500 sent "500: sent again"
became c400 failed "400: given up"
became d404 failed "404: given up"
became eslow waiting "no answer: kept"
became fhalf sent "a broken connection: sent again"
became gmoved failed "a redirect: not followed"
became hwrong failed "a wrong certificate: given up"
became jding waiting "DingTalk's \"too fast\": kept"
became kenv waiting "a secret that is not there: kept"
became lcmd sent "a secret from a command"
became msign failed "a wrong signature: given up"
not "no request reached the other host" grep -q elsewhere srv/log
is "each was said once" "$(grep -c 'said: notify c400' out)" 1
ok "with the service's own words" grep -q 'c400: HTTP 400: no_service' out
not "and no secret in them" grep -q secretsecret out box
done_testing
