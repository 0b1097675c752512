/* facts_build: parse within bounds, lower, note the holes. */
#include "php/lower.h"

#include <time.h>

enum { CALLBACKS_PER_CLOCK = 16 };

struct deadline {
    uint64_t at_ns;
    uint32_t calls;
};

/* The thread's own time: on a busy machine a file is no slower than on an idle one. */
static uint64_t thread_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static bool is_late(TSParseState *state)
{
    struct deadline *d = state->payload;
    return ++d->calls % CALLBACKS_PER_CLOCK == 0 && thread_ns() > d->at_ns;
}

static const char *read_source(void *payload, uint32_t byte, TSPoint position, uint32_t *ret_n)
{
    const struct str *s = payload;
    (void)position;
    *ret_n = byte < s->n ? s->n - byte : 0;
    return byte < s->n ? s->p + byte : "";
}

TSTree *php_parse(const struct syntax *syntax, struct str *src, uint64_t deadline_ns)
{
    TSParser *parser = ts_parser_new();
    if (!parser)
        return NULL;
    TSTree *tree = NULL;
    struct deadline d = { .at_ns = deadline_ns };
    TSInput input = { .payload = src, .read = read_source, .encoding = TSInputEncodingUTF8 };
    TSParseOptions options = { .payload = &d, .progress_callback = is_late };
    if (ts_parser_set_language(parser, syntax->language))
        tree = ts_parser_parse_with_options(parser, NULL, input, options);
    ts_parser_delete(parser);
    return tree;
}

/* The same, once more on repaired text when there are errors. */
static TSTree *parse_repaired(struct lower *l, uint64_t deadline_ns)
{
    struct str copy, text = l->src;
    l->b.cut = l->blade ? 0 : php_thin(l->src, l->b.scratch, &copy);
    if (l->b.cut)
        text = copy;
    TSTree *tree = php_parse(l->syntax, &text, deadline_ns);
    if (!tree || !ts_node_has_error(ts_tree_root_node(tree)) ||
        !php_repair(text, l->b.scratch, &copy))
        return tree;
    ts_tree_delete(tree);
    return php_parse(l->syntax, &copy, deadline_ns);
}

/* Every ERROR and MISSING; goes only into what has an error below. */
static void find_holes(struct lower *l)
{
    uint32_t depth = 0;
    for (bool down = true;;) {
        TSNode n = here(l);
        bool is_hole = ts_node_is_missing(n) || cst_of(l, n) == C_ERROR;
        if (is_hole && down)
            build_hole(&l->b, ts_node_start_byte(n), ts_node_end_byte(n));
        if (down && !is_hole && ts_node_has_error(n) &&
            ts_tree_cursor_goto_first_child(&l->cursor)) {
            depth++;
            continue;
        }
        down = ts_tree_cursor_goto_next_sibling(&l->cursor);
        if (down)
            continue;
        if (!depth)
            return;
        depth--;
        ts_tree_cursor_goto_parent(&l->cursor);
    }
}

static int lower_tree(struct lower *l, TSTree *tree, struct str file, struct facts **ret,
                      struct err *err)
{
    TSNode root = ts_tree_root_node(tree);
    l->cursor = ts_tree_cursor_new(root);
    if (ts_node_has_error(root)) {
        find_holes(l);
        ts_tree_cursor_reset(&l->cursor, root);
    }
    l->file_bytes = file.n;
    lower_program(l);
    ts_tree_cursor_delete(&l->cursor);
    return build_finish(&l->b, file, l->blade ? LANG_BLADE : LANG_PHP, ret, err);
}

static int too_slow(struct str path, struct err *err)
{
    return err_set(err, RC_LIMIT, NULL, STR_FMT ": not parsed within %d s", STR_ARG(path),
                   FACTS_SECONDS);
}

