//! The tags of operations in flight, kept so that a forked child can read them.
//!
//! A thread of the parent may hold any lock at the fork, and in the child nobody ever gives it
//! back. So the tags are in atomics which never move, and only the list of free places, which the
//! child does not need, is behind a lock.

use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use sessio::{Error, ErrorKind, Result};

/// The first block has so many places, and each one after it twice as many as the last.
const FIRST_BLOCK: usize = 64;
const BLOCKS: usize = 20;

#[derive(Default)]
struct Slot {
    tag: AtomicPtr<c_void>,
    busy: AtomicBool,
}

#[derive(Default)]
pub(super) struct Slots {
    blocks: [OnceLock<Box<[Slot]>>; BLOCKS],
    free: Mutex<Free>,
}

#[derive(Default)]
struct Free {
    places: Vec<usize>,
    made: usize,
}

impl Slots {
    /// A place for a tag, which is in flight from now on.
    pub(super) fn take(&self, tag: *mut c_void) -> Result<usize> {
        let mut free = self.free();
        let place = match free.places.pop() {
            Some(place) => place,
            None => {
                let place = free.made;
                self.grow(place)?;
                free.made += 1;
                place
            }
        };
        drop(free);
        if let Some(slot) = self.slot(place) {
            slot.tag.store(tag, Ordering::Relaxed);
            slot.busy.store(true, Ordering::Release);
        }
        Ok(place)
    }

    /// The tag at a place, which is in flight no more.
    pub(super) fn finish(&self, place: usize) -> *mut c_void {
        self.slot(place).map_or(std::ptr::null_mut(), |slot| {
            slot.busy.store(false, Ordering::Release);
            slot.tag.load(Ordering::Relaxed)
        })
    }

    /// Lets finished places be taken again.
    pub(super) fn release(&self, places: impl Iterator<Item = usize>) {
        self.free().places.extend(places);
    }

    /// The tags in flight. Takes no lock.
    pub(super) fn in_flight(&self) -> Vec<*mut c_void> {
        let slots = self.blocks.iter().filter_map(OnceLock::get).flat_map(|block| block.iter());
        slots
            .filter(|slot| slot.busy.load(Ordering::Acquire))
            .map(|slot| slot.tag.load(Ordering::Relaxed))
            .collect()
    }

    fn free(&self) -> MutexGuard<'_, Free> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn grow(&self, place: usize) -> Result<()> {
        let (block, _) = position(place);
        let full = || Error::new(ErrorKind::Overloaded, "too many operations are in flight");
        let block = self.blocks.get(block).ok_or_else(full).map(|cell| (cell, block))?;
        block.0.get_or_init(|| (0..FIRST_BLOCK << block.1).map(|_| Slot::default()).collect());
        Ok(())
    }

    fn slot(&self, place: usize) -> Option<&Slot> {
        let (block, index) = position(place);
        self.blocks.get(block)?.get()?.get(index)
    }
}

/// In which block a place is, and where in it.
fn position(place: usize) -> (usize, usize) {
    let block = (place / FIRST_BLOCK + 1).ilog2() as usize;
    (block, place - FIRST_BLOCK * ((1 << block) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_fill_the_blocks_without_gaps() {
        let mut expected =
            (0..4).flat_map(|block| (0..FIRST_BLOCK << block).map(move |i| (block, i)));
        assert!((0..FIRST_BLOCK * 15).all(|place| expected.next() == Some(position(place))));
        assert!(expected.next().is_none());
    }

    #[test]
    fn what_is_in_flight_can_be_told_and_places_are_used_again() {
        let slots = Slots::default();
        let tag = |number: usize| std::ptr::without_provenance_mut(number);
        let places: Vec<usize> = (1..=200).map(|n| slots.take(tag(n)).unwrap()).collect();
        let finished: Vec<usize> = places.iter().copied().filter(|place| place % 2 == 0).collect();
        for place in &finished {
            assert_eq!(slots.finish(*place), tag(place + 1));
        }
        slots.release(finished.into_iter());
        let mut left = slots.in_flight();
        left.sort();
        assert_eq!(left, (1..=100).map(|n| tag(n * 2)).collect::<Vec<_>>());
        assert!(slots.take(tag(7)).unwrap() < 200);
    }
}
