/* One client's line: connecting, the handshake, frames both ways. Counts messages in whatever frames they come. */
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOURCES 10 /* 127.0.0.2 …: one address has 28,000 ports, and closed ones rest for a minute */
#define TEXT_LIMIT (1 << 20)

enum { TEXT = 1, CLOSE = 8, PING = 9, PONG = 10 };

void open_line(int index) {
    struct client *client = &clients[index];
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (client->fd < 0) fail("socket: %s", strerror(errno));
    int on = 1;
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(client->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000002 + index % SOURCES)};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(client->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(client->fd, (struct sockaddr *)&from, sizeof from)) fail("bind: %s", strerror(errno));
    client->state = CONNECTING;
    client->step = client->head_size = client->tail_size = client->control_size = 0;
    client->left = client->text_size = client->unsent_size = 0;
    if (connect(client->fd, (struct sockaddr *)&to, sizeof to) && errno != EINPROGRESS) {
        was_lost(index, 0);
        return;
    }
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.u32 = index};
    epoll_ctl(poller, EPOLL_CTL_ADD, client->fd, &event);
}

void close_line(int index) {
    struct client *client = &clients[index];
    struct linger hard = {.l_onoff = 1}; /* a reset, as a line that is cut gives, and no port that rests */
    setsockopt(client->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close(client->fd);
    if (client->state == READY) ready_count--;
    client->fd = -1;
    client->state = CLOSED;
    free(client->text);
    free(client->unsent);
    client->text = client->unsent = NULL;
    client->text_size = client->unsent_size = 0;
}

static void lose(int index, int code) {
    close_line(index);
    was_lost(index, code);
}

static void watch_writing(int index, bool wanted) {
    struct epoll_event event = {.events = EPOLLIN | (wanted ? EPOLLOUT : 0), .data.u32 = index};
    epoll_ctl(poller, EPOLL_CTL_MOD, clients[index].fd, &event);
}

/* A broken line shows itself at the next read. */
static void put(int index, const char *data, size_t size) {
    struct client *client = &clients[index];
    ssize_t done = client->unsent_size ? 0 : send(client->fd, data, size, MSG_NOSIGNAL);
    if (done < 0) done = 0;
    if ((size_t)done == size) return;
    client->unsent = realloc(client->unsent, client->unsent_size + size - done);
    if (!client->unsent) fail("no memory");
    memcpy(client->unsent + client->unsent_size, data + done, size - done);
    client->unsent_size += size - done;
    watch_writing(index, true);
}

static void put_rest(int index) {
    struct client *client = &clients[index];
    ssize_t done = send(client->fd, client->unsent, client->unsent_size, MSG_NOSIGNAL);
    if (done <= 0) return;
    client->unsent_size -= done;
    memmove(client->unsent, client->unsent + done, client->unsent_size);
    if (!client->unsent_size) watch_writing(index, false);
}

static void put_frame(int index, int opcode, const char *data, size_t size) {
    static char frame[1 << 17];
    size_t at = 0;
    if (size > sizeof frame - 14) fail("a frame of %zu bytes", size);
    frame[at++] = 0x80 | opcode;
    if (size < 126) {
        frame[at++] = 0x80 | size;
    } else if (size < 65536) {
        frame[at++] = 0x80 | 126;
        frame[at++] = size >> 8;
        frame[at++] = size;
    } else {
        frame[at++] = 0x80 | 127;
        for (int shift = 56; shift >= 0; shift -= 8) frame[at++] = (uint64_t)size >> shift;
    }
    uint32_t key = random();
    memcpy(frame + at, &key, 4);
    at += 4;
    for (size_t i = 0; i < size; i++) frame[at + i] = data[i] ^ ((char *)&key)[i & 3];
    put(index, frame, at + size);
}

/* Writes what stands for a placeholder at `in`, and answers its length; 0: there is none. */
static int fill(struct client *client, const char *in, const char *body, char **out, size_t limit) {
    if (!strncmp(in, "%BODY%", 6)) return *out += snprintf(*out, limit, "%s", body), 6;
    if (!strncmp(in, "%MARK%", 6)) return *out += snprintf(*out, limit, "%.*s", MARK, body), 6;
    if (!strncmp(in, "%COUNT%", 7)) return *out += snprintf(*out, limit, "%u", client->sent), 7;
    if (!strncmp(in, "%VERSION%", 9))
        return *out += snprintf(*out, limit, "%llu", (unsigned long long)(client->first_version + client->seen)), 9;
    if (!strncmp(in, "%UUID%", 6)) {
        unsigned a = random(), b = random(), c = random(), d = random();
        return *out += snprintf(*out, limit, "%08x-%04x-4%03x-8%03x-%04x%08x", a, b & 0xffff, c & 0xfff, c >> 12 & 0xfff, b >> 16 & 0xffff, d), 6;
    }
    return 0;
}

void say(int index, const char *template, const char *body) {
    static char text[1 << 16];
    char *out = text, *end = text + sizeof text - 1024;
    clients[index].sent++;
    while (*template && out < end) {
        int taken = *template == '%' ? fill(&clients[index], template, body, &out, end + 1024 - out) : 0;
        if (taken) template += taken;
        else *out++ = *template++;
    }
    put_frame(index, TEXT, text, out - text);
}

static void take_steps(int index) {
    struct client *client = &clients[index];
    for (; client->step < client->step_count; client->step++) {
        struct step *step = &client->steps[client->step];
        if (step->again && !client->was_cut) continue;
        if (step->wait) {
            char *found = client->text_size ? memmem(client->text, client->text_size, step->wait, strlen(step->wait)) : NULL;
            if (!found) return;
            client->text_size -= found + strlen(step->wait) - client->text;
            memmove(client->text, found + strlen(step->wait), client->text_size);
        }
        if (step->send) say(index, step->send, "");
    }
    client->state = READY;
    client->attempts = 0;
    ready_count++;
    free(client->text);
    client->text = NULL;
    client->text_size = 0;
}

static void keep_text(struct client *client, const char *data, size_t size) {
    if (client->text_size + size > TEXT_LIMIT) fail("a client waits for what does not come");
    client->text = realloc(client->text, client->text_size + size);
    if (!client->text) fail("no memory");
    memcpy(client->text + client->text_size, data, size);
    client->text_size += size;
}

static void find_marks(int index, const char *data, size_t size) {
    struct client *client = &clients[index];
    const char *at = data, *end = data + size;
    if (client->tail_size) {
        size_t some = MARK - client->tail_size;
        if (some > size) some = size;
        memcpy(client->tail + client->tail_size, data, some);
        client->tail_size += some;
        if (client->tail_size < MARK) return;
        client->tail_size = 0;
        if (client->tail[1] == ':') heard(index, client->tail);
    }
    while ((at = memchr(at, '$', end - at))) {
        if (end - at < MARK) {
            client->tail_size = end - at;
            memcpy(client->tail, at, end - at);
            return;
        }
        if (at[1] == ':') heard(index, at), at += MARK;
        else at++;
    }
}

/* Answers how many bytes of `data` belong to the head. */
static size_t read_head(struct client *client, const unsigned char *data, size_t size) {
    size_t used = 0;
    while (used < size) {
        client->head[client->head_size++] = data[used++];
        if (client->head_size < 2) continue;
        int length = client->head[1] & 127, whole = length == 127 ? 10 : length == 126 ? 4 : 2;
        if (client->head_size < whole) continue;
        client->left = length < 126 ? length : 0;
        for (int i = 2; i < whole; i++) client->left = client->left << 8 | client->head[i];
        client->opcode = client->head[0] & 15;
        client->control_size = 0;
        return used;
    }
    return used;
}

/* Answers false if the line has ended. */
static bool end_of_frame(int index) {
    struct client *client = &clients[index];
    int whole = (client->head[1] & 127) == 127 ? 10 : (client->head[1] & 127) == 126 ? 4 : 2;
    if (client->head_size < whole || client->left) return true;
    client->head_size = 0;
    if (client->opcode == PING) put_frame(index, PONG, (char *)client->control, client->control_size);
    if (client->opcode == CLOSE) {
        lose(index, client->control_size >= 2 ? client->control[0] << 8 | client->control[1] : 1005);
        return false;
    }
    /* Engine.IO's own ping is the text "2". */
    if (client->opcode == TEXT && client->control_size == 1 && client->control[0] == '2') put_frame(index, TEXT, "3", 1);
    if (client->state == OPENING) take_steps(index);
    return true;
}

static void read_frames(int index, const char *data, size_t size) {
    struct client *client = &clients[index];
    while (size) {
        if (!client->left) {
            size_t used = read_head(client, (const unsigned char *)data, size);
            data += used, size -= used;
        } else {
            size_t part = client->left < size ? client->left : size;
            bool is_short = client->opcode >= 8 || (client->head[1] & 127) == 1;
            for (size_t i = 0; is_short && i < part && client->control_size < 125; i++)
                client->control[client->control_size++] = data[i];
            client->left -= part;
            if (client->opcode < 8) {
                if (client->state == OPENING) keep_text(client, data, part);
                find_marks(index, data, part);
            }
            data += part, size -= part;
        }
        if (!end_of_frame(index)) return;
    }
}

static void read_answer(int index, const char *data, size_t size) {
    struct client *client = &clients[index];
    keep_text(client, data, size);
    char *end = memmem(client->text, client->text_size, "\r\n\r\n", 4);
    if (!end) return;
    if (client->text_size < 12 || memcmp(client->text + 9, "101", 3)) {
        lose(index, atoi(client->text + 9));
        return;
    }
    static char rest[1 << 18];
    size_t rest_size = client->text + client->text_size - (end + 4);
    memcpy(rest, end + 4, rest_size);
    client->text_size = 0;
    client->state = OPENING;
    take_steps(index);
    read_frames(index, rest, rest_size);
}

void line_event(int index, unsigned events) {
    static char data[1 << 18];
    struct client *client = &clients[index];
    if (client->fd < 0) return;
    if (client->state == CONNECTING && events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) {
        int problem = 0;
        socklen_t size = sizeof problem;
        getsockopt(client->fd, SOL_SOCKET, SO_ERROR, &problem, &size);
        if (problem) {
            lose(index, 0);
            return;
        }
        client->state = SHAKING;
        watch_writing(index, false);
        put(index, client->request, strlen(client->request));
    } else if (events & EPOLLOUT && client->unsent_size) {
        put_rest(index);
    }
    if (!(events & (EPOLLIN | EPOLLERR | EPOLLHUP))) return;
    ssize_t size = recv(client->fd, data, sizeof data, 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size <= 0) lose(index, 0);
    else if (client->state == SHAKING) read_answer(index, data, size);
    else read_frames(index, data, size);
}
