"""A PostgreSQL server of a bench's own, on a socket, gone when the bench is over."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def server() -> Iterator[str]:
    """Its URL. Raises FileNotFoundError where PostgreSQL is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    path = os.pathsep.join([*(str(one) for one in found), os.environ.get("PATH", "")])
    initdb, pg_ctl = shutil.which("initdb", path=path), shutil.which("pg_ctl", path=path)
    if initdb is None or pg_ctl is None:
        raise FileNotFoundError(2, "PostgreSQL is not installed", "initdb")
    folder = Path(tempfile.mkdtemp())
    prefix: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL will not run as root
        prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        shutil.chown(folder, "postgres")

    def call(*words: str, check: bool = True) -> None:
        subprocess.run([*prefix, *words], check=check, capture_output=True, cwd="/")  # noqa: S603 its own programs

    data = str(folder / "data")
    try:
        call(initdb, "-D", data, "-U", "walkout", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")
        sockets = f"-c listen_addresses='' -c unix_socket_directories={folder} -c max_connections=200"
        call(pg_ctl, "-D", data, "-w", "-t", "60", "-l", str(folder / "log"), "-o", sockets, "start")
        yield f"postgresql://walkout@/postgres?unix_sock={folder}/.s.PGSQL.5432"
    finally:
        call(pg_ctl, "-D", data, "-m", "immediate", "stop", check=False)
        shutil.rmtree(folder, ignore_errors=True)
