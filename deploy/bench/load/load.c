/* The load generator: opens what the plan names, writes as told on stdin, and answers in JSON lines.
 *
 *   load PLAN WINDOW RATE BODY_SIZE IN_ORDER
 *     WINDOW    messages outstanding in each room; the next is written when the last one's writer sees it delivered
 *     RATE      messages a second over all rooms instead, if not 0
 *     IN_ORDER  1: rooms have one message outstanding at a time, so that holes and doubles can be told
 *
 *   open N at once · start · mark (begin to measure) · report · stop · status · cut FIRST_DELAY_MS · quit
 */
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#define LOST_AFTER (10 * SECOND)
#define SWEEP_EVERY (SECOND / 5)
#define DELAY_LIMIT (30 * SECOND)
#define RATE_LANES 65536
#define CODES 5000

/* A message under way. With a rate there are many, used in turn. */
struct lane {
    int room, watch;
    uint32_t number;
    uint64_t sent_at;
    bool under_way;
};

struct room {
    int *writers, writer_count, turn;
    uint32_t number; /* of its last message */
};

struct client *clients;
int client_count, room_count, ready_count, poller;
uint64_t now;

static struct room *rooms;
static struct lane *lanes;
static int lane_count, window, body_size, at_once, room_turn, lane_turn;
static double rate;
static bool playing, in_order;
static uint64_t next_at, swept_at, played_from, rate_sent;
static char filler[8192];

/* since `mark` */
static struct {
    uint64_t at, messages, sent, lost, closed, doubled;
    double cpu_s;
    struct latencies deliveries;
} since;
static uint32_t codes[CODES];

/* Writing. */

static void write_message(struct lane *lane) {
    static char body[sizeof filler + MARK + 32];
    struct room *room = &rooms[lane->room];
    int writer = -1;
    for (int tries = 0; writer < 0 && tries < room->writer_count; tries++) {
        int candidate = room->writers[room->turn++ % room->writer_count];
        if (clients[candidate].state == READY) writer = candidate;
    }
    lane->sent_at = read_clock();
    lane->under_way = writer >= 0;
    if (writer < 0) return; /* all cut; the sweep tries again */
    lane->watch = clients[writer].watch;
    lane->number = ++room->number;
    snprintf(body, sizeof body, "$:%016llx%06x%08x%s", (unsigned long long)lane->sent_at, (int)(lane - lanes), lane->number, filler);
    since.sent++;
    say(writer, clients[writer].message, body);
}

static uint64_t hex(const char *text, int digits) {
    uint64_t number = 0;
    while (digits--) {
        char digit = *text++;
        number = number << 4 | (digit <= '9' ? digit - '0' : digit - 'a' + 10);
    }
    return number;
}

/* Until its resume is answered a client may hear what is new before what it missed, and the same once more. */
static void look_at_order(struct client *client, uint32_t number) {
    uint32_t step = number - client->seen - 1;
    bool known = number <= client->seen || (step < 64 && client->ahead >> step & 1);
    if (known) {
        since.doubled += client->state == READY;
        return;
    }
    if (step >= 64) return; /* stays a hole, unless it is told again */
    client->ahead |= 1ull << step;
    for (; client->ahead & 1; client->ahead >>= 1) client->seen++;
}

static uint64_t holes(void) {
    uint64_t count = 0;
    for (int i = 0; i < client_count; i++)
        if (clients[i].ahead) count += 64 - __builtin_clzll(clients[i].ahead) - __builtin_popcountll(clients[i].ahead);
    return count;
}

void heard(int index, const char *mark) {
    uint64_t sent_at = hex(mark + 2, 16);
    uint32_t place = hex(mark + 18, 6), number = hex(mark + 24, 8);
    if (sent_at > now || sent_at < played_from || place >= (unsigned)lane_count) return; /* of somebody else's run */
    if (clients[index].watch != index) return; /* it only writes; another one reads for it */
    note_latency(&since.deliveries, now - sent_at);
    if (in_order) look_at_order(&clients[index], number);
    struct lane *lane = &lanes[place];
    if (lane->watch != index || lane->number != number || !lane->under_way) return;
    lane->under_way = false;
    since.messages++;
    if (playing && !rate) write_message(lane);
}

