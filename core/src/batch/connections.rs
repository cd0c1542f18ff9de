//! The connections: which are open, which are free, and which should be closed.

use super::Moment;

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConnectionPhase {
    Closed,
    Opening,
    /// Free since then.
    Idle(Moment),
    /// Woken, to take calls of this class.
    Called(usize),
    /// Has answered a batch of this class and gives its callers the time to come back.
    Lingering(usize),
    /// A batch of this class is under way.
    Busy(usize),
    /// To be closed by its task.
    Closing,
}

/// Which calls a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    Calls,
    /// Maintenance that takes a moment.
    Short,
    /// Maintenance that may take long.
    Long,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct ConnectionState {
    pub(super) state: ConnectionPhase,
    pub(super) role: Role,
    /// The host it is connected to, as a number.
    pub(super) endpoint: usize,
    /// When it was opened, or opening it was begun.
    pub(super) opened: Moment,
    /// Whether its last batch was one that met a lock.
    pub(super) met_lock: bool,
}

pub(super) struct Connections {
    all: Vec<ConnectionState>,
    /// The free ones, the one that was used last at the end: the others become idle for long, and
    /// are closed.
    idle: Vec<usize>,
}

impl Connections {
    /// Of eight connections and more three are for maintenance, of two to seven one: two long works
    /// do not wait for each other, and short ones for neither.
    pub(super) fn new(connections: usize) -> Self {
        let role = |index: usize| match connections - index {
            1 if connections >= 2 => Role::Long,
            2 if connections >= 8 => Role::Long,
            3 if connections >= 8 => Role::Short,
            _ => Role::Calls,
        };
        let slot = |index| ConnectionState {
            state: ConnectionPhase::Closed,
            role: role(index),
            endpoint: 0,
            opened: 0,
            met_lock: false,
        };
        Connections { all: (0..connections).map(slot).collect(), idle: Vec::new() }
    }

    pub(super) fn get(&self, index: usize) -> &ConnectionState {
        &self.all[index]
    }

    pub(super) fn get_mut(&mut self, index: usize) -> &mut ConnectionState {
        &mut self.all[index]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &ConnectionState)> {
        self.all.iter().enumerate()
    }

    pub(super) fn set(&mut self, index: usize, state: ConnectionPhase) {
        let slot = &mut self.all[index];
        if let ConnectionPhase::Idle(_) = slot.state {
            self.idle.retain(|idle| *idle != index);
        }
        slot.state = state;
        if let ConnectionPhase::Idle(_) = state {
            self.idle.push(index);
        }
    }

    /// A free one for a call of this role.
    pub(super) fn idle_for(&self, role: Role, borrows: bool) -> Option<usize> {
        let serves = |index: &&usize| self.serves(**index, role, borrows);
        self.idle.iter().rev().find(serves).copied()
    }

    /// How many are being opened that will do calls of this role.
    pub(super) fn opening_for(&self, role: Role, borrows: bool) -> usize {
        let opening = |index: &usize| self.all[*index].state == ConnectionPhase::Opening;
        let serves = |index: &usize| self.serves(*index, role, borrows);
        (0..self.all.len()).filter(opening).filter(serves).count()
    }

    /// Whether this connection does such calls. One for long maintenance does short ones too, and
    /// all do everything where there is but one, or where maintenance can have none of its own.
    pub(super) fn serves(&self, index: usize, role: Role, borrows: bool) -> bool {
        let own = self.all[index].role;
        match role {
            Role::Calls => own == Role::Calls,
            Role::Short => own != Role::Calls || borrows || !self.has(Role::Long),
            Role::Long => {
                own == Role::Long || (own == Role::Calls && borrows) || !self.has(Role::Long)
            }
        }
    }

    fn has(&self, role: Role) -> bool {
        self.all.iter().any(|slot| slot.role == role)
    }

    pub(super) fn count(&self, is: impl Fn(&ConnectionState) -> bool) -> usize {
        self.all.iter().filter(|slot| is(slot)).count()
    }

    pub(super) fn closed_for(&self, role: Role) -> Option<usize> {
        let wanted = if self.has(role) {
            role
        } else if self.has(Role::Long) && role != Role::Calls {
            Role::Long
        } else {
            Role::Calls
        };
        let closed =
            |slot: &ConnectionState| slot.state == ConnectionPhase::Closed && slot.role == wanted;
        self.all.iter().position(closed)
    }
}

impl ConnectionState {
    /// The class that it was woken for, or whose callers it waits for; it has taken nothing yet.
    pub(super) fn called(&self) -> Option<usize> {
        match self.state {
            ConnectionPhase::Called(class) | ConnectionPhase::Lingering(class) => Some(class),
            ConnectionPhase::Closed
            | ConnectionPhase::Opening
            | ConnectionPhase::Idle(_)
            | ConnectionPhase::Busy(_)
            | ConnectionPhase::Closing => None,
        }
    }

    pub(super) fn is_open(&self) -> bool {
        !matches!(self.state, ConnectionPhase::Closed | ConnectionPhase::Opening)
    }

    /// Whether calls can be given to it, now or after its batch.
    pub(super) fn takes_calls(&self) -> bool {
        self.is_open() && self.state != ConnectionPhase::Closing
    }

    pub(super) fn is_idle(&self) -> bool {
        matches!(self.state, ConnectionPhase::Idle(_))
    }
}
