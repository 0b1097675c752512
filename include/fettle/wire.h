/* The one ABI shared by fettle and fettle.so: what the extension says about one process.
 *
 * Hand-off is a single-producer single-consumer ring of bytes in a memfd per process. The process connects to the
 * collector's Unix socket (SOCK_SEQPACKET, path in FETTLE_SOCK) once, at its first request, and passes the memfd
 * with one `struct fw_hello`; after that there is no system call on the event path. The socket stays open while the
 * process (with thread-safe PHP: the thread) lives: end of file there means that no more will come. A full ring drops
 * whole traces and counts them. A dead process's ring is still readable. After fork the child makes its own.
 *
 * Layout: struct fw_ring at offset 0 (FW_RING_HEADER bytes), then `bytes` bytes of data, a power of two. head and
 * tail are byte counts that only grow; a record lies at (position & (bytes - 1)), is 8-aligned, and never wraps: where
 * it would, an FW_PAD record fills the rest. The producer publishes head once a record (or a run of them) is whole;
 * it makes a trace visible at its FW_CLOSE only, so a reader sees whole traces.
 *
 * Within a trace: FW_OPEN first, FW_CLOSE last; spans come in the order of their *ends* (a parent after its children),
 * strings before the first record that names them. A parent may be missing (its span found no room).
 *
 * A request that brings a trace id (FastCGI parameter or environment FETTLE_TRACE, 32 hex digits; else the header
 * traceparent) gives it to its trace, so that whoever drives the application finds the trace of each request.
 *
 * All numbers are little-endian of the machine itself (same host). Unknown kinds are skipped by length.
 * Strings are ids of FW_STR records, sent once a process (ids are never reused; 0 is "none").
 */
#ifndef FETTLE_WIRE_H
#define FETTLE_WIRE_H
#include <stdint.h>

#define FW_MAGIC 0x314c5446u /* "FTL1" */
#define FW_VERSION 1u
#define FW_RING_HEADER 4096u
#define FW_RING_BYTES_DEFAULT (8u << 20)
#define FW_RECORD_MAX 65528u

enum fw_tier { FW_OFF = 0, FW_ALWAYS = 1, FW_DEEP = 2 };
enum fw_flag { FW_VALUES = 1 }; /* bound values may be sent (private instance only) */

struct fw_hello {
    uint32_t magic, version, pid, flags;
};

struct fw_ring {
    uint32_t magic, version, bytes, pid;
    uint64_t t0_real_ns, t0_mono_ns; /* the same instant on both clocks */
    uint64_t tick_hz;                /* unit of t_ns fields is always ns; this tells the source clock's rate */
    uint32_t tier, flags;
    _Alignas(64) uint64_t head; /* written by the producer, release */
    uint64_t lost_traces, lost_events;
    _Alignas(64) uint64_t tail; /* written by the collector, release */
};

enum fw_kind {
    FW_PAD = 0,
    FW_STR = 1,
    FW_OPEN = 2,
    FW_SPAN = 3,
    FW_SAMP = 4,
    FW_CLOSE = 5,
    FW_VALUE = 6,
    FW_SUM = 7,    /* before FW_CLOSE: spans of one kind that found no room, summed */
    FW_FORGET = 8, /* strings sent so far are named no more (their ids are not reused): a reader may free them */
};

struct fw_rec {
    uint8_t kind, flags;
    uint16_t len8; /* whole record in units of 8 bytes, at least 1 */
};

struct fw_str {
    struct fw_rec r;
    uint32_t id;
    uint32_t nbytes; /* at most FW_STR_MAX; longer ones are cut */
    char bytes[];
};
#define FW_STR_MAX 8192u

enum fw_type { FW_HTTP = 1, FW_CLI = 2, FW_JOB = 3, FW_LIVEWIRE = 4, FW_WS = 5 };

struct fw_open {
    struct fw_rec r;
    uint32_t name; /* method and path, or command line */
    uint64_t trace_hi, trace_lo;
    uint64_t t_ns; /* monotonic */
    uint8_t type, pad[7];
};

