"""One client that sends a request after the other on one connection, and CPU times of processes."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import psycopg

HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of CPU per request: of the server process, and of PostgreSQL."""

    server: float
    database: float


@dataclass(frozen=True, slots=True)
class Meter:
    """Reads the CPU time that processes have used, with all their threads."""

    observer: "psycopg.Connection[tuple[int]]"

    def server(self, pid: int) -> float:
        """Return the CPU seconds of a process, whatever threads it had (Linux)."""
        return time.clock_gettime((~pid << 3) | 2)

    def database(self) -> Mapping[int, float]:
        """Return those of each process of PostgreSQL but the observer's."""
        pids = self.observer.execute(
            "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        )
        return {pid: self.server(pid) for (pid,) in pids}

    async def measure(self, pid: int, port: int, head: bytes, requests: int) -> Cost:
        """Send a request so many times, and return what one of them cost."""
        connection = Connection(*await asyncio.open_connection("127.0.0.1", port))
        # The first ones open connections, load modules and fill caches.
        await connection.send(head, requests // 10 + 10)
        server, database = self.server(pid), self.database()
        await connection.send(head, requests)
        used = self.server(pid) - server
        now = self.database()
        connection.writer.close()
        in_database = sum(now[each] - database[each] for each in now.keys() & database.keys())
        return Cost(1000 * used / requests, 1000 * in_database / requests)


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection that stays open."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, head: bytes, times: int) -> None:
        for _ in range(times):
            await self.request(head)

    async def request(self, head: bytes) -> bytes:
        """Send a request without a body; return the body of its response."""
        self.writer.write(head)
        answer = await self.reader.readuntil(HEAD_END)
        if not answer.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(answer.decode())
        length = next(line for line in answer.lower().split(b"\r\n") if b"content-length" in line)
        return await self.reader.readexactly(int(length.partition(b":")[2]))


def head_of(path: str, headers: Iterable[tuple[str, str]] = ()) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", "User-Agent: benchmarks"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join(lines).encode() + HEAD_END
