"""Read a synthetic statement: CPU seconds, and the process's peak memory in MB."""

import json
import resource
import sys
import time

from adapters.statements.ofx import OfxReader
from benchmarks.synthetic import ofx
from domain.shared.result import Success


def main(rows: int) -> dict[str, float]:
    content = ofx(rows)
    began = time.process_time()
    result = OfxReader().read(content)
    took = time.process_time() - began
    assert isinstance(result, Success)
    assert len(result.value.statements[0].rows) == rows
    # Linux counts in kilobytes, macOS in bytes.
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return {"seconds": took, "megabytes": peak}


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
