"""`mkdocs serve` on a small site, as a contributor has it running."""

from __future__ import annotations

import socket
import sys
import urllib.request

from bs4 import BeautifulSoup


class Server:
    """`mkdocs serve` of one site; `get` waits for a build that begins after the last `edit`."""

    def __init__(self, site, processes) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self.site = site
        self.program = processes.start([sys.executable, "-m", "mkdocs", "serve", "-a", self.address], cwd=site.root)
        processes.wait_for_line(self.program, "Serving on")
        self.epoch = self.fetch("/livereload/0/0")

    def fetch(self, path: str) -> str:
        with urllib.request.urlopen(f"http://{self.address}{path}", timeout=60) as answer:
            return answer.read().decode()

    def page(self, path: str) -> str:
        return self.fetch(f"/{path}/")

    def edited(self, file: str, old: str, new: str) -> None:
        """Edits a file and waits for the server to say, as it says to browsers, that it has built anew."""
        self.site.edit(file, old, new)
        epoch = self.fetch(f"/livereload/{self.epoch}/1")
        assert epoch != self.epoch, "no new build within a minute"
        self.epoch = epoch


def alert(server: Server, path: str) -> str:
    """The message that a page shows in place of what could not be made; "" if all is well."""
    shown = BeautifulSoup(server.page(path), "html.parser").select("[role=alert]")
    return "\n".join(element.get_text() for element in shown)
