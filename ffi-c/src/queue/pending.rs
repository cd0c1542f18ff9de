//! The tags of pending calls, kept so that a forked child can read them.
//!
//! A thread of the parent may hold any lock at the fork, and in the child that lock is never
//! released. So the tags are in atomics that never move, and only the list of free ids, which the
//! child does not need, is behind a lock. That is why this is no `slab::Slab`.

use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use sessio::{Error, ErrorKind, Result};

/// The size of the first block; each one after it is twice as large as the last.
const FIRST_BLOCK: usize = 64;
const BLOCKS: usize = 20;

#[derive(Default)]
struct PendingTag {
    tag: AtomicPtr<c_void>,
    is_pending: AtomicBool,
}

#[derive(Default)]
pub(super) struct PendingTags {
    blocks: [OnceLock<Box<[PendingTag]>>; BLOCKS],
    free: Mutex<FreeIds>,
}

#[derive(Default)]
struct FreeIds {
    ids: Vec<usize>,
    /// All ids below it were in use once.
    next: usize,
}

impl PendingTags {
    /// The id under which a tag is pending from now on.
    pub(super) fn insert(&self, tag: *mut c_void) -> Result<usize> {
        let mut free = self.free();
        let id = match free.ids.pop() {
            Some(id) => id,
            None => {
                let id = free.next;
                self.grow(id)?;
                free.next += 1;
                id
            }
        };
        drop(free);
        if let Some(entry) = self.entry(id) {
            entry.tag.store(tag, Ordering::Relaxed);
            entry.is_pending.store(true, Ordering::Release);
        }
        Ok(id)
    }

    /// The tag of an id, which is not pending any more.
    pub(super) fn finish(&self, id: usize) -> *mut c_void {
        self.entry(id).map_or(std::ptr::null_mut(), |entry| {
            entry.is_pending.store(false, Ordering::Release);
            entry.tag.load(Ordering::Relaxed)
        })
    }

    /// Lets finished ids be used again.
    pub(super) fn release(&self, ids: impl Iterator<Item = usize>) {
        self.free().ids.extend(ids);
    }

    /// All pending tags. Takes no lock.
    pub(super) fn tags(&self) -> Vec<*mut c_void> {
        let entries = self.blocks.iter().filter_map(OnceLock::get).flat_map(|block| block.iter());
        entries
            .filter(|entry| entry.is_pending.load(Ordering::Acquire))
            .map(|entry| entry.tag.load(Ordering::Relaxed))
            .collect()
    }

    fn free(&self) -> MutexGuard<'_, FreeIds> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn grow(&self, id: usize) -> Result<()> {
        let (number, _) = position(id);
        let full = || Error::new(ErrorKind::Overloaded, "too many calls of this queue are pending");
        let block = self.blocks.get(number).ok_or_else(full)?;
        block.get_or_init(|| (0..FIRST_BLOCK << number).map(|_| PendingTag::default()).collect());
        Ok(())
    }

    fn entry(&self, id: usize) -> Option<&PendingTag> {
        let (block, index) = position(id);
        self.blocks.get(block)?.get()?.get(index)
    }
}

/// The block of an id, and the index within it.
fn position(id: usize) -> (usize, usize) {
    let block = (id / FIRST_BLOCK + 1).ilog2() as usize;
    (block, id - FIRST_BLOCK * ((1 << block) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_fill_the_blocks_without_gaps() {
        let mut expected =
            (0..4).flat_map(|block| (0..FIRST_BLOCK << block).map(move |i| (block, i)));
        assert!((0..FIRST_BLOCK * 15).all(|id| expected.next() == Some(position(id))));
        assert!(expected.next().is_none());
    }

    #[test]
    fn pending_tags_are_listed_and_ids_are_used_again() {
        let pending = PendingTags::default();
        let tag = |number: usize| std::ptr::without_provenance_mut(number);
        let ids: Vec<usize> = (1..=200).map(|n| pending.insert(tag(n)).unwrap()).collect();
        let finished: Vec<usize> = ids.iter().copied().filter(|id| id % 2 == 0).collect();
        for id in &finished {
            assert_eq!(pending.finish(*id), tag(id + 1));
        }
        pending.release(finished.into_iter());
        let mut left = pending.tags();
        left.sort();
        assert_eq!(left, (1..=100).map(|n| tag(n * 2)).collect::<Vec<_>>());
        assert!(pending.insert(tag(7)).unwrap() < 200);
    }
}
