/* SPDX-License-Identifier: MIT */
/* Text from logs stays text in every dialect; a page keeps to its limit. */
#include "markup.h"

#include "page.h"
#include "tap.h"

static const struct { const char *name; enum dialect d; const char *in, *out; } rows[] = {
	{ "plain", DIALECT_PLAIN, "<b> & *x*", "<b> & *x*" },
	{ "HTML", DIALECT_HTML, "<b> & \"x\" 'y'", "&lt;b&gt; &amp; &quot;x&quot; &#39;y&#39;" },
	{ "Telegram", DIALECT_TAGS, "<a href=x> @bob", "&lt;a href=x&gt; @\xe2\x80\x8b" "bob" },
	{ "Slack", DIALECT_MRKDWN, "<!channel> & <@U1>",
	  "&lt;!channel&gt; &amp; &lt;@\xe2\x80\x8b" "U1&gt;" },
	{ "Alertmanager's receivers", DIALECT_ANY, "<!here> [x](http://y) @all --lr 1e-5",
	  "\xef\xbc\x9c!here\xef\xbc\x9e \xef\xbc\xbbx\xef\xbc\xbd(http://y) \xef\xbc\xa0" "all --lr 1e-5" },
	{ "Markdown", DIALECT_MARKDOWN, "[a](b) *c* _d_ `e` <f>",
	  "\\[a\\]\\(b\\) \\*c\\* \\_d\\_ \\`e\\` \\<f\\>" },
	{ "Discord", DIALECT_DISCORD, "@everyone", "@\xe2\x80\x8b" "everyone" },
	{ "DingTalk", DIALECT_CHAT, "@all <at> [x](y) *z*",
	  "\xef\xbc\xa0" "all \xef\xbc\x9c" "at\xef\xbc\x9e \xef\xbc\xbbx\xef\xbc\xbd(y) "
	  "\xef\xbc\x8az\xef\xbc\x8a" },
};

static const struct { const char *in; size_t chars, bytes, got_chars, got_bytes; } cuts[] = {
	{ "abc", 2, 2, 2, 2 }, { "abc", 9, 9, 3, 3 },
	{ "\xe4\xb8\xa5\xe9\x87\x8d", 1, 4, 3, 3 }, { "\xe4\xb8\xa5", 0, 2, 0, 0 },
};

static void
test_code(void)
{
	struct buf b;

	buf_init(&b, 256);
	markup_code(&b, DIALECT_MRKDWN, span_of(" a`b <!here> "));
	IS_STR(buf_cstr(&b), "`a\xcb\x8b" "b &lt;!here&gt;`", "a backtick does not end code");
	buf_reset(&b);
	markup_code(&b, DIALECT_MRKDWN, span_of("  "));
	IS_STR(buf_cstr(&b), "", "no code of nothing");
	buf_fini(&b);
}

/* Whatever the limit, it is kept, and no entity is cut in two. */
static void
test_page(void)
{
	struct notice n;
	const struct notice *list[1] = { &n };
	char verdict[2001];
	struct page p;
	struct buf b;
	bool kept = true, whole = true;

	notice_init(&n, NOTICE_FINISHED);
	n.id = "x";
	n.run = "r<&>";
	memset(verdict, '<', 2000);
	verdict[2000] = '\0';
	n.verdict = verdict;
	n.host = "h";
	page_make(&p, list, 1, LANG_EN);
	IS_STR(p.title, "FINISHED: r<&>", "its title");
	buf_init(&b, 65536);
	for (size_t max = 0; max < 9000; max += 7) {
		buf_reset(&b);
		page_write(&p, DIALECT_HTML, max, &b);
		kept &= b.n <= max;
		for (size_t i = 0; i < b.n; i++)
			if (b.p[i] == '&')
				whole &= memchr(b.p + i, ';', b.n - i < 6 ? b.n - i : 6) != NULL;
	}
	OK(kept, "the limit is kept");
	OK(whole, "and no entity is cut");
	page_fini(&p);
	page_make(&p, list, 1, LANG_ZH);
	IS_STR(p.title, "已完成：r<&>", "in Chinese");
	page_fini(&p);
	buf_fini(&b);
}

