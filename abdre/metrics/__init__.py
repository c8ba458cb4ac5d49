"""Every metric there is: what each process counts and measures of itself, for Prometheus, once it is given a port.

Dashboards and alerts are built on these names: to change one is to break them. No label says who, which chat, or what
was asked for: a route is its pattern, and every label has few values.
"""

from abdre.metrics.kinds import Counter, Gauge, Histogram
from abdre.metrics.kinds import is_on as is_on

# Where the targets lie (a page within 1.5 s, a message within some milliseconds), and a few steps around them.
REQUEST_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
MESSAGE_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
JOB_S = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0)
BATCH = (1, 2, 4, 8, 16, 32, 64, 128, 256)
SOCKETS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)

BUILD_INFO = Gauge("abdre_build_info", "1, with the role and its release", labels=("role", "version"), across="livemax")
READY = Gauge(
    "abdre_ready", "Of each need of the role: 1 it is there, 0 it is lacking", labels=("check",), across="livemin"
)

HTTP_REQUESTS = Counter(
    "abdre_http_requests_total",
    "Requests answered, but for probes; sockets, as they end, with the method WS",
    labels=("method", "route", "status"),
)
HTTP_SECONDS = Histogram(
    "abdre_http_request_duration_seconds",
    "From a request's head to the end of its answer",
    labels=("method", "route"),
    buckets=REQUEST_S,
)
HTTP_IN_PROGRESS = Gauge("abdre_http_requests_in_progress", "Requests that are being answered", across="livesum")

UPSTREAM_REQUESTS = Counter(
    "abdre_upstream_requests_total",
    "Questions to services: ok, error (answered with 5xx), timeout, away (not reached, or known to be away)",
    labels=("upstream", "outcome"),
)
UPSTREAM_SECONDS = Histogram(
    "abdre_upstream_request_duration_seconds",
    "From a question to the head of the service's answer",
    labels=("upstream",),
    buckets=REQUEST_S,
)
UPSTREAM_BREAKER = Gauge(
    "abdre_upstream_breaker_state",
    "Of each address of a service: 0 closed (all is well), 1 half-opened (tried), 2 opened (left alone)",
    labels=("upstream", "address"),
    across="livemax",
)

POOL_CONNECTIONS = Gauge(
    "abdre_database_pool_connections",
    "Connections to PostgreSQL that are open, those of them that are idle, and who is waiting for one",
    labels=("state",),
    known=[("open",), ("idle",), ("waiting",)],
    across="livesum",
)
POOL_ERRORS = Counter("abdre_database_pool_errors_total", "Who asked for a connection and got none in time")
POOL_WAIT_SECONDS = Counter("abdre_database_pool_wait_seconds_total", "Time spent waiting for a connection")
STORE_REQUESTS = Counter(
    "abdre_store_requests_total",
    "Questions to the store in Redis",
    labels=("outcome",),
    known=[("ok",), ("away",)],
)

WRITER_BATCH = Histogram("abdre_writer_batch_messages", "Messages written in one go", buckets=BATCH)
WRITER_COMMIT_SECONDS = Histogram(
    "abdre_writer_commit_seconds",
    "From a message's asking to the commit, of the one of each batch that waited longest",
    buckets=MESSAGE_S,
)
WRITER_QUEUE = Gauge("abdre_writer_queue_messages", "Messages that wait to be written", across="livesum")
MESSAGES = Counter("abdre_messages_total", "Messages stored")

REALTIME_CONNECTIONS = Gauge("abdre_realtime_connections", "Sockets that are open", across="livesum")
REALTIME_OPENED = Counter("abdre_realtime_opened_total", "Sockets accepted, some of them to be told why not")
REALTIME_CLOSED = Counter(
    "abdre_realtime_closed_total", "Accepted sockets that ended, by the code they closed with", labels=("code",)
)
REALTIME_FANOUT = Histogram(
    "abdre_realtime_fanout_sockets", "Sockets of this process that one flush of a chat reached", buckets=SOCKETS
)
REALTIME_DELIVERY_SECONDS = Histogram(
    "abdre_realtime_delivery_seconds",
    "From the commit to the sockets of this process, of the oldest news of each flush of a chat",
    buckets=MESSAGE_S,
)
REALTIME_REPAIRS = Counter("abdre_realtime_repairs_total", "Holes in a chat's news, mended from the database")
REALTIME_RESUMES = Counter("abdre_realtime_resumes_total", "Sockets that came back and were told what they missed")
REALTIME_OUTBOX_DROPS = Counter(
    "abdre_realtime_outbox_drops_total",
    "What readers who do not keep up were not told: passing news, or all of it (their socket was closed)",
    labels=("kind",),
    known=[("passing",), ("socket",)],
)
LAYER_AWAY = Gauge(
    "abdre_layer_away", "1 while a process with sockets does not hear itself on the channel layer", across="livemax"
)

JOBS = Counter("abdre_jobs_total", "Jobs done", labels=("task", "outcome"))
JOB_SECONDS = Histogram("abdre_job_duration_seconds", "How long a job took", labels=("task",), buckets=JOB_S)
JOBS_WAITING = Gauge("abdre_jobs_waiting", "Jobs that are due", across="livemax")
JOBS_OLDEST = Gauge("abdre_jobs_oldest_seconds", "How long the oldest of them is due", across="livemax")
PERIODIC_SUCCESS = Gauge(
    "abdre_periodic_success_timestamp_seconds",
    "When a periodic deed was last done, or its process began, in seconds since 1970",
    labels=("deed",),
    across="max",
)
PERIODIC_INTERVAL = Gauge(
    "abdre_periodic_interval_seconds", "How often it is to be done", labels=("deed",), across="livemax"
)
PERIODIC_FAILURES = Counter("abdre_periodic_failures_total", "Periodic deeds that failed", labels=("deed",))

INVITATIONS = Counter(
    "abdre_invitations_total",
    "Codes made and opened, people who joined by one, and those of them who wrote for the first time",
    labels=("step",),
    known=[("made",), ("opened",), ("joined",), ("first_message",)],
)
EVENTS = Counter("abdre_events_total", "What abdre/tally.py counts, mostly for staff to see", labels=("name",))

# Under the names that they have everywhere. The library's own would be those of the master where there are several.
PROCESS_CPU = Counter("process_cpu_seconds_total", "Processor time, of user and system")
PROCESS_MEMORY = Gauge("process_resident_memory_bytes", "Memory in use", across="livesum")
PROCESS_FILES = Gauge("process_open_fds", "Open files and sockets", across="livemax")
PROCESS_FILES_LIMIT = Gauge("process_max_fds", "How many of them one process may have", across="livemin")
PROCESS_START = Gauge("process_start_time_seconds", "When it began, in seconds since 1970", across="livemin")
