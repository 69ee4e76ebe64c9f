/* SPDX-License-Identifier: MIT */
#include "buf.h"

#include <stdlib.h>

#include "tap.h"

static const struct {
	const char *name;
	struct span in;
	size_t      max;
	const char *out;
} harmless[] = {
	{ "plain", SPAN_LIT("loss: 1.5"), 100, "loss: 1.5" },
	{ "escape", SPAN_LIT("\x1b[31mred"), 100, "\\x1b[31mred" },
	{ "NUL", SPAN_LIT("a\0b"), 100, "a\\x00b" },
	{ "tab and line end", SPAN_LIT("a\tb\r\n"), 100, "a\\tb\\r\\n" },
	{ "UTF-8 stays", SPAN_LIT("perte \xc3\xa9lev\xc3\xa9" "e \xf0\x9f\x90\x95"), 100,
	    "perte \xc3\xa9lev\xc3\xa9" "e \xf0\x9f\x90\x95" },
	{ "invalid UTF-8", SPAN_LIT("a\xff\xc3"), 100, "a\\xff\\xc3" },
	{ "C1 control", SPAN_LIT("a\xc2\x9b" "31m"), 100, "a\\xc2\\x9b31m" },
	{ "text that runs backwards", SPAN_LIT("a\xe2\x80\xae" "b"), 100, "a\\xe2\\x80\\xae" "b" },
	{ "delete", SPAN_LIT("a\x7f"), 100, "a\\x7f" },
	{ "fits exactly", SPAN_LIT("abcdefgh"), 8, "abcdefgh" },
	{ "cut", SPAN_LIT("abcdefghi"), 8, "abcde..." },
	{ "cut never splits a character", SPAN_LIT("abcd\xc3\xa9" "ghi"), 8, "abcd..." },
	{ "cut never splits an escape", SPAN_LIT("abc\x1b" "defg"), 8, "abc..." },
	{ "almost no room", SPAN_LIT("abcdef"), 2, ".." },
	{ "no room", SPAN_LIT("abcdef"), 0, "" },
};

int
main(void)
{
	struct buf b;
	char      *text;

	for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++) {
		buf_init(&b, 1000);
		buf_harmless(&b, harmless[i].in, harmless[i].max);
		IS_STR(buf_cstr(&b), harmless[i].out, "harmless: %s", harmless[i].name);
		buf_fini(&b);
	}

	buf_init(&b, 10);
	IS_STR(buf_cstr(&b), "", "new is empty");
	buf_str(&b, "12345678");
	buf_char(&b, '9');
	OK(!b.over && b.n == 9, "up to the cap");
	buf_str(&b, "ab");
	OK(b.over && b.n == 9, "past the cap nothing is taken");
	buf_str(&b, "a");
	OK(b.n == 9, "after an overflow not even what would fit");
	IS_STR(buf_cstr(&b), "123456789", "what was there stays");
	buf_reset(&b);
	OK(!b.over && b.n == 0 && *buf_cstr(&b) == '\0', "reset forgets");
	buf_printf(&b, "%d", 1234567890);
	IS_STR(buf_cstr(&b), "1234567890", "printf up to the cap");
	buf_printf(&b, "%s", "x");
	OK(b.over, "printf past the cap");
	IS_STR(buf_cstr(&b), "1234567890", "printf past the cap leaves the text");
	buf_fini(&b);

	buf_init(&b, 1000);
	buf_char(&b, 'a');
	buf_printf(&b, "%*d", (int)(b.size - b.n), 7);
	OK(b.n == 64 && b.p[63] == '7' && b.p[64] == '\0',
	    "printf that leaves no room for the NUL");
	buf_fini(&b);

	buf_init(&b, 1 << 20);
	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "%d,", i);
	OK(b.n == 3890 && b.p[b.n] == '\0' && strncmp(b.p + 3882, "998,999,", 8) == 0,
	    "many small pieces");
	buf_add(&b, "a\0b", 3);
	OK(b.n == 3893 && b.p[b.n] == '\0', "bytes may be NUL");
	text = buf_take(&b);
	OK(b.n == 0 && b.p == NULL && strncmp(text, "0,1,2,", 6) == 0, "take");
	free(text);
	text = buf_take(&b);
	IS_STR(text, "", "taking nothing gives a text");
	free(text);
	buf_fini(&b);
	return DONE();
}
