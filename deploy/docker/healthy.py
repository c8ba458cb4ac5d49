"""Exit code 0 when the role in this container is ready: the health check of compose."""

import os
import sys
import urllib.error
import urllib.request

PORT = os.environ.get("PORT", "8000")

try:
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/readyz", timeout=4) as answer:
        sys.exit(answer.status != 200)
except urllib.error.HTTPError as problem:
    sys.exit(problem.read().decode())
except OSError as problem:
    sys.exit(str(problem))