/* What follows __halt_compiler(); is no code. */
static struct str without_data(struct str s)
{
    static const char word[] = "__halt_compiler();";
    const char *p = s.n ? memmem(s.p, s.n, word, sizeof word - 1) : NULL;
    bool quoted = p && p > s.p && strchr("'\"", p[-1]);
    return p && !quoted ? str_sub(s, 0, (uint32_t)(p - s.p) + sizeof word - 1) : s;
}

static int build_php(struct lower *l, struct str path, struct str bytes, uint64_t deadline_ns,
                     struct facts **ret, struct err *err)
{
    l->src = without_data(bytes);
    l->has_echo_tags = memmem(bytes.p, bytes.n, "<?=", 3) != NULL;
    TSTree *tree = parse_repaired(l, deadline_ns);
    if (!tree)
        return too_slow(path, err);
    int rc = lower_tree(l, tree, bytes, ret, err);
    ts_tree_delete(tree);
    return rc;
}

/* Lowers the template; when the result does not parse, once more without the pieces that are to
 * blame. */
static int parse_blade(struct lower *l, struct blade *b, uint64_t deadline_ns, TSTree **ret)
{
    *ret = NULL;
    for (unsigned round = 0; round < 2; round++) {
        if (blade_emit(b))
            return b->rc;
        l->src = (struct str){ b->out.p, (uint32_t)b->out.n };
        TSTree *tree = parse_repaired(l, deadline_ns);
        if (!tree)
            return RC_TIMEOUT;
        if (round || !ts_node_has_error(ts_tree_root_node(tree)) ||
            !blade_blame(b, l->syntax, tree, deadline_ns)) {
            *ret = tree;
            return RC_OK;
        }
        ts_tree_delete(tree);
    }
    return RC_STATE; /* not reached: the second round returns */
}

static int build_blade(struct lower *l, struct str path, struct str bytes, uint64_t deadline_ns,
                       struct facts **ret, struct err *err)
{
    struct blade b = { 0 };
    TSTree *tree;
    int rc = blade_scan(&b, bytes, l->b.scratch);
    if (!rc)
        rc = parse_blade(l, &b, deadline_ns, &tree);
    if (rc == RC_TIMEOUT) {
        rc = too_slow(path, err);
    } else if (rc) {
        rc = err_set(err, rc, NULL, STR_FMT ": more directives than a template has", STR_ARG(path));
    } else {
        l->blade = &b;
        l->b.segs = b.segs.p;
        l->b.nsegs = (uint32_t)b.segs.n;
        for (size_t i = 0; i < b.holes.n; i++)
            build_hole_at(&l->b, b.holes.p[i].off, b.holes.p[i].end);
        rc = lower_tree(l, tree, bytes, ret, err);
        ts_tree_delete(tree);
    }
    blade_release(&b);
    return rc;
}

int facts_build(struct str path, struct str bytes, struct arena *scratch, struct facts **ret,
                struct err *err)
{
    uint64_t deadline_ns = thread_ns() + FACTS_SECONDS * 1000000000ull;
    if (bytes.n > LIMIT_FILE_BYTES)
        return err_set(err, RC_LIMIT, NULL, STR_FMT ": %u bytes are more than a source file has",
                       STR_ARG(path), bytes.n);
    struct lower l = { .syntax = syntax_get() };
    if (!l.syntax)
        return err_set(err, RC_UNSUPPORTED, "build with the versions in deps/manifest.tsv",
                       "the PHP grammar is not the one this program was written for");
    int rc;
    if (!build_init(&l.b, scratch, bytes.n))
        rc = err_set(err, RC_NOMEM, NULL, STR_FMT ": out of memory", STR_ARG(path));
    else if (str_ends(path, ".blade.php"))
        rc = build_blade(&l, path, bytes, deadline_ns, ret, err);
    else
        rc = build_php(&l, path, bytes, deadline_ns, ret, err);
    vec_release(&l.imports);
    build_release(&l.b);
    return rc;
}