/* What a span is. `name`, `a`, `b` by kind; durations of nested spans are contained in their parents. */
enum fw_span_kind {
    FW_SQL = 1,         /* name: SQL text with placeholders (literals too become ?, but not with FW_VALUES); a: rows
                           returned or affected; b: hash of the bound values, 0: none; dur_ns: time in the driver,
                           fetches included even where other work lies between them */
    FW_SQL_PREPARE = 2, /* name: SQL */
    FW_SQL_CONNECT = 3, /* name: DSN without password */
    FW_TX = 4,          /* name: driver; a: 1 committed, 2 rolled back; spans from begin to end; no parent of anything:
                           what ran inside carries FW_IN_TX */
    FW_REDIS = 5,       /* name: command; a: bytes in reply */
    FW_HTTP_CALL = 6,   /* name: method and URL without query; a: status; b: bytes received */
    FW_CACHE = 7,       /* name: key with numbers and hashes normalised to *; a: op (fw_cache_op), 0: read, outcome unknown; b: bytes */
    FW_VIEW = 8,        /* name: view name or template path */
    FW_LIVEWIRE_PHASE = 9, /* name: component; a: fw_lw_phase; b: snapshot bytes (dehydrate: sent, hydrate: received) */
    FW_LAZY = 10,       /* a relation was loaded lazily: name: "Model::relation"; the SQL span is its child */
    FW_HYDRATE = 11,    /* name: model class; a: models built */
    FW_QUEUE_PUSH = 12, /* name: job class; a: payload bytes */
    FW_JOB_RUN = 13,    /* name: job class */
    FW_COMMAND = 14,    /* name: artisan command */
    FW_CONTROLLER = 15, /* name: Class@method */
    FW_MIDDLEWARE = 16, /* name: class */
    FW_EVENT = 17,      /* name: event; a: number of listeners */
    FW_MAIL = 18,       /* name: mailable or subject hash */
    FW_FILE = 19,       /* name: function; a: bytes */
    FW_SLEEP = 20,
    FW_AI = 21,         /* an HTTP call with the shape of a model call: name: model or URL; a: input count or tokens;
                           b: 1 chat, 2 embedding, 3 streamed chat */
    FW_BOOT = 22,       /* framework bootstrap */
    FW_GC = 23,
    FW_CALL = 24,       /* name: function or Class::method that the setting fettle.plant names */
    FW_SPAN_KINDS
};
enum fw_cache_op { FW_CACHE_HIT = 1, FW_CACHE_MISS = 2, FW_CACHE_PUT = 3, FW_CACHE_FORGET = 4, FW_CACHE_MANY = 5 };
enum fw_lw_phase { FW_LW_MOUNT = 1, FW_LW_HYDRATE = 2, FW_LW_UPDATE = 3, FW_LW_CALL = 4, FW_LW_RENDER = 5, FW_LW_DEHYDRATE = 6 };
enum fw_span_flag {
    FW_IN_TX = 1,
    FW_FAILED = 2,
    FW_WRITE = 4,
    FW_COMPILED = 8, /* file is the template, but line is one of its compiled form (the template could not be read) */
    FW_REFUSED = 16, /* the connection guard refused it */
};

struct fw_span {
    struct fw_rec r;
    uint16_t index, parent; /* index from 1 in order of *opening* within the trace; parent 0: the request itself */
    uint16_t kind, place_line_hi; /* reserved: 0 */
    uint32_t file, line;    /* nearest line of the application's own code; file 0: none. Compiled views are already
                               mapped to their template where the template is known */
    uint64_t t_ns;
    uint64_t dur_ns;
    uint32_t name, a;
    uint64_t b;
    uint32_t fn, fn2;       /* function that holds the line ("Class::method"), and the one that called it; 0: none */
};

struct fw_value { /* FW_VALUES only: bound values of the FW_SQL span just before it, as one JSON array */
    struct fw_rec r;
    uint32_t nbytes;
    char bytes[];
};

struct fw_sum { /* spans of one kind that found no room in this trace */
    struct fw_rec r;
    uint16_t kind, pad;
    uint32_t count, rows;
    uint64_t dur_ns;
};

struct fw_samp {
    struct fw_rec r;
    uint16_t nframes, pad;
    uint32_t weight_us;
    uint32_t frames[]; /* pairs: function string id, line; innermost first */
};

struct fw_close {
    struct fw_rec r;
    uint32_t status;    /* HTTP status or exit code */
    uint64_t dur_ns, cpu_ns;
    uint32_t peak_kb, route; /* route: "GET /posts/{post}" */
    uint32_t action, user;   /* action: "App\\Http\\X@show"; user: id as text, 0: guest */
    uint64_t bytes_out;
    uint32_t dropped, nspans; /* spans that found no room, spans sent */
    uint32_t hydrated, lazy;  /* models hydrated; lazy loads */
    uint32_t included_files, gc_runs;
    uint32_t events, refused; /* framework events dispatched; connections that the guard refused */
};

_Static_assert(sizeof(struct fw_rec) == 4, "wire");
_Static_assert(sizeof(struct fw_str) == 12, "wire");
_Static_assert(sizeof(struct fw_open) == 40, "wire");
_Static_assert(sizeof(struct fw_span) == 64, "wire");
_Static_assert(sizeof(struct fw_sum) == 24, "wire");
_Static_assert(sizeof(struct fw_close) == 80, "wire");
#endif
