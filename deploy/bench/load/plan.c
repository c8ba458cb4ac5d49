/* Reads the plan: one word and its values a line, separated by tabs, with \r \n \t \\ escaped.
 *
 *   client PORT ROOM WATCH STAYS FIRST_VERSION    a new client; WATCH sees its messages delivered (-1: itself)
 *   request TEXT                                  its handshake
 *   step AGAIN WAIT SEND                          one step of its opening
 *   message TEXT                                  what it writes; without one it only reads
 * A value "=" of request and message means: as the client before.
 */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *unescaped(char *text) {
    char *to = text;
    for (char *from = text; *from; from++) {
        if (*from == '\\' && from[1]) {
            from++;
            *to++ = *from == 'r' ? '\r' : *from == 'n' ? '\n' : *from == 't' ? '\t' : *from;
        } else {
            *to++ = *from;
        }
    }
    *to = 0;
    return strdup(text);
}

static char *value(char **rest) {
    char *found = strsep(rest, "\t");
    if (!found) fail("plan: a value is missing");
    return found;
}

static char *some(char *text) { return *text ? unescaped(text) : NULL; }

static struct client *new_client(char *rest) {
    static int room_for;
    if (client_count == room_for) {
        room_for = room_for ? room_for * 2 : 1024;
        clients = realloc(clients, room_for * sizeof *clients);
        if (!clients) fail("no memory");
    }
    struct client *client = &clients[client_count++];
    memset(client, 0, sizeof *client);
    client->fd = -1;
    client->port = atoi(value(&rest));
    client->room = atoi(value(&rest));
    client->watch = atoi(value(&rest));
    client->stays = atoi(value(&rest));
    client->first_version = strtoull(value(&rest), NULL, 10);
    if (client->watch < 0) client->watch = client_count - 1;
    if (client->room >= room_count) room_count = client->room + 1;
    return client;
}

static void add_step(struct client *client, char *rest) {
    if (client->step_count == STEPS) fail("plan: more than %d steps", STEPS);
    struct step *step = &client->steps[client->step_count++];
    step->again = atoi(value(&rest));
    step->wait = some(value(&rest));
    step->send = some(value(&rest));
}

void read_plan(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file) fail("cannot read the plan %s", path);
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    struct client *client = NULL;
    while ((length = getline(&line, &size, file)) > 0) {
        if (line[length - 1] == '\n') line[length - 1] = 0;
        char *rest = line, *word = strsep(&rest, "\t");
        struct client *before = client_count > 1 ? &clients[client_count - 2] : NULL;
        if (!strcmp(word, "client")) client = new_client(rest);
        else if (!client) fail("plan: %s before the first client", word);
        else if (!strcmp(word, "request")) client->request = before && !strcmp(rest, "=") ? before->request : unescaped(rest);
        else if (!strcmp(word, "message")) client->message = before && !strcmp(rest, "=") ? before->message : unescaped(rest);
        else if (!strcmp(word, "step")) add_step(client, rest);
        else fail("plan: what is %s?", word);
    }
    free(line);
    fclose(file);
    for (int i = 0; i < client_count; i++)
        if (clients[i].watch >= client_count) fail("plan: client %d is watched by nobody", i);
}
