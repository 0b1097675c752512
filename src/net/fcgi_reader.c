/* Reads a FastCGI response: records in, status, headers and body out. Foreign bytes: everything is
 * bounded. */
#include "net/net.h"

#include <stdlib.h>
#include <strings.h>

enum { REC_END_REQUEST = 3, REC_STDOUT = 6, REC_STDERR = 7, REC_HEADER = 8 };

struct fcgi_reader {
    struct buf head, body, errors;
    unsigned char record[REC_HEADER];
    unsigned have;             /* bytes of the record header read so far */
    uint32_t content, padding; /* bytes of the current record still to come */
    uint8_t type;
    bool head_done, ended, truncated;
};

struct fcgi_reader *fcgi_reader_new(size_t max_body)
{
    struct fcgi_reader *r = fault_calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->head = BUF_INIT(FCGI_HEAD_BYTES_MAX);
    r->body = BUF_INIT(max_body);
    r->errors = BUF_INIT(FCGI_ERRORS_MAX);
    return r;
}

void fcgi_reader_free(struct fcgi_reader *r)
{
    if (!r)
        return;
    buf_release(&r->head);
    buf_release(&r->body);
    buf_release(&r->errors);
    free(r);
}

/* Appends what still fits, and says whether all of it did. */
static bool add_clamped(struct buf *b, const char *p, size_t n)
{
    size_t room = b->ceiling > b->n + 1 ? b->ceiling - b->n - 1 : 0;
    buf_add(b, p, n < room ? n : room);
    return n <= room;
}

/* Where the blank line after the header lies: the offset behind it, or 0. PHP writes CRLF; a bare
 * LF is taken too. */
static size_t head_end(const struct buf *b, size_t from)
{
    for (size_t i = from; i + 1 < b->n; i++) {
        if (b->p[i] != '\n')
            continue;
        if (b->p[i + 1] == '\n')
            return i + 2;
        if (i + 2 < b->n && b->p[i + 1] == '\r' && b->p[i + 2] == '\n')
            return i + 3;
    }
    return 0;
}

static int take_stdout(struct fcgi_reader *r, const char *p, size_t n, struct err *err)
{
    if (r->head_done) {
        r->truncated |= !add_clamped(&r->body, p, n);
        return 0;
    }
    size_t from = r->head.n > 2 ? r->head.n - 2 : 0, before = r->head.n;
    bool whole = add_clamped(&r->head, p, n);
    size_t end = head_end(&r->head, from);
    if (end) {
        size_t used = end > before ? end - before : 0;
        r->head.n = end;
        r->head_done = true;
        return take_stdout(r, p + used, n - used, err);
    }
    if (!whole)
        return err_set(err, RC_PARSE, NULL, "the response's headers are longer than %d bytes",
                       FCGI_HEAD_BYTES_MAX);
    return 0;
}

static int take_content(struct fcgi_reader *r, const char *p, size_t n, struct err *err)
{
    int rc = r->type == REC_STDOUT ? take_stdout(r, p, n, err) : 0;
    if (r->type == REC_STDERR)
        add_clamped(&r->errors, p, n);
    if (!rc && (r->head.failed || r->body.failed ||
                r->errors.failed)) /* ceilings are kept above: this is memory */
        rc = err_set(err, RC_NOMEM, NULL, "no memory for a response");
    return rc;
}

static int open_record(struct fcgi_reader *r, struct err *err)
{
    const unsigned char *h = r->record;
    if (h[0] != 1)
        return err_set(err, RC_PARSE, NULL, "not a FastCGI answer (version %u)", h[0]);
    r->type = h[1];
    r->content = (uint32_t)h[4] << 8 | h[5];
    r->padding = h[6];
    return 0;
}

int fcgi_reader_feed(struct fcgi_reader *r, const void *bytes, size_t n, struct err *err)
{
    const char *p = bytes;
    while (n && !r->ended) {
        if (r->have < REC_HEADER) {
            r->record[r->have++] = (unsigned char)*p++;
            n--;
            if (r->have < REC_HEADER)
                continue;
            int rc = open_record(r, err);
            if (rc)
                return rc;
        }
        size_t k = n < r->content ? n : r->content;
        int rc = k ? take_content(r, p, k, err) : 0;
        if (rc < 0)
            return rc;
        r->content -= (uint32_t)k;
        p += k, n -= k;
        k = r->content ? 0 : n < r->padding ? n : r->padding;
        r->padding -= (uint32_t)k;
        p += k, n -= k;
        if (!r->content && !r->padding) {
            r->ended = r->type == REC_END_REQUEST;
            r->have = 0;
        }
    }
    return r->ended;
}

static int header_line(struct str line, struct fcgi_response *ret, size_t cap)
{
    const char *colon = line.n ? memchr(line.p, ':', line.n) : NULL;
    if (!colon || ret->nheaders >= cap)
        return 0;
    uint32_t at = (uint32_t)(colon - line.p);
    struct header *h = &ret->headers[ret->nheaders++];
    h->name = str_trim(str_sub(line, 0, at));
    h->value = str_trim(str_sub(line, at + 1, line.n));
    return 0;
}

static int status_of(struct str value)
{
    int status = 0;
    for (uint32_t i = 0; i < value.n && i < 3 && value.p[i] >= '0' && value.p[i] <= '9'; i++)
        status = status * 10 + (value.p[i] - '0');
    return status >= 100 ? status : 0;
}

int fcgi_reader_finish(struct fcgi_reader *r, struct arena *arena, struct fcgi_response *ret,
                       struct err *err)
{
    *ret = (struct fcgi_response){ .truncated = r->truncated };
    if (!r->ended)
        return err_set(err, RC_IO, NULL,
                       "the server closed the connection before its answer was whole");
    if (!r->head_done)
        return err_set(err, RC_PARSE, NULL, "the server's answer has no headers%s%.*s",
                       r->errors.n ? ": " : "", (int)(r->errors.n < 120 ? r->errors.n : 120),
                       r->errors.n ? r->errors.p : "");
    char *head = arena_strndup(arena, r->head.p, r->head.n);
    char *body = arena_strndup(arena, r->body.n ? r->body.p : "", r->body.n);
    char *errors = arena_strndup(arena, r->errors.n ? r->errors.p : "", r->errors.n);
    ret->headers = arena_new_array(arena, struct header, FCGI_HEADERS_MAX);
    if (!head || !body || !errors || !ret->headers)
        return err_set(err, RC_NOMEM, NULL, "no memory for a response of %zu bytes", r->body.n);
    ret->body = (struct str){ body, (uint32_t)r->body.n };
    ret->errors = (struct str){ errors, (uint32_t)r->errors.n };
    struct str rest = { head, (uint32_t)r->head.n }, line;
    while (str_next(&rest, '\n', &line))
        header_line(str_trim(line), ret, FCGI_HEADERS_MAX);
    struct str status = fcgi_header(ret, "Status");
    ret->status = status.n ? status_of(status) : 200;
    if (!ret->status)
        return err_set(err, RC_PARSE, NULL, "the server's answer has the status '%.*s'",
                       (int)status.n, status.p);
    return RC_OK;
}

struct str fcgi_header(const struct fcgi_response *r, const char *name)
{
    for (size_t i = 0; i < r->nheaders; i++)
        if (str_ieq(r->headers[i].name, str_c(name)))
            return r->headers[i].value;
    return (struct str){ "", 0 };
}
