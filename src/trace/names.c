/* What a trace is filed under. An HTTP request goes by its route; a Livewire update by its
 * component, since all of them share one address; a command by its name; a job by its class. */
#include "trace/fold.h"

#include <ctype.h>
#include <stdio.h>

static const struct span *first_of(const struct trace *t, uint16_t kind)
{
    for (uint32_t i = 0; i < t->nspans; i++)
        if (t->spans[i].kind == kind && t->spans[i].name[0])
            return &t->spans[i];
    return NULL;
}

/* The component that an update is about: the first that was brought back from its snapshot, not one
 * mounted inside. */
static const struct span *updated_component(const struct trace *t)
{
    for (uint32_t i = 0; i < t->nspans; i++) {
        const struct span *s = &t->spans[i];
        if (s->kind == FW_LIVEWIRE_PHASE && s->name[0] && s->a != FW_LW_MOUNT &&
            s->a != FW_LW_RENDER)
            return s;
    }
    return NULL;
}

static bool is_livewire_update(const struct trace *t)
{
    const char *at = t->route ? strstr(t->route, "livewire") : strstr(t->name, "livewire");
    return t->type == FW_LIVEWIRE || (t->type == FW_HTTP && at && strstr(at, "/update"));
}

/* A path that no route matched: without its query, and with numbers and long ids as *, so that
 * paths stay few. */
static void plain_path(const char *name, char *out, size_t size)
{
    size_t n = 0;
    while (*name && *name != '?' && n + 2 < size) {
        size_t len = strcspn(name, "/?"), digits = 0;
        for (size_t i = 0; i < len; i++)
            digits += isdigit((unsigned char)name[i]) != 0;
        if (len && (digits == len || (len >= 16 && digits * 4 >= len))) {
            out[n++] = '*';
        } else {
            size_t take = len < size - n - 2 ? len : size - n - 2;
            memcpy(out + n, name, take);
            n += take;
        }
        name += len;
        if (*name == '/')
            out[n++] = *name++;
    }
    out[n] = 0;
}

sym fold_route_name(struct workload_build *b, const struct trace *t, uint8_t *ret_type)
{
    char text[512];
    const struct span *s = NULL;
    *ret_type = t->type;
    if (is_livewire_update(t) && (s = updated_component(t))) {
        *ret_type = FW_LIVEWIRE;
        snprintf(text, sizeof text, "livewire %s", s->name);
    } else if (t->type == FW_JOB && (s = first_of(t, FW_JOB_RUN))) {
        snprintf(text, sizeof text, "job %s", s->name);
    } else if (t->type == FW_CLI && (s = first_of(t, FW_COMMAND))) {
        snprintf(text, sizeof text, "artisan %s", s->name);
    } else if (t->route && t->route[0]) {
        snprintf(text, sizeof text, "%s", t->route);
    } else if (t->type == FW_CLI) {
        snprintf(text, sizeof text, "%s", t->name);
    } else {
        plain_path(t->name, text, sizeof text);
    }
    return syms_intern(b->syms, str_c(text[0] ? text : "unnamed"));
}

sym fold_path(struct workload_build *b, const char *file)
{
    if (!file)
        return 0;
    if (b->nroot && strncmp(file, b->root, b->nroot) == 0 && file[b->nroot] == '/')
        file += b->nroot + 1;
    return syms_intern(b->syms, str_c(file));
}
