/* facts_build: parse within bounds, lower, note the holes. */
#include "php/lower.h"

enum { CALLBACKS_PER_CLOCK = 16 };

struct deadline {
    uint64_t at_ns;
    uint32_t calls;
};

static bool is_late(TSParseState *state)
{
    struct deadline *d = state->payload;
    return ++d->calls % CALLBACKS_PER_CLOCK == 0 && now_ns() > d->at_ns;
}

static const char *read_source(void *payload, uint32_t byte, TSPoint position, uint32_t *ret_n)
{
    const struct str *s = payload;
    (void)position;
    *ret_n = byte < s->n ? s->n - byte : 0;
    return byte < s->n ? s->p + byte : "";
}

static TSTree *parse(const struct syntax *syntax, struct str *src, uint64_t deadline_ns)
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

/* Every ERROR and MISSING; goes only into what has an error below. */
static void find_holes(struct lower *l)
{
    uint32_t depth = 0;
    for (bool down = true;;) {
        TSNode n = here(l);
        bool is_hole = ts_node_is_missing(n) || cst_of(l, n) == C_ERROR;
        if (is_hole && down)
            build_hole(&l->b, ts_node_start_byte(n), ts_node_end_byte(n));
        if (down && !is_hole && ts_node_has_error(n) && ts_tree_cursor_goto_first_child(&l->cursor)) {
            depth++;
            continue;
        }
        if (ts_tree_cursor_goto_next_sibling(&l->cursor)) {
            down = true;
            continue;
        }
        if (!depth)
            return;
        depth--;
        down = false;
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
    lower_program(l);
    ts_tree_cursor_delete(&l->cursor);
    return build_finish(&l->b, file, l->blade ? LANG_BLADE : LANG_PHP, ret, err);
}

static int build_php(struct lower *l, struct str path, struct str bytes, uint64_t deadline_ns,
                     struct facts **ret, struct err *err)
{
    l->src = bytes;
    l->has_echo_tags = memmem(bytes.p, bytes.n, "<?=", 3) != NULL;
    TSTree *tree = parse(l->syntax, &l->src, deadline_ns);
    if (!tree)
        return err_set(err, RC_LIMIT, NULL, STR_FMT ": not parsed within %d s", STR_ARG(path),
                       FACTS_SECONDS);
    int rc = lower_tree(l, tree, bytes, ret, err);
    ts_tree_delete(tree);
    return rc;
}

int facts_build(struct str path, struct str bytes, struct arena *scratch, struct facts **ret,
                struct err *err)
{
    uint64_t deadline_ns = now_ns() + FACTS_SECONDS * 1000000000ull;
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
    else
        rc = build_php(&l, path, bytes, deadline_ns, ret, err);
    vec_release(&l.imports);
    build_release(&l.b);
    return rc;
}
