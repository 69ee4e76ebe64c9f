/* SPDX-License-Identifier: MIT */
#include "map.h"

#include "tap.h"

#define MANY 20000

static char value[MANY];

static struct span
name_of(unsigned i, char ret[static 24])
{
	snprintf(ret, 24, "metric/%u", i);
	return span_of(ret);
}

int
main(void)
{
	struct map *m = map_new();
	struct span name;
	char        text[24], one, two;
	unsigned    wrong = 0;

	OK(map_get(m, SPAN_LIT("loss")) == NULL, "an empty map has nothing");
	OK(map_set(m, SPAN_LIT("loss"), &one) == NULL, "set");
	OK(map_get(m, SPAN_LIT("loss")) == &one, "get");
	OK(map_set(m, SPAN_LIT("loss"), &two) == &one, "set again gives the old value");
	OK(map_get(m, SPAN_LIT("loss")) == &two && map_count(m) == 1, "and replaces it");
	map_set(m, SPAN_LIT("a\0b"), &one);
	OK(map_get(m, SPAN_LIT("a\0b")) == &one, "a name may hold a NUL");
	OK(map_get(m, SPAN_LIT("a")) == NULL && map_get(m, SPAN_LIT("a\0c")) == NULL,
	    "and all of it counts");
	map_set(m, SPAN_LIT(""), &two);
	OK(map_get(m, SPAN_LIT("")) == &two, "a name may be empty");

	for (unsigned i = 0; i < MANY; i++)
		map_set(m, name_of(i, text), &value[i]);
	for (unsigned i = 0; i < MANY; i++)
		wrong += map_get(m, name_of(i, text)) != &value[i];
	OK(wrong == 0, "many names");
	OK(map_count(m) == MANY + 3, "count");
	for (unsigned i = 0; i < MANY; i++)
		wrong += map_at(m, i + 3, &name) != &value[i] ||
		    !span_eq(name, name_of(i, text));
	OK(wrong == 0, "in the order of their first setting");
	map_free(m);
	map_free(NULL);
	return DONE();
}
