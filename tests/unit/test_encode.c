/* SPDX-License-Identifier: MIT */
#include "encode.h"

#include "sha256.h"
#include "tap.h"

static const struct { const char *name, *in, *out; } base64[] = {
	{ "nothing", "", "" }, { "one", "f", "Zg==" }, { "two", "fo", "Zm8=" },
	{ "three", "foo", "Zm9v" }, { "six", "foobar", "Zm9vYmFy" },
}, quoted[] = {
	{ "plain", "a b", "a b" }, { "equals", "a=b", "a=3Db" },
	{ "lines", "a\nb\n", "a\r\nb\r\n" }, { "a blank at the end", "a \nb", "a=20\r\nb" },
	{ "a return", "a\rb", "a=0Db" }, { "UTF-8", "\xc3\xa9", "=C3=A9" },
	{ "a long line", "0123456789012345678901234567890123456789012345678901234567890123456789012345678",
	  "012345678901234567890123456789012345678901234567890123456789012345678901234=\r\n5678" },
}, header[] = {
	{ "plain", "loss is NaN", "loss is NaN" },
	{ "UTF-8", "\xe4\xb8\xa5", "=?UTF-8?B?5Lil?=" },
	{ "an injection", "a\r\nBcc: x", "=?UTF-8?B?YQ0KQmNjOiB4?=" },
	{ "disguise", "=?UTF-8?B?YQ==?=", "=?UTF-8?B?PT9VVEYtOD9CP1lRPT0/PQ==?=" },
};

/* FIPS 180-4 and RFC 4231. */
static const struct { const char *in, *sum; } sums[] = {
	{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

static void
test_sha(void)
{
	unsigned char sum[SHA256_SIZE];
	struct sha256 s;
	struct buf b;
	char hex[65];

	for (size_t i = 0; i < sizeof(sums) / sizeof(*sums); i++) {
		sha256_init(&s);
		sha256_add(&s, span_of(sums[i].in));
		sha256_end(&s, sum);
		sha256_hex(sum, hex);
		IS_STR(hex, sums[i].sum, "sha256 of \"%s\"", sums[i].in);
	}
	sha256_hmac(SPAN_LIT("Jefe"), SPAN_LIT("what do ya want for nothing?"), sum);
	sha256_hex(sum, hex);
	IS_STR(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", "hmac");
	buf_init(&b, 256);
	sha256_hmac(SPAN_LIT("SEC0123456789abcdef"), SPAN_LIT("1700000000000\nSEC0123456789abcdef"), sum);
	encode_base64(&b, (struct span){ (char *)sum, sizeof(sum) }, 0);
	IS_STR(buf_cstr(&b), "TSZbRFUuvaSQaRKUpF970OPCb2/LcQAP3wOvwZIzBZk=", "DingTalk's signature");
	buf_reset(&b);
	encode_url(&b, SPAN_LIT("b2/L=~ "));
	IS_STR(buf_cstr(&b), "b2%2FL%3D~%20", "in a URL");
	buf_reset(&b);
	sha256_hmac(SPAN_LIT("1700000000\ndemo"), SPAN_NONE, sum);
	encode_base64(&b, (struct span){ (char *)sum, sizeof(sum) }, 0);
	IS_STR(buf_cstr(&b), "8oT2n3SMKFfEnDoiwer8BUM/SjKLwe9SqoEIHlhDTKo=", "Feishu's signature");
	buf_fini(&b);
}

#define EACH(table, call) \
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) { \
		buf_reset(&b); \
		call; \
		IS_STR(buf_cstr(&b), table[i].out, #table ": %s", table[i].name); \
	}

int
main(void)
{
	struct buf b;

	buf_init(&b, 4096);
	EACH(base64, encode_base64(&b, span_of(base64[i].in), 0));
	EACH(quoted, encode_quoted(&b, span_of(quoted[i].in)));
	EACH(header, encode_header(&b, span_of(header[i].in)));
	buf_fini(&b);
	test_sha();
	return DONE();
}
