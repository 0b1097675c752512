/* As whom: a guest, and signed-in users whose pages take different branches (src/instance/php/recorder.php chooses). */
#include "prove/internal.h"

#include <string.h>

static void url_encode(struct buf *b, const char *s)
{
    for (; *s; s++) {
        bool plain = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9') || strchr("-_.~", *s);
        if (plain)
            buf_addc(b, *s);
        else
            buf_addf(b, "%%%02X", (unsigned char)*s);
    }
}

static const char *text_of(const json_t *j, const char *key)
{
    const char *s = json_string_value(json_object_get(j, key));
    return s ? s : "";
}

int people_ask(struct proving *p, struct running *s, struct err *err)
{
    json_t *j = NULL;
    int rc = side_json(s, NULL, NULL, p->people_path, &j, err);
    json_decref(j);
    return rc;
}

int people_find(struct proving *p, struct err *err)
{
    auto_buf path = BUF_INIT(8192);
    json_t *j = NULL, *one;
    size_t i;
    buf_adds(&path, "/__fettle/people?guard=");
    url_encode(&path, p->o->guard ? p->o->guard : "");
    buf_adds(&path, "&as=");
    url_encode(&path, p->o->as ? p->o->as : "");
    p->people_path = arena_strdup(p->arena, buf_cstr(&path));
    int rc = p->people_path ? side_json(&p->a, NULL, NULL, p->people_path, &j, err) : RC_NOMEM;
    if (rc)
        return rc;
    const char *guard = arena_strdup(p->arena, text_of(j, "guard"));
    bool asked = false;
    json_array_foreach(json_object_get(j, "people"), i, one)
        if (p->npeople + 1 < PEOPLE_MAX) {
            const char *label = arena_strdup(p->arena, text_of(one, "label"));
            p->people[p->npeople++] = (struct person){ label, guard, arena_strdup(p->arena, text_of(one, "id")) };
            asked |= strcmp(label, "as asked") == 0;
        }
    json_decref(j);
    if (p->o->as && !asked)
        return err_set(err, RC_NOTFOUND, "name an id or an email of the copied database with --as", "there is no user %s", p->o->as);
    p->people[p->npeople++] = (struct person){ "guest", guard, NULL };
    return RC_OK;
}

int people_sign_in(struct proving *p, struct running *s, struct err *err)
{
    for (unsigned i = 0; i < p->npeople; i++) {
        const struct person *who = &p->people[i];
        auto_buf path = BUF_INIT(8192), seed = BUF_INIT(8192);
        json_t *j = NULL;
        if (!who->id)
            continue;
        buf_adds(&path, "/__fettle/login/");
        url_encode(&path, who->guard);
        buf_addc(&path, '/');
        url_encode(&path, who->id);
        buf_addf(&seed, "login %s", who->id);
        int rc = side_json(s, &s->jars[i], &(struct manner){ .seed = buf_cstr(&seed) }, buf_cstr(&path), &j, err);
        if (!rc && !json_is_true(json_object_get(j, "ok")))
            rc = err_set(err, RC_STATE, "name another user with --as", "user %s cannot sign in by guard %s", who->id, who->guard);
        json_decref(j);
        if (rc)
            return rc;
    }
    return RC_OK;
}