/* At the wanted rate, late ones at once. */
static void write_what_is_due(void) {
    while (playing && rate && next_at <= now) {
        struct lane *lane = &lanes[lane_turn++ % lane_count];
        lane->room = room_turn++ % room_count;
        write_message(lane);
        next_at = played_from + (uint64_t)(++rate_sent * SECOND / rate);
    }
}

/* Connections. */

static uint64_t some_of(uint64_t limit) { return limit ? ((uint64_t)random() << 31 | random()) % limit : 0; }

void was_lost(int index, int code) {
    struct client *client = &clients[index];
    since.closed++;
    codes[code < CODES ? code : 0]++;
    if (client->open_at) { /* it was opening, or is one that comes back */
        uint64_t most = SECOND << (client->attempts < 5 ? client->attempts : 5);
        client->attempts++;
        client->open_at = now + some_of(most < DELAY_LIMIT ? most : DELAY_LIMIT);
        client->was_cut = true;
    }
}

/* Opens whose time has come, not more than `at_once` under way; counts those under way anew. */
static void open_some(void) {
    int opening_count = 0;
    for (int i = 0; i < client_count; i++) opening_count += clients[i].state != CLOSED && clients[i].state != READY;
    for (int i = 0; i < client_count && opening_count < at_once; i++) {
        if (clients[i].state != CLOSED || !clients[i].open_at || clients[i].open_at > now) continue;
        opening_count++;
        open_line(i);
    }
}

static void cut(double first_delay_ms) {
    for (int i = 0; i < client_count; i++) {
        struct client *client = &clients[i];
        if (client->stays || client->state == CLOSED) continue;
        close_line(i);
        client->was_cut = true;
        client->attempts = 0;
        client->open_at = now + 1 + some_of(first_delay_ms * 1e6);
    }
    at_once = client_count;
}

static void sweep(void) {
    if (now - swept_at < SWEEP_EVERY) return;
    swept_at = now;
    for (int i = 0; playing && i < lane_count; i++) {
        bool lost = lanes[i].under_way && now - lanes[i].sent_at > LOST_AFTER;
        since.lost += lost;
        lanes[i].under_way &= !lost;
        if (!rate && !lanes[i].under_way) write_message(&lanes[i]); /* also one that found no writer before */
    }
}

/* Commands. */

static void make_lanes(void) {
    rooms = calloc(room_count, sizeof *rooms);
    for (int i = 0; i < client_count; i++) rooms[clients[i].room].writer_count += clients[i].message != NULL;
    for (int i = 0; i < room_count; i++) rooms[i].writers = calloc(rooms[i].writer_count + 1, sizeof(int)), rooms[i].writer_count = 0;
    for (int i = 0; i < client_count; i++) {
        struct room *room = &rooms[clients[i].room];
        if (clients[i].message) room->writers[room->writer_count++] = i;
    }
    lane_count = rate ? RATE_LANES : room_count * window;
    lanes = calloc(lane_count + 1, sizeof *lanes);
    for (int i = 0; i < lane_count; i++) lanes[i].room = i % room_count, lanes[i].watch = -1;
}

static void mark(void) {
    memset(&since, 0, sizeof since);
    since.at = now;
    since.cpu_s = cpu_seconds();
    puts("{\"marked\": true}");
}

