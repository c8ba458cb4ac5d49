/* What a generator measures with: the clock, its own CPU, a histogram of latencies. */
#ifndef MEASURE_H
#define MEASURE_H

#include <stdint.h>

#define SECOND 1000000000ull
#define FINE 128 /* buckets to a doubling: the histogram is exact to 1 % */
#define BUCKETS (64 * FINE)

struct latencies {
    uint64_t count, buckets[BUCKETS];
};

void note_latency(struct latencies *latencies, uint64_t ns);
double latency_ms(const struct latencies *latencies, double share);

uint64_t read_clock(void); /* CLOCK_MONOTONIC in ns */
double cpu_seconds(void);

_Noreturn void fail(const char *format, ...);

#endif
