# SPDX-License-Identifier: MIT
# Mail: by STARTTLS and TLS with AUTH to a real server, through a real sendmail,
# and what a server refuses.
. "$SRCDIR/tests/cli/tap.sh"

DRIVE=$BUILDDIR/tests/unit/test_notifier
python=/usr/bin/python3
if ! $python -c 'import aiosmtpd' 2>/dev/null || ! command -v openssl >/dev/null; then
	skip "mail" "no aiosmtpd or openssl"
	done_testing
fi
if ! "$LOSSDOG" notify --list >list 2>/dev/null || [ ! -x "$DRIVE" ]; then
	skip "mail" "no notify command in this build"
	done_testing
fi

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost -keyout cert.key -out cert.pem 2>/dev/null
$python "$SRCDIR/tests/real/smtp.py" "$PWD" >server.log 2>&1 &
server=$!
trap 'kill $server' EXIT
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ -f smtp ] && break
	sleep 0.5
done
sleep 0.5
read -r starttls tls <smtp
SSL_CERT_FILE=$PWD/cert.pem PW=bone-bone-bone
export SSL_CERT_FILE PW

cat >mail.yaml <<END
notify:
  m1: { type: mail, to: ["a@example.org, b@example.org"], from: dog@example.org, server: "smtp://localhost:$starttls", user: dog, password: "env:PW", lang: zh }
  m2: { type: mail, to: c@example.org, server: "smtps://localhost:$tls", user: dog, password: "env:PW" }
  m3: { type: mail, to: a@example.org, server: "smtps://localhost:$tls", user: dog, password: wrongwrong }
  m4: { type: mail, to: never@example.org, server: "smtps://localhost:$tls", user: dog, password: "env:PW" }
  m5: { type: mail, to: later@example.org, server: "smtps://localhost:$tls", user: dog, password: "env:PW" }
  m6: { type: mail, to: a@example.org, server: "smtp+plain://localhost:$starttls" }
END
chmod 600 mail.yaml
run "$DRIVE" --drive mail.yaml "$PWD/state" 4 fire:1
"$LOSSDOG" notify --outbox --state-dir state >box
became() # CHANNEL STATE WHAT
{
	is "$3" "$(awk -v c="$1" '$2 == c { print $3 }' box | sort -u)" "$2"
}
became m1 sent "STARTTLS and AUTH"
became m2 sent "TLS and AUTH"
became m3 failed "a wrong password: given up"
became m4 failed "550: given up"
became m5 waiting "451: kept"
became m6 failed "a server that demands STARTTLS, unused"
ok "the server's words" grep -q 'm4: the mail server says 550 no such user' out

cat >look.py <<'END'
import email, email.policy, glob, sys
want = sys.argv[1]
for f in sorted(glob.glob("mail-*")):
    raw = open(f, "rb").read()
    m = email.message_from_bytes(raw, policy=email.policy.default)
    if want not in m["To"]:
        continue
    parts = [p.get_content_type() for p in m.walk()]
    assert max(len(l) for l in raw.split(b"\r\n")) <= 998
    assert not m.defects and not any(p.defects for p in m.walk())
    assert m["Date"] and m["Message-ID"] and m["References"] and m["Auto-Submitted"]
    assert m["Injected"] is None
    text = m.get_body(("plain",)).get_content()
    html = m.get_body(("html",)).get_content()
    assert "\x1b" not in text and "<!channel>" in text
    assert "&lt;!channel&gt;" in html and "<at" not in html
    png = [p for p in m.walk() if p.get_content_type() == "image/png"][0]
    assert png.get_payload(decode=True)[:8] == b"\x89PNG\r\n\x1a\n" and "cid:curve@lossdog" in html
    assert png["Content-ID"] == "<curve@lossdog>"
    print(m["Subject"], ";", m["Message-ID"])
END
run $python look.py b@example.org
ok "a mail with text, HTML and a curve, in Chinese" grep -q '严重' out
run $python look.py c@example.org
ok "and in English" grep -q 'CRITICAL: nonfinite (run-a)' out

cat >sendmail <<'END'
#!/bin/sh
printf '%s\n' "$@" >args
cat >body
[ ! -e broken ] || exit 75
END
chmod +x sendmail
printf 'notify:\n  mail: { to: d@example.org, sendmail: "%s" }\n' "$PWD/sendmail" >local.yaml
run "$LOSSDOG" notify --test --config local.yaml
is "the local sendmail" "$status" 0
is "with its recipients in the headers" "$(tr '\n' ' ' <args)" "-oi -t "
not "and its own line ends" grep -q "$(printf '\r')" body
touch broken
run "$LOSSDOG" notify --test --config local.yaml
is "exit 75 is no success" "$status" 3

if command -v msmtp >/dev/null; then
	cat >"$HOME/.msmtprc" <<END
account default
host localhost
port $tls
tls on
tls_starttls off
tls_trust_file $PWD/cert.pem
auth plain
user dog
password bone-bone-bone
from dog@example.org
END
	chmod 600 "$HOME/.msmtprc"
	printf 'notify:\n  mail: { to: e@example.org, sendmail: msmtp }\n' >msmtp.yaml
	run "$LOSSDOG" notify --test --config msmtp.yaml
	is "a real sendmail (msmtp)" "$status" 0
	ok "its mail arrives" grep -q e@example.org mail-*
else
	skip "a real sendmail" "no msmtp"
fi
done_testing
