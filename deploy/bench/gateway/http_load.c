/* The generator of requests: keep-alive connections that ask over and over, and check each answer.
 *
 *   http_load PORT CONNECTIONS RATE STATUS REQUEST
 *     RATE      requests a second over all connections, at their time; 0: each connection asks again at once
 *     STATUS    of every right answer
 *     REQUEST   the file with the request's bytes; what stands for NUMBER in it is written anew each time, and a right
 *               answer's body says it again: so no answer is another request's
 *
 *   mark (begin to measure) · report · stop · quit
 *
 * With a rate, latency counts from when the request was due: a server that stalls pays for those that had to wait.
 */
#include "../load/measure.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define NUMBER "########"
#define DIGITS 8
#define ANSWER_LIMIT (1 << 20)
#define WAIT_LIMIT (SECOND / 100)

struct connection {
    int fd;
    bool asking;
    uint64_t asked_at; /* or due at */
    char number[DIGITS + 1];
    char answer[ANSWER_LIMIT];
    size_t size, head_size, whole_size; /* of the answer: so far, of its head, of all of it; 0: not known yet */
};

static struct connection *connections;
static int connection_count, poller, status;
static char *request;
static size_t request_size, number_at;
static double rate;
static bool stopped;
static uint64_t now, began_at, due_count, number;

/* since `mark` */
static struct {
    uint64_t at, wrong, closed;
    double cpu_s;
    struct latencies answers;
} since;

static void read_request(const char *path) {
    static char text[ANSWER_LIMIT];
    FILE *file = fopen(path, "r");
    if (!file) fail("cannot read the request %s", path);
    request_size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    request = text;
    char *place = strstr(text, NUMBER);
    if (!place) fail("no " NUMBER " in the request");
    number_at = place - text;
}

static void open_connection(struct connection *connection, int port) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    connection->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(connection->fd, (struct sockaddr *)&to, sizeof to)) fail("connect: %s", strerror(errno));
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = connection - connections};
    epoll_ctl(poller, EPOLL_CTL_ADD, connection->fd, &event);
}

static void ask(struct connection *connection, uint64_t at) {
    snprintf(connection->number, sizeof connection->number, "%08x", (unsigned)++number);
    memcpy(request + number_at, connection->number, DIGITS);
    connection->size = connection->head_size = connection->whole_size = 0;
    connection->asked_at = at;
    connection->asking = true;
    /* A request is far smaller than what a line takes in, so it goes in one piece; if not, the line is broken. */
    ssize_t sent = send(connection->fd, request, request_size, MSG_NOSIGNAL);
    if (sent >= 0 && (size_t)sent != request_size) fail("a request was taken in part");
}

/* Finds where the answer ends; answers false while that is not known. */
static bool read_head(struct connection *connection) {
    char *end = memmem(connection->answer, connection->size, "\r\n\r\n", 4);
    if (!end) return false;
    *end = 0;
    connection->head_size = end + 4 - connection->answer;
    char *length = strcasestr(connection->answer, "\r\ncontent-length:");
    if (!length) fail("an answer does not say its length:\n%s", connection->answer);
    connection->whole_size = connection->head_size + strtoul(length + 17, NULL, 10);
    if (connection->whole_size > ANSWER_LIMIT) fail("an answer of %zu bytes", connection->whole_size);
    return true;
}

static bool is_right(const struct connection *connection) {
    /* In the body, or as the request's id in the head. */
    return connection->size == connection->whole_size && atoi(connection->answer + 9) == status &&
           memmem(connection->answer, connection->whole_size, connection->number, DIGITS);
}

static void lose(struct connection *connection) {
    since.closed++;
    close(connection->fd);
    connection->fd = -1;
    connection->asking = false;
}

static void hear(struct connection *connection) {
    ssize_t size = recv(connection->fd, connection->answer + connection->size, ANSWER_LIMIT - connection->size, 0);
    if (size <= 0 || !connection->asking) {
        lose(connection);
        return;
    }
    connection->size += size;
    if (!connection->whole_size && !read_head(connection)) return;
    if (connection->size < connection->whole_size) return;
    now = read_clock();
    if (is_right(connection)) note_latency(&since.answers, now - connection->asked_at);
    else since.wrong++;
    connection->asking = false;
    if (!rate && !stopped) ask(connection, now);
}

/* Each at its time, or as soon as a connection is free. */
static void ask_what_is_due(void) {
    for (int i = 0; i < connection_count; i++) {
        uint64_t due_at = began_at + due_count * SECOND / rate;
        if (due_at > now) return;
        if (connections[i].asking || connections[i].fd < 0) continue;
        due_count++;
        ask(&connections[i], due_at);
    }
}

static void mark(void) {
    memset(&since, 0, sizeof since);
    since.at = now;
    since.cpu_s = cpu_seconds();
    puts("{\"marked\": true}");
}

static void report(void) {
    const struct latencies *answers = &since.answers;
    int under_way = 0;
    for (int i = 0; i < connection_count; i++) under_way += connections[i].asking;
    printf("{\"requests\": %lu, \"wrong\": %lu, \"closed\": %lu, ", answers->count, since.wrong, since.closed);
    printf("\"under_way\": %d, ", under_way);
    printf("\"p50_ms\": %.4f, \"p99_ms\": %.4f, ", latency_ms(answers, 0.5), latency_ms(answers, 0.99));
    printf("\"cpu_s\": %.4f, \"seconds\": %.4f}\n", cpu_seconds() - since.cpu_s, (now - since.at) / 1e9);
}

static void read_command(void) {
    static char line[64];
    ssize_t size = read(STDIN_FILENO, line, sizeof line - 1);
    if (size <= 0) exit(0); /* whoever started us is gone */
    line[size] = 0;
    line[strcspn(line, "\n")] = 0;
    if (!strcmp(line, "mark")) mark();
    else if (!strcmp(line, "report")) report();
    else if (!strcmp(line, "stop")) stopped = true, puts("{\"stopped\": true}");
    else if (!strcmp(line, "quit")) exit(0);
    else fail("what is %s?", line);
    fflush(stdout);
}

static void turn(void) {
    static struct epoll_event events[512];
    uint64_t due_at = rate ? began_at + due_count * SECOND / rate : 0;
    bool is_sooner = due_at > now && due_at - now < WAIT_LIMIT; /* one that is due already waits for a connection */
    struct timespec timeout = {.tv_nsec = is_sooner ? due_at - now : WAIT_LIMIT};
    int count = epoll_pwait2(poller, events, 512, &timeout, NULL);
    now = read_clock();
    for (int i = 0; i < count; i++) {
        if (events[i].data.u32 == UINT32_MAX) read_command();
        else hear(&connections[events[i].data.u32]);
    }
    if (rate && !stopped) ask_what_is_due();
}

int main(int count, char **values) {
    if (count != 6) fail("usage: http_load PORT CONNECTIONS RATE STATUS REQUEST");
    connection_count = atoi(values[2]), rate = atof(values[3]), status = atoi(values[4]);
    read_request(values[5]);
    prctl(PR_SET_TIMERSLACK, 1); /* the kernel would be 50 µs late, to save energy */
    poller = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = UINT32_MAX};
    epoll_ctl(poller, EPOLL_CTL_ADD, STDIN_FILENO, &event);
    connections = calloc(connection_count, sizeof *connections);
    for (int i = 0; i < connection_count; i++) open_connection(&connections[i], atoi(values[1]));
    now = began_at = read_clock();
    for (int i = 0; !rate && i < connection_count; i++) ask(&connections[i], now);
    for (;;) turn();
}
