//! A TCP proxy that misbehaves on request.
#![allow(dead_code)]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

pub(crate) struct Proxy {
    pub(crate) address: String,
    state: Arc<State>,
    cut: watch::Sender<u32>,
    task: tokio::task::JoinHandle<()>,
}

type Watcher = Box<dyn FnMut() -> bool + Send>;

#[derive(Default)]
struct State {
    /// Nothing is passed on, and nothing is closed.
    frozen: AtomicBool,
    /// Cut the connection when the server's next answer comes, so that what was asked was done.
    lose_answers: AtomicUsize,
    connections: AtomicUsize,
    watcher: Mutex<Option<Watcher>>,
}

impl Proxy {
    pub(crate) async fn to(target: String) -> Self {
        Proxy::between("127.0.0.1:0", target).await
    }

    pub(crate) async fn between(own: &str, target: String) -> Self {
        let listener = TcpListener::bind(own).await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let state = Arc::new(State::default());
        let (cut, cuts) = watch::channel(0);
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                shared.connections.fetch_add(1, Ordering::Relaxed);
                let (target, state, cuts) = (target.clone(), Arc::clone(&shared), cuts.clone());
                tokio::spawn(async move { pass(client, target, state, cuts).await });
            }
        });
        Proxy { address, state, cut, task }
    }

    /// Ends every connection at once.
    pub(crate) fn cut(&self) {
        self.cut.send_modify(|count| *count += 1);
    }

    /// Stops listening and ends every connection: the server is gone.
    pub(crate) async fn stop(self) -> String {
        self.task.abort();
        let _ = self.task.await;
        self.cut.send_modify(|count| *count += 1);
        self.address
    }

    pub(crate) fn freeze(&self, frozen: bool) {
        self.state.frozen.store(frozen, Ordering::Relaxed);
    }

    pub(crate) fn lose_next_answer(&self) {
        self.state.lose_answers.store(1, Ordering::Relaxed);
    }

    /// Called for all that comes, from either side, before it is passed on; false cuts the
    /// connection instead.
    pub(crate) fn watch(&self, watcher: impl FnMut() -> bool + Send + 'static) {
        *self.state.watcher.lock().unwrap() = Some(Box::new(watcher));
    }

    pub(crate) fn connections(&self) -> usize {
        self.state.connections.load(Ordering::Relaxed)
    }
}

impl State {
    fn lets_pass(&self) -> bool {
        self.watcher.lock().unwrap().as_mut().is_none_or(|watcher| watcher())
    }
}

async fn pass(
    client: TcpStream,
    target: String,
    state: Arc<State>,
    mut cuts: watch::Receiver<u32>,
) {
    cuts.mark_unchanged();
    let Ok(server) = TcpStream::connect(target).await else { return };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let up = async {
        let mut buffer = vec![0; 65_536];
        while let Ok(count @ 1..) = from_client.read(&mut buffer).await {
            if !state.lets_pass() || to_server.write_all(&buffer[..count]).await.is_err() {
                return;
            }
        }
    };
    let down = async {
        let mut buffer = vec![0; 65_536];
        while let Ok(count @ 1..) = from_server.read(&mut buffer).await {
            while state.frozen.load(Ordering::Relaxed) {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            if !state.lets_pass()
                || state.lose_answers.swap(0, Ordering::Relaxed) > 0
                || to_client.write_all(&buffer[..count]).await.is_err()
            {
                return;
            }
        }
    };
    tokio::select! {
        () = up => {}
        () = down => {}
        _ = cuts.changed() => {}
    }
}
