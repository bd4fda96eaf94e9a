//! The threads that serve: each with a runtime of its own, all accepting from the same sockets.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;

use axum::Router;
use tokio::sync::oneshot;

use crate::handshake::Handshakes;
use crate::listener;

/// What is served at one socket.
pub(crate) struct Server {
    pub(crate) listener: TcpListener,
    /// Without it, plain HTTP is spoken.
    pub(crate) tls: Option<Arc<Handshakes>>,
    pub(crate) router: Router,
}

/// Threads that serve until this is dropped, when every socket is closed.
pub(crate) struct Workers(Vec<Worker>);

struct Worker {
    /// Dropped to end the thread.
    _stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Workers {
    /// Starts to serve; connections are accepted when this returns.
    pub(crate) fn start(servers: &[Server]) -> io::Result<Self> {
        let mut workers = Vec::new();
        for _ in 0..THREADS {
            workers.push(Worker::start(servers)?);
        }
        Ok(Self(workers))
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        let threads: Vec<_> = self.0.drain(..).map(|worker| worker.thread).collect();
        for thread in threads {
            // A thread that panicked has said so on standard error.
            let _ = thread.join();
        }
    }
}

impl Worker {
    fn start(servers: &[Server]) -> io::Result<Self> {
        let mut own = Vec::new();
        for server in servers {
            server.listener.set_nonblocking(true)?;
            let listener = server.listener.try_clone()?;
            own.push((listener, server.tls.clone(), server.router.clone()));
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let serve = move || {
            runtime.block_on(async {
                for (listener, tls, router) in own {
                    // The socket was made non-blocking above, which is all that can be wrong.
                    if let Ok(listener) = tokio::net::TcpListener::from_std(listener) {
                        tokio::spawn(listener::serve(listener, tls, router));
                    }
                }
                let _ = stopped.await;
            });
        };
        let thread = std::thread::Builder::new()
            .name("entra-emulator".to_owned())
            .spawn(serve)?;
        Ok(Self {
            _stop: stop,
            thread,
        })
    }
}

/// One signs while the other answers.
const THREADS: usize = 2;
