//! Many callers: in a closed loop, each makes its next call when the last one is answered; in an
//! open loop calls come at a rate, whether the others are answered or not.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sessio::{SessionManager, Store};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;

use crate::client::{Mix, Slot, bulk, fresh, random};
use crate::report::Seen;

/// Callers in a closed loop.
pub(crate) struct Crowd {
    stop: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<Vec<Slot>>>,
}

impl Crowd {
    /// So many callers, each with so many sessions of its own.
    pub(crate) fn start(store: &Store, callers: usize, sessions: usize, mix: Mix) -> Self {
        let slots = || (0..sessions).map(|_| Slot::new(mix)).collect();
        Crowd::over(store, (0..callers).map(|_| slots()).collect(), mix)
    }

    /// A caller for each group of sessions.
    pub(crate) fn over(store: &Store, groups: Vec<Vec<Slot>>, mix: Mix) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let manager = SessionManager::new(store.clone());
        let task = |mut slots: Vec<Slot>| {
            let (stop, manager) = (Arc::clone(&stop), manager.clone());
            tokio::spawn(async move {
                let mut state = fresh().wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
                while !stop.load(Ordering::Relaxed) {
                    turn(&mut slots, &manager, mix, &mut state).await;
                }
                slots
            })
        };
        let tasks = groups.into_iter().map(task).collect();
        Crowd { stop, tasks }
    }

    /// Lets every caller end its call.
    pub(crate) async fn end(self) -> Vec<Slot> {
        self.stop.store(true, Ordering::Relaxed);
        let mut slots = Vec::new();
        for task in self.tasks {
            slots.extend(task.await.unwrap_or_default());
        }
        slots
    }
}

async fn turn(slots: &mut [Slot], manager: &SessionManager, mix: Mix, state: &mut u64) {
    let often = match mix {
        Mix::Verbs => 40,
        Mix::Bulk => 3,
        Mix::Saves | Mix::Reads | Mix::Logins | Mix::Subjects => u64::MAX,
    };
    if slots.len() > 1 && random(state).is_multiple_of(often) {
        let delete = random(state).is_multiple_of(4);
        return bulk(manager.store(), slots, delete).await;
    }
    let count = u64::try_from(slots.len()).unwrap_or(1);
    let at = usize::try_from(random(state) % count).unwrap_or(0);
    slots[at].turn(manager).await;
    let failed = slots[at].history.calls.last().is_some_and(|call| call.said.failed().is_some());
    if failed {
        sleep(Duration::from_millis(10)).await;
    }
}

/// Sessions for an open loop, those that are not in a call.
pub(crate) struct Pool {
    idle: Mutex<VecDeque<Slot>>,
    manager: SessionManager,
}

impl Pool {
    pub(crate) fn new(store: &Store, sessions: usize, mix: Mix) -> Arc<Self> {
        let idle = Mutex::new((0..sessions).map(|_| Slot::new(mix)).collect());
        Arc::new(Pool { idle, manager: SessionManager::new(store.clone()) })
    }

    fn idle(&self) -> MutexGuard<'_, VecDeque<Slot>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Saves all sessions.
    pub(crate) async fn fill(&self) {
        let mut slots: Vec<Slot> = std::mem::take(&mut *self.idle()).into();
        for part in slots.chunks_mut(1000) {
            bulk(self.manager.store(), part, false).await;
        }
        *self.idle() = slots.into();
    }

    /// What was acknowledged a second in that time, of sessions that are in no call.
    pub(crate) fn rate(&self, from: i64, until: i64) -> f64 {
        let mut idle = self.idle();
        Seen::of(idle.make_contiguous()).rate(from, until)
    }

    /// Makes so many calls a second for so long, each of a session that is in no other call, and
    /// waits for none.
    pub(crate) async fn offer(self: &Arc<Self>, rate: f64, time: Duration, live: &mut JoinSet<()>) {
        let began = Instant::now();
        let mut sent = 0.0;
        while began.elapsed() < time {
            while sent < began.elapsed().as_secs_f64() * rate {
                sent += 1.0;
                // The longest unused first.
                let Some(mut slot) = self.idle().pop_front() else { continue };
                let pool = Arc::clone(self);
                live.spawn(async move {
                    slot.turn(&pool.manager).await;
                    pool.idle().push_back(slot);
                });
            }
            while live.try_join_next().is_some() {}
            sleep(Duration::from_millis(2)).await;
        }
    }

    /// As many calls at a time as that, for so long.
    pub(crate) async fn saturate(self: &Arc<Self>, calls: usize, time: Duration) {
        let began = Instant::now();
        let mut live = JoinSet::new();
        for _ in 0..calls {
            let pool = Arc::clone(self);
            live.spawn(async move {
                while began.elapsed() < time {
                    let Some(mut slot) = pool.idle().pop_front() else { return };
                    slot.turn(&pool.manager).await;
                    pool.idle().push_back(slot);
                }
            });
        }
        while live.join_next().await.is_some() {}
    }

    /// All sessions, when nothing is under way any more.
    pub(crate) async fn end(self: Arc<Self>, mut live: JoinSet<()>) -> Vec<Slot> {
        while live.join_next().await.is_some() {}
        std::mem::take(&mut *self.idle()).into()
    }
}
