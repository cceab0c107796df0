/* Two processes that speak through libzmq over tcp on loopback, as the ends of bench `links` speak through ours: XPUB to SUB, both ways.
 *
 *     cc -O2 libzmq.c -o links-libzmq -lzmq
 *
 * or, with a shared library that stands elsewhere, its path instead of `-lzmq`, and `-Wl,-rpath,FOLDER`. It needs no header: what is used of
 * the API of libzmq 4 is declared here. `links-libzmq null|curve ROUNDTRIPS SIZE:COUNT:WINDOW..` prints a line of numbers for each measure. */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

void *zmq_ctx_new(void);
int zmq_has(const char *capability);
int zmq_errno(void);
const char *zmq_strerror(int error);
void *zmq_socket(void *context, int type);
int zmq_setsockopt(void *socket, int option, const void *value, size_t length);
int zmq_getsockopt(void *socket, int option, void *value, size_t *length);
int zmq_bind(void *socket, const char *address);
int zmq_connect(void *socket, const char *address);
int zmq_send(void *socket, const void *bytes, size_t length, int flags);
int zmq_recv(void *socket, void *bytes, size_t length, int flags);
int zmq_curve_keypair(char *public_key, char *secret_key);

enum { SUB = 2, XPUB = 9 };
enum { SUBSCRIBE = 6, SNDHWM = 23, RCVHWM = 24, LAST_ENDPOINT = 32, CURVE_SERVER = 47, CURVE_PUBLICKEY = 48, CURVE_SECRETKEY = 49, CURVE_SERVERKEY = 50 };

struct keys {
    char public_key[41], secret_key[41];
};
struct ends {
    void *out, *in;
};

static char *buffer;
static size_t largest = 1 << 21;

static void need(int good, const char *what) {
    if (good) return;
    fprintf(stderr, "%s: %s\n", what, zmq_strerror(zmq_errno()));
    exit(1);
}

