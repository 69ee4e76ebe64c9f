/* SPDX-License-Identifier: MIT */
#include "object.h"

#include "buf.h"
#include "tap.h"

/* Items as path=text and the kind's letter; at the end the rest, or BAD. */
static const struct { const char *name, *in, *out; } rows[] = {
	{ "JSON", "{\"a\": 1, \"b\": \"x\", \"c\": true, \"d\": null}", "a=1n b=xs c=trueb d=null0 <>" },
	{ "a Python dict", "{'loss': 2.5, 'ok': True, 'no': None, 'v': nan,} rest",
	    "loss=2.5n ok=Trueb no=None0 v=nann < rest>" },
	{ "nested", "{\"a\": {\"b\": {\"c\": 1}}, \"d\": 2}", "a.b.c=1n d=2n <>" },
	{ "lists and tuples", "{'lr': [0.1, (1, 2)], 'e': []}", "lr.0=0.1n lr.1.0=1n lr.1.1=2n <>" },
	{ "a list of objects", "[{'a': 1}, {'a': 2}]x", "0.a=1n 1.a=2n <x>" },
	{ "a tensor",
	    "{'loss': tensor(0.12, device='cuda:0', grad_fn=<NllLossBackward0>), 'b': 1}",
	    "loss=tensor(0.12, device='cuda:0', grad_fn=<NllLossBackward0>)n b=1n <>" },
	{ "an array of one, of two", "{'a': array([0.1]), 'b': array([0.1, 0.2])}",
	    "a=array([0.1])n b=array([0.1, 0.2])s <>" },
	{ "strings with braces", "{'a': 'x}y', \"b\": \"{1\", 'c': 1}", "a=x}ys b={1s c=1n <>" },
	{ "escapes", "{\"a\\\"b\": \"c\\\\\", 'd': 'it\\'s'}", "a\\\"b=c\\\\s d=it\\'ss <>" },
	{ "Python 2 strings", "{u'loss': 0.1, u'n': u'x'}", "loss=0.1n n=xs <>" },
	{ "bare keys", "{0: 0.5, loss: 1}", "0=0.5n loss=1n <>" },
	{ "bare values", "{'d': datetime.date(2020, 1, 1), 'i': -inf, 'f': <object at 0x7f>}",
	    "d=datetime.date(2020, 1, 1)s i=-infn f=<object at 0x7f>s <>" },
	{ "empty", "{}", "<>" },
	{ "cut off", "{'a': 1, 'b': 2", "a=1n BAD" },
	{ "cut off in a string", "{'a': 1, 'b': 'x", "a=1n BAD" },
	{ "cut off behind a colon", "{'a': ", "BAD" },
	{ "a set", "{1, 2}", "BAD" },
	{ "the wrong bracket", "{'a': [1)}", "a.0=1n BAD" },
	{ "no comma", "{'a': 1 'b': 2}", "BAD" },
	{ "too deep", "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", "BAD" },
	{ "not an object", "x", "BAD" },
	{ "nothing", "", "BAD" },
};

static void
write_items(struct buf *out, const char *in)
{
	static const char  kinds[] = { [OBJ_NUMBER] = 'n', [OBJ_STRING] = 's', [OBJ_BOOL] = 'b', [OBJ_NULL] = '0' };
	struct object      o;
	struct object_item item;

	object_init(&o, span_of(in));
	while (object_next(&o, &item)) {
		buf_span(out, item.path);
		buf_char(out, '=');
		buf_span(out, item.text);
		buf_printf(out, "%c ", kinds[item.kind]);
	}
	if (object_bad(&o)) {
		buf_str(out, "BAD");
		return;
	}
	buf_char(out, '<');
	buf_span(out, object_rest(&o));
	buf_char(out, '>');
}

static void
test_long_path(void)
{
	struct object      o;
	struct object_item item;
	struct buf         text;
	unsigned           n = 0;

	buf_init(&text, 4096);
	buf_str(&text, "{'");
	for (int i = 0; i < 300; i++)
		buf_char(&text, 'k');
	buf_str(&text, "': {'a': 1}, 'b': 2}");
	object_init(&o, buf_get(&text));
	while (object_next(&o, &item))
		n += span_is(item.path, "b") ? 1 : 100;
	OK(n == 1 && !object_bad(&o), "an item whose path is too long is passed over, not given a wrong one");
	buf_fini(&text);
}

int
main(void)
{
	struct object      o;
	struct object_item item = { .depth = 0 };
	struct buf         out;

	buf_init(&out, 4096);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		buf_reset(&out);
		write_items(&out, rows[i].in);
		IS_STR(buf_cstr(&out), rows[i].out, "%s", rows[i].name);
	}
	buf_fini(&out);
	object_init(&o, SPAN_LIT("{'a': {'lr': [1]}}"));
	OK(object_next(&o, &item) && item.depth == 3 && span_is(item.key, "lr"),
	    "depth, and the key of a list's element");
	test_long_path();
	return DONE();
}
