# SPDX-License-Identifier: MIT
# A real ntfy server ($NTFY, or ntfy in PATH): what it stores is what was told,
# and its refusal is understood.
. "$SRCDIR/tests/cli/tap.sh"

NTFY=${NTFY:-ntfy}
if ! command -v "$NTFY" >/dev/null || ! "$NTFY" serve --help >/dev/null 2>&1; then
	skip "ntfy" "no ntfy server"
	done_testing
fi
if ! "$LOSSDOG" notify --list >list 2>/dev/null; then
	skip "ntfy" "no notify command in this build"
	done_testing
fi
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >server.yml <<END2
base-url: "http://127.0.0.1:$port"
listen-http: "127.0.0.1:$port"
auth-file: "$PWD/auth.db"
auth-default-access: "deny-all"
END2
NTFY_PASSWORD=mypass "$NTFY" user --config server.yml add --role=admin phil >user.log 2>&1
"$NTFY" serve --config server.yml >server.log 2>&1 &
server=$!
trap 'kill $server' EXIT
sleep 1.5
printf 'notify:\n  ntfy: {topic: runs, url: "http://127.0.0.1:%s"%s}\n' "$port" "" >without.yaml
printf 'notify:\n  ntfy: {topic: runs, url: "http://127.0.0.1:%s"%s}\n' "$port" ", user: phil, password: mypass" >with.yaml
chmod 600 with.yaml
run "$LOSSDOG" notify --test --no-state --config without.yaml
is "refused" "$status" 3
ok "in the server's words" grep -q '403.*forbidden' err
run "$LOSSDOG" notify --test --no-state --config with.yaml
is "with a password" "$status" 0
run "$LOSSDOG" --quiet --config with.yaml --state-dir st <"$SRCDIR/tests/samples/pytorch-nan.log"
python3 -c "import base64, urllib.request as u
r = u.Request('http://127.0.0.1:$port/runs/json?poll=1')
r.add_header('Authorization', 'Basic ' + base64.b64encode(b'phil:mypass').decode())
print(u.urlopen(r).read().decode())" >got
is "the test and one message for all that fired" "$(grep -c '"title"' got)" 2
ok "with its priority and tag" grep -q '"priority":5,"tags":\["rotating_light"\]' got
ok "with what happened" grep -q 'train/loss is NaN' got
done_testing