static void report(void) {
    printf("{\"deliveries\": %lu, \"messages\": %lu, \"sent\": %lu, ", since.deliveries.count, since.messages, since.sent);
    printf("\"lost\": %lu, \"closed\": %lu, \"doubled\": %lu, ", since.lost, since.closed, since.doubled);
    printf("\"skipped\": %lu, \"p50_ms\": %.4f, \"p99_ms\": %.4f, ", holes(), latency_ms(&since.deliveries, 0.5), latency_ms(&since.deliveries, 0.99));
    printf("\"cpu_s\": %.4f, \"seconds\": %.4f}\n", cpu_seconds() - since.cpu_s, (now - since.at) / 1e9);
}

static void status(void) {
    int whole = 0;
    for (int i = 0; i < client_count; i++)
        whole += clients[i].state == READY && clients[i].seen == rooms[clients[i].room].number;
    printf("{\"ready\": %d, \"whole\": %d, \"codes\": {", ready_count, whole);
    const char *comma = "";
    for (int i = 0; i < CODES; i++)
        if (codes[i]) printf("%s\"%d\": %u", comma, i, codes[i]), comma = ", ";
    puts("}}");
}

static void open_all(int limit) {
    at_once = limit;
    for (int i = 0; i < client_count; i++) clients[i].open_at = clients[i].open_at ? clients[i].open_at : now;
    puts("{\"opening\": true}");
}

static void start(void) {
    playing = true;
    next_at = played_from = now;
    for (int i = 0; !rate && i < lane_count; i++) write_message(&lanes[i]);
    puts("{\"playing\": true}");
}

static void obey(char *line) {
    char *word = strtok(line, " \n"), *value = strtok(NULL, " \n");
    double number = value ? atof(value) : 0;
    if (!word || !strcmp(word, "quit")) exit(0);
    else if (!strcmp(word, "open")) open_all(number);
    else if (!strcmp(word, "start")) start();
    else if (!strcmp(word, "mark")) mark();
    else if (!strcmp(word, "report")) report();
    else if (!strcmp(word, "status")) status();
    else if (!strcmp(word, "stop")) playing = false, puts("{\"playing\": false}");
    else if (!strcmp(word, "cut")) cut(number), puts("{\"cut\": true}");
    else fail("what is %s?", word);
    fflush(stdout);
}

static void read_command(void) {
    static char line[256];
    ssize_t size = read(STDIN_FILENO, line, sizeof line - 1);
    if (size <= 0) exit(0); /* whoever started us is gone */
    line[size] = 0;
    obey(line);
}

static void turn(void) {
    static struct epoll_event events[512];
    static int last_ready = -1;
    uint64_t wait = SECOND / 100;
    if (playing && rate) wait = next_at > now ? next_at - now : 0;
    if (wait > SECOND / 100) wait = SECOND / 100;
    struct timespec timeout = {.tv_nsec = wait};
    int count = epoll_pwait2(poller, events, 512, &timeout, NULL);
    now = read_clock();
    for (int i = 0; i < count; i++) {
        if (events[i].data.u32 == UINT32_MAX) read_command();
        else line_event(events[i].data.u32, events[i].events), now = read_clock();
    }
    write_what_is_due();
    sweep();
    if (ready_count < client_count && at_once && (ready_count != last_ready || !count)) last_ready = ready_count, open_some();
}

int main(int count, char **values) {
    if (count != 6) fail("usage: load PLAN WINDOW RATE BODY_SIZE IN_ORDER");
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    window = atoi(values[2]), rate = atof(values[3]), body_size = atoi(values[4]), in_order = atoi(values[5]);
    if (body_size <= MARK || body_size >= (int)sizeof filler) fail("a body of %d", body_size);
    for (int i = 0; i < body_size - MARK; i++) filler[i] = "the quick brown fox jumps over the lazy dog "[i % 44];
    now = read_clock();
    srandom(now ^ getpid());
    read_plan(values[1]);
    make_lanes();
    poller = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = UINT32_MAX};
    epoll_ctl(poller, EPOLL_CTL_ADD, STDIN_FILENO, &event);
    for (;;) turn();
}
