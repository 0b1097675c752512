/* $row->rel()->count() for every row: let the query count (withCount, withExists, withSum) and read the attribute.
 * In an accessor or a method of the row the old call stays as what is done when nothing was counted. */
#include "fix/fixers.h"
#include "fix/hazard.h"
#include "rules/emit.h"

#include <ctype.h>

static const char *snake(const char *name, struct arena *arena)
{
    auto_buf out = BUF_INIT(512);
    for (const char *c = name; *c; c++) {
        if (isupper((unsigned char)*c) && c > name)
            buf_addc(&out, '_');
        buf_addc(&out, (char)tolower((unsigned char)*c));
    }
    return arena_strdup(arena, buf_cstr(&out));
}

struct counting {
    const char *fn, *method, *suffix;
    bool column;      /* takes the column to add up */
};
static const struct counting countings[] = {
    { "count", "withCount", "count", false },  { "exists", "withExists", "exists", false },
    { "sum", "withSum", "sum", true },         { "max", "withMax", "max", true },
    { "min", "withMin", "min", true },         { "avg", "withAvg", "avg", true },
};

static const struct counting *counting_of(struct str fn)
{
    for (size_t i = 0; i < sizeof countings / sizeof *countings; i++)
        if (str_ieq(fn, str_c(countings[i].fn)))
            return &countings[i];
    return NULL;
}

/* The read must be exactly `row->relation()->fn()`. */
static void check_shape(struct patch *p, struct ref read, const struct counting *c, struct ref *ret_rel, struct ref *ret_row)
{
    *ret_rel = *ret_row = (struct ref){ REF_NONE, 0 };
    if (!c || !is_kind(p, read, E_MCALL)) {
        patch_refuse(p, "what is asked for each row is not a plain count, sum or exists");
        return;
    }
    *ret_rel = first_child(p, read);
    if (!is_kind(p, *ret_rel, E_MCALL) || arg_count(p, *ret_rel)) {
        patch_refuse(p, "the relation has conditions of its own at this place");
        return;
    }
    *ret_row = first_child(p, *ret_rel);
    if (!is_kind(p, *ret_row, E_VAR))
        patch_refuse(p, "the row is not a plain variable here");
    if (c->column ? arg_count(p, read) != 1 || !is_kind(p, nth_arg(p, read, 0), E_STR) : arg_count(p, read) != 0)
        patch_refuse(p, "%s() has arguments that a subselect cannot take", c->fn);
}

enum fix_answer fix_count(const struct fix_in *in, struct arena *arena, struct fix_out *ret, struct err *err)
{
    struct patch p;
    const struct flow *f = in->flow;
    struct ref rel, row;
    uint32_t related;
    (void)err;
    patch_init(&p, in->app, arena);
    bool counts = f && (f->kind == FLOW_AGGREGATE || f->kind == FLOW_ACCESSOR_QUERY) && is_ref(f->read);
    if (!counts) {
        patch_refuse(&p, "the code that asks was not found");
        return patch_done(&p, NULL, ret);
    }
    const struct counting *c = is_kind(&p, f->read, E_MCALL) ? counting_of(node_name(&p, f->read)) : NULL;
    check_shape(&p, f->read, c, &rel, &row);
    if (p.refused)
        return patch_done(&p, NULL, ret);
    const char *name = arena_strndup(arena, node_name(&p, rel).p, node_name(&p, rel).n);
    uint32_t row_class = flow_row_class(in->app, f);
    const struct relation *r = path_relation(in->app, row_class, str_c(name), &related);
    if (!r)
        patch_refuse(&p, "the relation's own code was not found");
    else
        refuse_relation(&p, row_class == NO_CLASS ? NULL : class_model(in->app, row_class), r);
    if (loop_writes(&p, in, true))
        patch_refuse(&p, "the loop writes while it counts");
    if (strchr(f->subject, '.'))
        patch_refuse(&p, "the rows are themselves a relation: count where they are loaded");
    const char *column = c->column && !p.refused ? node_cstr(&p, nth_arg(&p, f->read, 0)) : NULL;
    struct str bare = c->column && !p.refused ? node_name(&p, nth_arg(&p, f->read, 0)) : STR("");
    const char *attribute = arena_printf(arena, "%s_%s%s" STR_FMT, snake(name, arena), c->suffix, c->column ? "_" : "",
                                         STR_ARG(bare));
    const struct model *m = row_class == NO_CLASS ? NULL : class_model(in->app, row_class);
    if (m && model_accessor(in->app, m, syms_find(in->app->syms, str_c(attribute))))
        patch_refuse(&p, "the model has an attribute %s already", attribute);
    add_to_query(&p, f, c->method, column ? arena_printf(arena, "'%s', %s", name, column) : arena_printf(arena, "'%s'", name));
    const char *row_text = node_cstr(&p, row);
    bool own_method = !strcmp(row_text, "$this");
    const char *fallback = node_cstr(&p, f->read);
    /* A sum over no rows is null as a subselect and 0 as a call. */
    const char *read = own_method ? arena_printf(arena, "(%s->%s ?? %s)", row_text, attribute, fallback) :
                       !strcmp(c->fn, "sum") ? arena_printf(arena, "(%s->%s ?? 0)", row_text, attribute) :
                                               arena_printf(arena, "%s->%s", row_text, attribute);
    patch_replace(&p, f->read.file, at_node(&p, f->read)->off, at_node(&p, f->read)->end, read);
    return patch_done(&p, arena_printf(arena, "Let the query take the %s of %s", c->fn, name), ret);
}
