/* The load generator: thousands of WebSocket clients on one thread. What its parts know of each other. */
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure.h"

/* The head of every body: "$:", 16 hex digits of time, 6 of lane, 8 of number. As most of what people write it is neither
   Markdown nor calls a name, which would cost ours more. */
#define MARK 32
#define STEPS 8

struct step {
    char *wait, *send; /* NULL: nothing to wait for, nothing to send */
    bool again;        /* only after a cut */
};

enum state { CLOSED, CONNECTING, SHAKING, OPENING, READY };

struct client {
    /* from the plan */
    char *request, *message;
    struct step steps[STEPS];
    int step_count, port, room, watch;
    bool stays; /* is not cut */
    uint64_t first_version;
    /* of this connection */
    int fd, step, attempts;
    enum state state;
    uint64_t open_at; /* when to connect (again) */
    bool was_cut;
    /* the frame being read */
    unsigned char head[10];
    int head_size, opcode;
    uint64_t left;
    char tail[MARK]; /* the begin of a mark that the last read ended in */
    int tail_size;
    char *text; /* what came, while a step waits */
    size_t text_size;
    unsigned char control[126]; /* payload of a ping or close */
    int control_size;
    /* what the network did not take yet */
    char *unsent;
    size_t unsent_size;
    /* what it said and saw */
    uint32_t sent, seen; /* `seen`: every number up to it */
    uint64_t ahead;      /* bit i: also number seen + 1 + i, before the ones between */
};

extern struct client *clients;
extern int client_count, room_count, ready_count;
extern int poller;
extern uint64_t now; /* CLOCK_MONOTONIC in ns, read once per turn */

/* plan.c */
void read_plan(const char *path);

/* line.c */
void open_line(int index);
void close_line(int index);           /* without a good-bye */
void line_event(int index, unsigned events);
void say(int index, const char *template, const char *body);

/* load.c: what the lines report */
void heard(int index, const char *mark); /* one message; `mark` is MARK bytes long */
void was_lost(int index, int code); /* closed by the other side; 0: without a code */

#endif
