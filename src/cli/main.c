/* fettle: finds what makes a Laravel application slow, what it costs, fixes it and proves the gain. */
#include "cli/command.h"
#include "cli/version.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

static volatile int stop_requested;

static void on_signal(int sig)
{
    if (stop_requested)
        _exit(128 + sig); /* asked twice: at once; what was started dies with this process */
    stop_requested = sig;
}

static void catch_signals(void)
{
    struct sigaction sa = { .sa_handler = on_signal };
    sigemptyset(&sa.sa_mask);
    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGTERM, &sa, NULL);
    struct sigaction hup;
    if (sigaction(SIGHUP, NULL, &hup) == 0 && hup.sa_handler != SIG_IGN) /* nohup stays */
        sigaction(SIGHUP, &sa, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static bool colour_on(int fd)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(fd) && !(no && *no) && !(term && !strcmp(term, "dumb"));
}

static unsigned columns(void)
{
    struct winsize w;
    if (ioctl(1, TIOCGWINSZ, &w) < 0 || w.ws_col < 60)
        return 100;
    return w.ws_col > 120 ? 120 : w.ws_col;
}

static void overview(FILE *to)
{
    fprintf(to, "fettle finds what makes a Laravel application slow, what it costs, fixes it and proves the gain.\n\n");
    for (const struct command *c = commands; c->name; c++)
        if (!c->hidden)
            fprintf(to, "  %s%*s%s\n", c->usage, (int)(40 - text_width(c->usage)), "", c->summary);
    fprintf(to, "\nIn an application's folder, `fettle` alone is `fettle audit .`\nMore: fettle COMMAND -h\n");
}

static int run(struct cli *cli, const struct command *c, int argc, char **argv)
{
    struct args args = { 0 };
    bool help;
    int rc = args_parse(c, argc, argv, &args, &help);
    if (rc)
        return rc;
    if (help) {
        command_help(c, stdout);
        return EXIT_FINE;
    }
    return c->run(cli, &args);
}

int main(int argc, char **argv)
{
    struct cli cli = { "fettle", colour_on(1), colour_on(2), isatty(2) != 0, columns(), &stop_requested };
    catch_signals();
    if (argc < 2) {
        if (!file_exists("artisan")) {
            overview(stdout);
            return EXIT_FINE;
        }
        return run(&cli, command_find("audit"), 0, argv);
    }
    if (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
        const struct command *c = argc > 2 ? command_find(argv[2]) : NULL;
        if (c)
            command_help(c, stdout);
        else
            overview(stdout);
        return EXIT_FINE;
    }
    if (!strcmp(argv[1], "-V") || !strcmp(argv[1], "--version")) {
        printf("fettle %s\n", FETTLE_VERSION);
        return EXIT_FINE;
    }
    const struct command *c = command_find(argv[1]);
    if (!c) {
        fprintf(stderr, "fettle: there is no command \"%s\"\n\n", argv[1]);
        overview(stderr);
        return EXIT_USAGE;
    }
    return run(&cli, c, argc - 2, argv + 2);
}
