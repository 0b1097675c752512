/* JSON by type: 1 is not "1", missing is not null, arrays keep their order; keys of objects have none. */
#include "prove/differ.h"

#include <stdio.h>
#include <stdlib.h>

static void other_value(struct differ *d, const json_t *a, const json_t *b, bool whole)
{
    char *ta = a ? json_dumps(a, JSON_ENCODE_ANY | JSON_COMPACT) : NULL, *tb = b ? json_dumps(b, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    if (whole)
        differ_structure(d, str_c(ta), str_c(tb));
    else
        differ_leaf(d, str_c(ta), str_c(tb));
    free(ta);
    free(tb);
}

/* A Livewire snapshot's checksum is a keyed hash of the rest: where the rest differs at a masked place it must differ
 * too. That each side's own checksum is right is shown by the update that sends it back: the app refuses a wrong one. */
static bool is_snapshot(const json_t *a)
{
    return json_object_get(a, "data") && json_is_object(json_object_get(a, "memo")) && json_is_string(json_object_get(a, "checksum"));
}

static void objects(struct differ *d, const json_t *a, const json_t *b)
{
    const char *key;
    json_t *v;
    uint64_t before = d->leaves;
    bool snapshot = is_snapshot(a) && is_snapshot(b);
    json_object_foreach((json_t *)a, key, v)
    {
        if (snapshot && strcmp(key, "checksum") == 0)
            continue;
        size_t m = differ_enter(d, "/%s", key);
        differ_json(d, v, json_object_get(b, key));
        differ_leave(d, m);
    }
    json_object_foreach((json_t *)b, key, v)
    {
        if (json_object_get(a, key))
            continue;
        size_t m = differ_enter(d, "/%s", key);
        differ_json(d, NULL, v);
        differ_leave(d, m);
    }
    if (!snapshot || d->leaves != before)
        return;
    size_t m = differ_enter(d, "/checksum");
    differ_json(d, json_object_get(a, "checksum"), json_object_get(b, "checksum"));
    differ_leave(d, m);
}

enum { PERMUTED_MAX = 300 };

/* The same items in another order are told once, not item by item. */
static bool is_permuted(const json_t *a, const json_t *b)
{
    size_t n = json_array_size(a);
    bool used[PERMUTED_MAX] = { false };
    if (n != json_array_size(b) || n < 2 || n > PERMUTED_MAX)
        return false;
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < n && (used[k] || !json_equal(json_array_get(a, i), json_array_get(b, k))))
            k++;
        if (k == n)
            return false;
        used[k] = true;
    }
    return true;
}

static void arrays(struct differ *d, const json_t *a, const json_t *b)
{
    size_t na = json_array_size(a), nb = json_array_size(b);
    if (is_permuted(a, b)) {
        if (!json_equal(a, b))
            other_value(d, a, b, true);
        return;
    }
    for (size_t i = 0; i < na && i < nb; i++) {
        size_t m = differ_enter(d, "/%zu", i);
        differ_json(d, json_array_get(a, i), json_array_get(b, i));
        differ_leave(d, m);
    }
    if (na == nb)
        return;
    char ta[40], tb[40];
    snprintf(ta, sizeof ta, "%zu items", na);
    snprintf(tb, sizeof tb, "%zu items", nb);
    differ_structure(d, str_c(ta), str_c(tb));
}

static struct str text_of(const json_t *s)
{
    return (struct str){ json_string_value(s), (uint32_t)json_string_length(s) };
}

void differ_json(struct differ *d, const json_t *a, const json_t *b)
{
    if (a == b)
        return;
    if (!a || !b || json_typeof(a) != json_typeof(b)) {
        bool numbers = (!a || json_is_number(a)) && (!b || json_is_number(b));
        other_value(d, a, b, !numbers);
        return;
    }
    if (d->depth > DIFFER_DEPTH_MAX) {
        if (!json_equal(a, b))
            other_value(d, a, b, true);
        return;
    }
    if (json_is_object(a))
        objects(d, a, b);
    else if (json_is_array(a))
        arrays(d, a, b);
    else if (json_is_string(a))
        differ_text(d, text_of(a), text_of(b));
    else if (!json_equal(a, b))
        other_value(d, a, b, false);
}
