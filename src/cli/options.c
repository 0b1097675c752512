/* Parsing of options by their tables, and the help that is printed from the same tables. */
#include "cli/command.h"

#include <math.h>

static int usage_error(const struct command *c, const char *fmt, const char *what)
{
    fprintf(stderr, "fettle %s: ", c->name);
    fprintf(stderr, fmt, what);
    fprintf(stderr, "\n  usage: %s\n  more:  fettle %s -h\n", c->usage, c->name);
    return EXIT_USAGE;
}

static const struct option_def *find_long(const struct command *c, const char *name, size_t n)
{
    for (const struct option_def *o = c->options; o && o->name; o++)
        if (strlen(o->name) == n && memcmp(o->name, name, n) == 0)
            return o;
    return NULL;
}

static const struct option_def *find_short(const struct command *c, char letter)
{
    for (const struct option_def *o = c->options; o && o->name; o++)
        if (o->short_name && o->short_name == letter)
            return o;
    return NULL;
}

bool time_parse(const char *text, double *ret)
{
    char *end;
    double v = strtod(text, &end);
    double unit = !*end || !strcmp(end, "s") ? 1 : !strcmp(end, "m") ? 60 : !strcmp(end, "h") ? 3600 :
                  !strcmp(end, "ms") ? 0.001 : 0;
    if (end == text || unit == 0 || !(v > 0) || v > 1e6)
        return false;
    *ret = v * unit;
    return true;
}

static bool parse_cost(const char *text, struct args *a)
{
    char *end;
    double v = strtod(text, &end);
    if (end == text || !(v >= 0))
        return false;
    if (!strcmp(end, "%")) {
        a->min_share = v / 100;
        a->min_ms = INFINITY;
    } else if (!strcmp(end, "ms") || !*end) {
        a->min_ms = v;
        a->min_share = INFINITY;
    } else {
        return false;
    }
    return true;
}

static bool store(const struct option_def *o, const char *value, struct args *a)
{
    void *at = (char *)a + o->offset;
    char *end;
    switch (o->type) {
    case OPT_FLAG:
        *(bool *)at = true;
        return true;
    case OPT_TEXT:
        *(const char **)at = value;
        return true;
    case OPT_LIST: {
        struct list *l = at;
        if (l->n == LIST_MAX)
            return false;
        l->items[l->n++] = value;
        return true;
    }
    case OPT_NUMBER:
        *(double *)at = strtod(value, &end);
        return end != value && !*end && *(double *)at > 0;
    case OPT_TIME:
        return time_parse(value, at);
    case OPT_COST:
        return parse_cost(value, a);
    }
    return false;
}

static int take(const struct command *c, const struct option_def *o, const char *shown, const char *inline_value,
                int argc, char **argv, int *i, struct args *ret)
{
    const char *value = inline_value;
    if (!o)
        return usage_error(c, "there is no option %s", shown);
    if (o->type == OPT_FLAG && value)
        return usage_error(c, "%s takes no value", shown);
    if (o->type != OPT_FLAG && !value) {
        if (*i + 1 >= argc)
            return usage_error(c, "%s needs a value", shown);
        value = argv[++*i];
    }
    if (!store(o, value, ret))
        return usage_error(c, "%s has a value that it cannot take", shown);
    return 0;
}

int args_parse(const struct command *c, int argc, char **argv, struct args *ret, bool *ret_help)
{
    *ret_help = false;
    for (int i = 0; i < argc; i++) {
        const char *a = argv[i];
        int rc = 0;
        if (!strcmp(a, "-h") || !strcmp(a, "--help")) {
            *ret_help = true;
            return 0;
        }
        if (!strcmp(a, "--")) {
            ret->rest = argv + i + 1;
            return 0;
        }
        if (a[0] == '-' && a[1] == '-') {
            const char *eq = strchr(a, '=');
            size_t n = eq ? (size_t)(eq - a - 2) : strlen(a + 2);
            rc = take(c, find_long(c, a + 2, n), a, eq ? eq + 1 : NULL, argc, argv, &i, ret);
        } else if (a[0] == '-' && a[1]) {
            rc = take(c, find_short(c, a[1]), a, a[2] ? a + 2 : NULL, argc, argv, &i, ret);
        } else if (ret->npositional == sizeof ret->positional / sizeof *ret->positional) {
            rc = usage_error(c, "one argument too many: %s", a);
        } else {
            ret->positional[ret->npositional++] = a;
        }
        if (rc)
            return rc;
    }
    return 0;
}

/* Words of a text in lines of at most 98 columns; an empty line stays one. */
static void print_wrapped(const char *text, FILE *to)
{
    unsigned column = 0;
    while (*text) {
        auto_buf word = BUF_INIT(1024);
        buf_add(&word, text, strcspn(text, " \n"));
        unsigned width = text_width(buf_cstr(&word));
        if (column && column + 1 + width > 98) {
            fputc('\n', to);
            column = 0;
        }
        fprintf(to, "%s%s", column ? " " : "", buf_cstr(&word));
        column += width + (column > 0);
        text += word.n;
        bool ends = !strncmp(text, "\n\n", 2);
        text += strspn(text, " \n");
        if (ends) {
            fputs("\n\n", to);
            column = 0;
        }
    }
    fputc('\n', to);
}

void command_help(const struct command *c, FILE *to)
{
    fprintf(to, "%s\n    %s\n", c->usage, c->summary);
    if (c->about) {
        fputc('\n', to);
        print_wrapped(c->about, to);
    }
    if (c->options && c->options->name)
        fprintf(to, "\nOptions\n");
    for (const struct option_def *o = c->options; o && o->name; o++) {
        char left[64];
        snprintf(left, sizeof left, "%c%c%s--%s%s%s", o->short_name ? '-' : ' ', o->short_name ? o->short_name : ' ',
                 o->short_name ? ", " : "  ", o->name, o->value ? " " : "", o->value ? o->value : "");
        fprintf(to, "  %-26s %s", left, o->help);
        if (o->fallback)
            fprintf(to, "  (%s)", o->fallback);
        fputc('\n', to);
    }
    if (c->examples)
        fprintf(to, "\nExamples\n%s", c->examples);
    if (!c->about || !strstr(c->about, "Exit: "))
        fprintf(to, "\nExit: 0 nothing found, 1 findings, 2 wrong usage, 3 could not do it.\n");
}

void dir_and_finding(const struct args *args, const char **ret_dir, const char **ret_finding)
{
    *ret_dir = NULL;
    *ret_finding = NULL;
    for (unsigned i = 0; i < args->npositional; i++) {
        const char *word = args->positional[i];
        bool is_dir = strchr(word, '/') || file_is_dir(word);
        const char **to = is_dir && !*ret_dir ? ret_dir : ret_finding;
        *to = *to ? *to : word;
    }
    *ret_dir = *ret_dir ? *ret_dir : ".";
}
