/* The clock, the process's own CPU, and latencies in a histogram of even relative width. */
#include "measure.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

_Noreturn void fail(const char *format, ...) {
    va_list values;
    va_start(values, format);
    vfprintf(stderr, format, values);
    fputc('\n', stderr);
    exit(2);
}

uint64_t read_clock(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * SECOND + time.tv_nsec;
}

double cpu_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static int bucket_of(uint64_t us) {
    if (us < FINE) return us;
    int doubling = 63 - __builtin_clzll(us) - 7;
    return (doubling + 1) * FINE + (int)(us >> doubling) - FINE;
}

static double value_of(int bucket) {
    if (bucket < FINE) return bucket + 0.5;
    int doubling = bucket / FINE - 1;
    return ((uint64_t)(bucket % FINE + FINE) << doubling) + (1ull << doubling) / 2.0;
}

void note_latency(struct latencies *latencies, uint64_t ns) {
    latencies->count++;
    latencies->buckets[bucket_of(ns / 1000)]++;
}

double latency_ms(const struct latencies *latencies, double share) {
    uint64_t wanted = ceil(latencies->count * share), count = 0;
    for (int i = 0; i < BUCKETS; i++)
        if ((count += latencies->buckets[i]) >= wanted && count) return value_of(i) / 1000;
    return 0;
}