static double clock_of(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

/* A socket that binds and publishes; its address goes to `address`. */
static void *publishes(void *context, const struct keys *own, char *address) {
    void *socket = zmq_socket(context, XPUB);
    int none = 0, one = 1;
    size_t length = 128;
    zmq_setsockopt(socket, SNDHWM, &none, sizeof none);
    if (own) {
        need(zmq_setsockopt(socket, CURVE_SERVER, &one, sizeof one) == 0, "curve");
        need(zmq_setsockopt(socket, CURVE_SECRETKEY, own->secret_key, 40) == 0, "key");
    }
    need(zmq_bind(socket, "tcp://127.0.0.1:*") == 0, "bind");
    need(zmq_getsockopt(socket, LAST_ENDPOINT, address, &length) == 0, "address");
    return socket;
}

static void *hears(void *context, const struct keys *own, const struct keys *other, const char *address) {
    void *socket = zmq_socket(context, SUB);
    int none = 0;
    zmq_setsockopt(socket, RCVHWM, &none, sizeof none);
    if (own) {
        need(zmq_setsockopt(socket, CURVE_PUBLICKEY, own->public_key, 40) == 0, "key");
        need(zmq_setsockopt(socket, CURVE_SECRETKEY, own->secret_key, 40) == 0, "key");
        need(zmq_setsockopt(socket, CURVE_SERVERKEY, other->public_key, 40) == 0, "key");
    }
    need(zmq_setsockopt(socket, SUBSCRIBE, "", 0) == 0, "subscribe");
    need(zmq_connect(socket, address) == 0, "connect");
    return socket;
}

static size_t hear(void *socket) {
    int length = zmq_recv(socket, buffer, largest, 0);
    need(length >= 0, "recv");
    return (size_t)length;
}

static void say(void *socket, const void *bytes, size_t length) {
    need(zmq_send(socket, bytes, length, 0) >= 0, "send");
}

/* The first byte says what it is: `p` is sent back, `b` begins a load (how often to acknowledge), `l` belongs to it, `e` is its last. */
static void far_end(struct ends ends) {
    uint64_t count = 0, every = 1;
    buffer[0] = 'h';
    say(ends.out, buffer, 1);
    for (;;) {
        size_t length = hear(ends.in);
        char kind = buffer[0];
        if (kind == 'p') {
            say(ends.out, buffer, length);
        } else if (kind == 'b') {
            memcpy(&every, buffer + 1, sizeof every);
            count = 0;
        } else if (kind == 'l' || kind == 'e') {
            count++;
            if (kind == 'e' || count % every == 0) say(ends.out, &count, sizeof count);
        }
    }
}

static int ascending(const void *one, const void *other) {
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

static void round_trips(struct ends ends, int count) {
    double *times = malloc(sizeof *times * (size_t)count);
    char ping[64] = "p";
    for (int i = -count / 5; i < count; i++) {
        double begin = clock_of(CLOCK_MONOTONIC);
        say(ends.out, ping, sizeof ping);
        hear(ends.in);
        if (i >= 0) times[i] = clock_of(CLOCK_MONOTONIC) - begin;
    }
    qsort(times, (size_t)count, sizeof *times, ascending);
    printf("%.9f %.9f\n", times[count / 2], times[(size_t)count * 99 / 100]);
}

static void load(struct ends ends, size_t size, uint64_t count, uint64_t window, clockid_t far_clock) {
    char *bytes = calloc(1, size), begins[9] = "b";
    uint64_t every = window / 4, acknowledged = 0;
    memcpy(begins + 1, &every, sizeof every);
    say(ends.out, begins, sizeof begins);
    double cpu = clock_of(CLOCK_PROCESS_CPUTIME_ID) + clock_of(far_clock), begin = clock_of(CLOCK_MONOTONIC);
    for (uint64_t sent = 0; sent < count; sent++) {
        bytes[0] = sent + 1 == count ? 'e' : 'l';
        while (sent - acknowledged >= window) {
            hear(ends.in);
            memcpy(&acknowledged, buffer, sizeof acknowledged);
        }
        say(ends.out, bytes, size);
    }
    while (acknowledged < count) {
        hear(ends.in);
        memcpy(&acknowledged, buffer, sizeof acknowledged);
    }
    double taken = clock_of(CLOCK_MONOTONIC) - begin;
    printf("%.9f %.9f\n", taken, clock_of(CLOCK_PROCESS_CPUTIME_ID) + clock_of(far_clock) - cpu);
    free(bytes);
}

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    int curve = strcmp(argv[1], "curve") == 0;
    if (curve && !zmq_has("curve")) {
        fprintf(stderr, "this libzmq has no CURVE\n");
        return 3;
    }
    struct keys keys[2];
    for (int i = 0; i < 2 && curve; i++) need(zmq_curve_keypair(keys[i].public_key, keys[i].secret_key) == 0, "keys");
    struct keys *near_keys = curve ? &keys[0] : NULL, *far_keys = curve ? &keys[1] : NULL;
    int to_far[2], to_near[2];
    need(pipe(to_far) == 0 && pipe(to_near) == 0, "pipe");
    buffer = malloc(largest);
    char ours[128] = "", theirs[128] = "";
    pid_t far_pid = fork();
    void *context = zmq_ctx_new();
    struct ends ends;
    if (far_pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        ends.out = publishes(context, far_keys, ours);
        need(write(to_near[1], ours, sizeof ours) > 0 && read(to_far[0], theirs, sizeof theirs) > 0, "pipe");
        ends.in = hears(context, far_keys, near_keys, theirs);
        /* Subscribed to: the other side hears from now on. */
        hear(ends.out);
        far_end(ends);
        return 0;
    }
    ends.out = publishes(context, near_keys, ours);
    need(write(to_far[1], ours, sizeof ours) > 0 && read(to_near[0], theirs, sizeof theirs) > 0, "pipe");
    ends.in = hears(context, near_keys, far_keys, theirs);
    hear(ends.out);
    hear(ends.in);
    clockid_t far_clock;
    need(clock_getcpuclockid(far_pid, &far_clock) == 0, "clock");
    round_trips(ends, atoi(argv[2]));
    for (int i = 3; i < argc; i++) {
        unsigned long size = 0, count = 0, window = 0;
        if (sscanf(argv[i], "%lu:%lu:%lu", &size, &count, &window) != 3 || size > largest || size < 1) return 2;
        load(ends, size, count, window, far_clock);
    }
    fflush(stdout);
    kill(far_pid, SIGKILL);
    _exit(0);
}