/* Several findings: the title names the worst first; the worst has its cause, advice and curve. */
static void
test_group(void)
{
	struct notice n[3];
	const struct notice *list[3] = { &n[0], &n[1], &n[2] };
	struct page p;
	struct buf b;

	for (unsigned i = 0; i < 3; i++) {
		notice_init(&n[i], i < 2 ? NOTICE_FIRING : NOTICE_FINISHED);
		n[i].run = "r";
	}
	n[0].severity = SEV_WARNING;
	n[0].rule = "loss-spike";
	n[0].summary = "it jumped";
	n[1].severity = SEV_CRITICAL;
	n[1].rule = "nonfinite";
	n[1].summary = "it is NaN";
	n[1].because = "the rate";
	n[1].advice = "lower it";
	n[1].link = n[0].link = "https://h/?a=1&b=2";
	n[2].verdict = "step 400\nlong lines";
	for (n[1].sparks = 0; n[1].sparks < 4; n[1].sparks++)
		n[1].spark[n[1].sparks] = n[1].sparks == 3 ? 1000 : 1;
	page_make(&p, list, 3, LANG_EN);
	buf_init(&b, 4096);
	page_write(&p, DIALECT_HTML, 4000, &b);
	IS_STR(p.title, "CRITICAL: nonfinite, loss-spike, FINISHED; 3 in all (r)", "a group's title");
	IS_STR(buf_cstr(&b), "<b>WARNING: loss-spike</b>: it jumped<br>\n<b>CRITICAL: nonfinite</b>: it is NaN<br>\n"
	    "<b>FINISHED</b>: step 400<br>\n<b>Likely cause (nonfinite)</b>: the rate<br>\n"
	    "<b>What to do</b>: lower it<br>\n<b>Trend</b>: \xe2\x96\x81\xe2\x96\x81\xe2\x96\x81\xe2\x96\x88<br>\n"
	    "<b>Link</b>: <a href=\"https://h/?a=1&amp;b=2\">https://h/?a=1&amp;b=2</a><br>\n", "its text");
	OK(p.main == &n[1], "whose curve it is");
	page_fini(&p);
	n[2].kind = NOTICE_CRASHED;
	page_make(&p, list, 3, LANG_EN);
	IS_STR(p.title, "CRASHED: nonfinite, loss-spike; 3 in all (r)", "the title says nothing twice");
	page_fini(&p);
	n[1].spark[0] = 1, n[1].spark[1] = 10, n[1].spark[2] = 100, n[1].spark[3] = 1000;
	buf_reset(&b);
	notice_spark(&n[1], &b);
	IS_STR(buf_cstr(&b), "\xe2\x96\x81\xe2\x96\x83\xe2\x96\x86\xe2\x96\x88", "a wide range is drawn by its logarithm");
	buf_fini(&b);
}

static void
test_pack(void)
{
	struct notice n, m;
	struct buf b;

	notice_init(&n, NOTICE_FIRING);
	n.id = "i";
	n.severity = SEV_CRITICAL;
	n.text = "\x1b[31mred\xff \xe2\x80\xae";
	n.verdict = "one\ntwo\x07\n";
	n.step = 1200;
	n.value = INFINITY;
	n.spark[n.sparks++] = 0.1;
	n.spark[n.sparks++] = NAN;
	buf_init(&b, NOTICE_PACKED);
	notice_pack(&n, &b);
	OK(notice_unpack(buf_get(&b), &m) == 0, "packed and unpacked");
	OK(m.kind == NOTICE_FIRING && m.severity == SEV_CRITICAL && m.step == 1200 &&
	    isinf(m.value) && isnan(m.epoch) && m.rule == NULL, "as it was");
	OK(m.sparks == 2 && m.spark[0] == 0.1 && isnan(m.spark[1]), "with its curve");
	IS_STR(m.text, "\\x1b[31mred\\xff \\xe2\\x80\\xae", "text is harmless");
	IS_STR(m.verdict, "one\ntwo\\x07\n", "lines stay lines");
	notice_fini(&m);
	for (size_t i = 0; i < b.n; i++) {
		struct span part = { b.p, i };

		if (notice_unpack(part, &m) == 0)
			notice_fini(&m);
	}
	OK(notice_unpack(SPAN_LIT("kind\0" "9\0severity\0" "0\0id\0x\0"), &m) == -1, "no such kind");
	OK(notice_unpack(SPAN_LIT("kind\0" "0\0severity\0" "0\0"), &m) == -1, "no id");
	buf_fini(&b);
}

int
main(void)
{
	struct buf b;

	buf_init(&b, 4096);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		buf_reset(&b);
		markup_text(&b, rows[i].d, span_of(rows[i].in));
		IS_STR(buf_cstr(&b), rows[i].out, "%s", rows[i].name);
	}
	buf_fini(&b);
	for (size_t i = 0; i < sizeof(cuts) / sizeof(*cuts); i++) {
		IS_NUM(markup_cut(span_of(cuts[i].in), cuts[i].chars).n, cuts[i].got_chars, "characters %zu", i);
		IS_NUM(markup_cut_bytes(span_of(cuts[i].in), cuts[i].bytes).n, cuts[i].got_bytes, "bytes %zu", i);
	}
	test_code();
	test_page();
	test_group();
	test_pack();
	return DONE();
}
