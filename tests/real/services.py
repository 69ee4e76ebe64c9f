#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The closed services, on this machine: an HTTPS server that holds each request
against the documented schema and answers as documented, errors included.

	services.py DIR

makes DIR/cert.pem (for localhost) and DIR/wrong.pem (for elsewhere), listens on
two free ports, writes them to DIR/ports, and appends a JSON line for each
request to DIR/log: service, mode, status, problems, body, headers.

Paths: /MODE/SERVICE/...   MODE: ok, 429 (once, Retry-After: 1), 500 (once),
400, 404, slow, half (closes in the middle), moved, dingfast (DingTalk's own).
"""
import base64, hashlib, hmac, http.server, json, os, re, socketserver, ssl, subprocess
import sys, threading, time, urllib.parse

DIR = sys.argv[1]
seen = {}
lock = threading.Lock()
uuids = set()


def walk(v):
    if isinstance(v, dict):
        for x in v.values():
            yield from walk(x)
    elif isinstance(v, list):
        for x in v:
            yield from walk(x)
    else:
        yield v


class Bad(list):
    def need(self, ok, what):
        if not ok:
            self.append(what)


def no_control(bad, s, what):
    bad.need(not any(ord(c) < 32 and c not in "\n" or 0x7F <= ord(c) < 0xA0 or
                     0x202A <= ord(c) <= 0x202E for c in s), what + ": control character")


def slack(bad, q, body, h):
    m = json.loads(body)
    bad.need(set(m) == {"text", "blocks"}, "keys %s" % sorted(m))
    bad.need(0 < len(m["blocks"]) <= 50, "number of blocks")
    for b in m["blocks"]:
        bad.need(b["type"] in ("header", "section", "context"), "block type")
        if b["type"] == "header":
            bad.need(b["text"]["type"] == "plain_text" and len(b["text"]["text"]) <= 150, "header")
        for t in ([b["text"]] if "text" in b else []) + b.get("fields", []):
            bad.need(0 < len(t["text"]) <= (2000 if "fields" in b else 3000), "length of text")
            if t["type"] == "mrkdwn":
                for bit in ("<!", "<@", "<#"):
                    bad.need(bit not in t["text"], "mention " + bit)
                bad.need(t.get("verbatim") is True, "verbatim")
                bad.need(t["text"].count("`") in (0, 2), "backtick inside code")
        bad.need(len(b.get("fields", [])) <= 10, "fields")
    return 200, "ok"


def dingtalk(bad, q, body, h):
    m = json.loads(body)
    secret = "SEC0123456789abcdef"
    ts = q.get("timestamp", ["0"])[0]
    want = base64.b64encode(hmac.new(secret.encode(), (ts + "\n" + secret).encode(),
                                     hashlib.sha256).digest()).decode()
    if q.get("sign", [""])[0] != want:
        return 200, {"errcode": 310000, "errmsg": "sign not match"}
    if abs(time.time() * 1000 - int(ts)) > 3600e3:
        return 200, {"errcode": 310000, "errmsg": "invalid timestamp"}
    bad.need(m["msgtype"] == "markdown" and set(m["markdown"]) == {"title", "text"}, "shape")
    bad.need(len(body) <= 20000, "20000 bytes")
    text = m["markdown"]["text"]
    bad.need("@all" not in text and "@1" not in text, "mention from a log")
    bad.need("](" not in text, "link from a log")
    bad.need(m["at"]["isAtAll"] is False, "at all")
    return 200, {"errcode": 0, "errmsg": "ok"}


def feishu(bad, q, body, h):
    m = json.loads(body)
    want = base64.b64encode(hmac.new((m["timestamp"] + "\ndemo").encode(), b"",
                                     hashlib.sha256).digest()).decode()
    if m.get("sign") != want or abs(time.time() - int(m["timestamp"])) > 3600:
        return 200, {"code": 19021, "msg": "sign match fail or timestamp is not within one hour"}
    bad.need(len(body) <= 20 * 1024, "20 KB")
    bad.need(m["msg_type"] == "interactive", "type")
    bad.need(m["card"]["header"]["title"]["tag"] == "plain_text", "title")
    for e in m["card"]["elements"]:
        bad.need(e["tag"] == "markdown" and "<at" not in e["content"], "element")
    return 200, {"code": 0, "msg": "success", "data": {}}


def wecom(bad, q, body, h):
    m = json.loads(body)
    bad.need(m["msgtype"] == "markdown", "type")
    if len(m["markdown"]["content"].encode()) > 4096:
        return 200, {"errcode": 40058, "errmsg": "content exceed max length"}
    bad.need("<@" not in m["markdown"]["content"], "mention")
    return 200, {"errcode": 0, "errmsg": "ok"}


def discord(bad, q, body, h):
    m = json.loads(body)
    bad.need(q.get("wait") == ["true"], "wait")
    bad.need(m["allowed_mentions"] == {"parse": []}, "mentions")
    total = 0
    for e in m["embeds"]:
        bad.need(len(e["title"]) <= 256 and len(e["description"]) <= 4096, "sizes")
        bad.need(isinstance(e["color"], int) and 0 <= e["color"] < 1 << 24, "colour")
        total += len(e["title"]) + len(e["description"])
    bad.need(len(m["embeds"]) <= 10 and total <= 6000, "6000")
    return 200, {"id": "1"}


def telegram(bad, q, body, h):
    import html.parser
    m = json.loads(body)
    bad.need(len(m["text"]) <= 4096 and m["parse_mode"] == "HTML", "size")
    opened = []

    class P(html.parser.HTMLParser):
        def handle_starttag(self, tag, attrs):
            opened.append(tag)
            bad.need(tag in ("b", "code") and not attrs, "tag " + tag)

        def handle_endtag(self, tag):
            bad.need(opened and opened.pop() == tag, "nesting")
    P().feed(m["text"])
    bad.need(not opened, "open tag")
    return 200, {"ok": True, "result": {"message_id": 1}}


def teams(bad, q, body, h):
    m = json.loads(body)
    bad.need(len(body) <= 28 * 1024, "28 KB")
    c = m["attachments"][0]
    bad.need(c["contentType"] == "application/vnd.microsoft.card.adaptive", "card")
    for b in c["content"]["body"]:
        bad.need(b["type"] in ("TextBlock", "FactSet"), "block")
    return 202, ""


def ntfy(bad, q, body, h):
    m = json.loads(body)
    bad.need(m["topic"] == "runs" and 1 <= m["priority"] <= 5, "shape")
    bad.need(len(m["message"].encode()) <= 4096, "4096 bytes")
    bad.need(re.fullmatch("[-_A-Za-z0-9]{1,64}", m["sequence_id"]), "sequence_id")
    bad.need(h.get("Authorization") == "Bearer tk_secret123", "token")
    return 200, {"id": "x", "event": "message"}


def gotify(bad, q, body, h):
    m = json.loads(body)
    if h.get("X-Gotify-Key") != "Agotifytoken":
        return 401, {"error": "Unauthorized", "errorCode": 401}
    bad.need(0 <= m["priority"] <= 10 and m["message"], "shape")
    return 200, {"id": 1}


def pushover(bad, q, body, h):
    m = json.loads(body)
    bad.need(len(m["message"]) <= 1024 and len(m["title"]) <= 250, "size")
    bad.need(m["priority"] in (-1, 0, 1), "priority")
    bad.need(m["token"] == "apptoken1234" and m["user"] == "userkey1234", "keys")
    return 200, {"status": 1, "request": "r"}


def pagerduty(bad, q, body, h):
    m = json.loads(body)
    bad.need(len(m["routing_key"]) == 32 and len(m["dedup_key"]) <= 255, "keys")
    if m["event_action"] == "trigger":
        p = m["payload"]
        bad.need(len(p["summary"]) <= 1024 and p["source"], "payload")
        bad.need(p["severity"] in ("critical", "error", "warning", "info"), "severity")
    else:
        bad.need(set(m) == {"routing_key", "event_action", "dedup_key"}, "resolve")
    return 202, {"status": "success", "dedup_key": m["dedup_key"]}


def webhook(bad, q, body, h):
    m = json.loads(body)
    bad.need(h["Content-Type"] == "application/cloudevents+json", "content type")
    for k in ("specversion", "id", "source", "type", "time", "data"):
        bad.need(k in m, k)
    bad.need(m["specversion"] == "1.0" and m["type"].startswith("dev.lossdog."), "version")
    bad.need(h.get("Idempotency-Key") == m["id"], "idempotency key")
    want = "sha256=" + hmac.new(b"hooksecret", body, hashlib.sha256).hexdigest()
    bad.need(h.get("X-Lossdog-Signature") == want, "signature")
    return 204, ""


def healthchecks(bad, q, body, h):
    bad.need(len(body) <= 10000, "10 kB")
    return 200, "OK"


def mattermost(bad, q, body, h):
    return slack(bad, q, body, h)


SERVICES = {f.__name__: f for f in (slack, dingtalk, feishu, wecom, discord, telegram, teams,
                                    ntfy, gotify, pushover, pagerduty, webhook, healthchecks)}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *a):
        pass

    def answer(self, status, body, headers=()):
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        for k, v in headers:
            self.send_header(k, v)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        url = urllib.parse.urlparse(self.path)
        part = url.path.split("/")
        mode, service = part[1], part[2] if len(part) > 2 else ""
        bad = Bad()
        with lock:
            key = self.path.split("?")[0]
            seen[key] = seen.get(key, 0) + 1
            first = seen[key] == 1
        status, text, headers = 404, "no such service", []
        if service in SERVICES:
            try:
                status, text = SERVICES[service](bad, urllib.parse.parse_qs(url.query), body,
                                                 self.headers)
                # A finding's own JSON is for programs and holds what the log held.
                for s in walk(json.loads(body)) if service not in ("webhook", "healthchecks") else []:
                    if isinstance(s, str):
                        no_control(bad, s, service)
            except Exception as e:
                bad.append("%s: %s" % (type(e).__name__, e))
                status, text = 400, "invalid_payload"
        if mode == "429" and first:
            status, text, headers = 429, {"retry_after": 1}, [("Retry-After", "1")]
        elif mode == "500" and first:
            status, text = 500, "internal"
        elif mode in ("400", "404"):
            status, text = int(mode), "no_service"
        elif mode == "moved":
            status, text, headers = 302, "", [("Location", "https://elsewhere.invalid/x")]
        elif mode == "dingfast" and first:
            text = '{"status":1111,"wait":5,"source":"x5","punish":"deny","uuid":"9ff0",' \
                   '"errcode": 130101,"errmsg": "send too fast, exceed 20 times per minute"}'
        with lock, open(DIR + "/log", "a") as f:
            f.write(json.dumps({"t": time.time(), "service": service, "mode": mode, "path": self.path,
                                "status": status, "problems": list(bad),
                                "body": body.decode("utf-8", "backslashreplace"),
                                "headers": dict(self.headers.items()),
                                "text": text}) + "\n")
        if mode == "slow":
            time.sleep(30)
        if mode == "half" and first:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            self.wfile.flush()
            self.connection.close()
            self.close_connection = True
            return
        self.answer(status, text, headers)

    do_GET = do_POST


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def handle_error(self, *a):
        pass


def make_cert(name, host):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", "/CN=" + host, "-addext", "subjectAltName=DNS:" + host,
                    "-keyout", DIR + "/" + name + ".key", "-out", DIR + "/" + name + ".pem"],
                   check=True, stderr=subprocess.DEVNULL)


def serve(cert):
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx.load_cert_chain(DIR + "/" + cert + ".pem", DIR + "/" + cert + ".key")
    s = Server(("127.0.0.1", 0), Handler)
    s.socket = ctx.wrap_socket(s.socket, server_side=True)
    threading.Thread(target=s.serve_forever, daemon=True).start()
    return s.server_address[1]


make_cert("cert", "localhost")
make_cert("wrong", "elsewhere.invalid")
ports = serve("cert"), serve("wrong")
with open(DIR + "/ports.new", "w") as f:
    f.write("%d %d\n" % ports)
os.rename(DIR + "/ports.new", DIR + "/ports")
while True:
    time.sleep(3600)
