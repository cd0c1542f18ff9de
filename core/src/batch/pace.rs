//! What was measured of the server, for reads or for writes.

use super::{MILLISECOND, Moment};

/// A batch that has been under way for so long does not keep others back: it may wait for a lock,
/// or for rows that cost the server long. It is what people do not notice yet.
pub(super) const LONG: Moment = 20 * MILLISECOND;

/// A batch that was sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct InFlight {
    pub(super) at: Moment,
    pub(super) rows: usize,
    /// All rows that were under way then, these included.
    all: usize,
}

#[derive(Debug, Default)]
pub(super) struct Pace {
    /// How long a batch takes from sending to its answer, smoothed.
    round: Moment,
    /// How long the server takes for a row, over all batches under way together. One fast batch
    /// lowers it; it rises slowly, since one slow batch may just have waited for a lock.
    row: Moment,
    /// The batches under way, by connection.
    in_flight: Vec<(usize, InFlight)>,
    rows: usize,
}

impl Pace {
    pub(super) fn sent(&mut self, slot: usize, rows: usize, now: Moment) {
        self.rows += rows;
        self.in_flight.push((slot, InFlight { at: now, rows, all: self.rows }));
    }

    /// The batch of this connection has ended.
    pub(super) fn ended(&mut self, slot: usize) -> Option<InFlight> {
        let at = self.in_flight.iter().position(|(of, _)| *of == slot)?;
        let (_, sent) = self.in_flight.swap_remove(at);
        self.rows -= sent.rows;
        Some(sent)
    }

    /// Learns from a batch that was answered.
    pub(super) fn learn(&mut self, sent: InFlight, round_trip: Moment, now: Moment) {
        let round = now.saturating_sub(sent.at);
        self.round = match self.round {
            0 => round,
            before => before - before / 8 + round / 8,
        };
        let row = round.saturating_sub(round_trip) / sent.all as Moment;
        self.row = match self.row {
            before if before > row => row,
            before => before + (row - before) / 8,
        };
    }

    /// How long a batch of so many rows takes beside those under way.
    pub(super) fn expected(&self, rows: usize) -> Moment {
        self.row.saturating_mul((self.rows + rows) as Moment)
    }

    /// How long a batch takes; 0 where none was answered yet.
    pub(super) fn round(&self) -> Moment {
        self.round
    }

    /// Whether the network takes more than half of a round. Then the server is idle while an answer
    /// is on its way, and a call gains nothing by waiting for others.
    pub(super) fn is_mostly_travel(&self, round_trip: Moment) -> bool {
        round_trip > self.round / 2 && round_trip > MILLISECOND / 2
    }

    /// How many batches are under way that others have to wait for.
    pub(super) fn batches(&self, now: Moment) -> usize {
        self.in_flight.iter().filter(|(_, sent)| sent.at + LONG > now).count()
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// When the next batch under way will have taken [`LONG`].
    pub(super) fn next_long(&self, now: Moment) -> Option<Moment> {
        self.in_flight.iter().map(|(_, sent)| sent.at + LONG).filter(|at| *at > now).min()
    }
}
