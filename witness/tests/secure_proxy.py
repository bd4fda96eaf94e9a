"""A proxy that speaks TLS itself, and what it sees of a connection to another host."""

import socket
import ssl
import threading
from contextlib import contextmanager

from certificates import Certificate


class SecureProxy:
    """Lets everybody through on a port of `localhost`, and keeps what clients send to others."""

    def __init__(self, certificate: Certificate):
        self.asked: list[str] = []
        self.seen = b""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate.certificate, certificate.key)
        self._listener = context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True)
        self.url = f"https://localhost:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        # A thread that waits for the next connection does not notice that its socket is closed.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except ssl.SSLError:
                continue
            except OSError:
                return
            threading.Thread(target=self._tunnel, args=[client], daemon=True).start()

    def _tunnel(self, client: ssl.SSLSocket) -> None:
        request = b""
        while not request.endswith(b"\r\n\r\n"):
            request += client.recv(1)
        self.asked.append(request.split(b"\r\n")[0].decode())
        host, port = request.split()[1].decode().rsplit(":", 1)
        with client, socket.create_connection((host, int(port))) as other:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_copy, args=[other, client], daemon=True)
            back.start()
            while piece := client.recv(65536):
                self.seen += piece
                other.sendall(piece)
            other.shutdown(socket.SHUT_WR)
            back.join(30)


@contextmanager
def secure_proxy(certificate: Certificate):
    """One that runs for as long as it is needed."""
    proxy = SecureProxy(certificate)
    try:
        yield proxy
    finally:
        proxy.close()


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while piece := source.recv(65536):
            target.sendall(piece)
    except OSError:
        # The side that has the answer may leave first.
        pass
