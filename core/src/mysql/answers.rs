//! Who is answered by what a statement did.

use crate::error::Error;
use crate::operation::Answer;
use crate::record::{Met, Outcome};

use super::job::{Tickets, Verb};
use super::layout::Layout;
use super::line::Line;
use super::reads::{expiry, live};
use super::rounds::Group;

/// Answers those behind a swap that come too late after it, and gives back the others.
pub(super) async fn follow(
    line: &mut Line,
    first: &Group,
    ended: &Answer,
    layout: &Layout,
    tickets: &Tickets,
) -> Option<Group> {
    if first.behind.is_empty() {
        return None;
    }
    let (current, expires_at) = match (ended, &first.change.verb) {
        (Answer::Wrote(Outcome::Saved), Verb::Replace(_, content))
            if content.expires_at > line.shared.clock.now() =>
        {
            (content.data.clone(), content.expires_at)
        }
        (Answer::Wrote(Outcome::Conflict), _) => {
            let met = first.change.met().and_then(Met::record).cloned();
            let there = match met {
                Some(record) => Ok(Some(record)),
                None => live(line, &first.change.key, layout).await,
            };
            match there {
                Ok(Some(record)) => (record.data.to_vec(), expiry(&record)),
                Ok(None) | Err(_) => return Group::of(first.behind.clone()),
            }
        }
        // Gone, or perhaps in a moment: each is told by the server.
        (_, _) => return Group::of(first.behind.clone()),
    };
    let (late, left) = first.too_late(&current);
    for (change, ticket) in late {
        change.met().into_iter().for_each(|met| met.tell(&current, expires_at));
        tickets.answer(*ticket, Ok(Answer::Wrote(Outcome::Conflict)));
    }
    Group::of(left.to_vec())
}

impl Group {
    /// Of several deletes of one session only the first one ended it.
    pub(super) fn answer(&self, tickets: &Tickets, answer: &Answer) {
        for (nth, ticket) in self.tickets.iter().enumerate() {
            let repeated = nth > 0 && matches!(answer, Answer::Is(true));
            let answer = if repeated { Answer::Is(false) } else { answer.clone() };
            tickets.answer(*ticket, Ok(answer));
        }
    }

    /// Nobody's own fault, so it is everybody's answer.
    pub(super) fn fail(&self, tickets: &Tickets, error: &Error) {
        let behind = self.behind.iter().map(|(_, ticket)| ticket);
        let all = self.tickets.iter().chain(behind);
        all.for_each(|ticket| tickets.answer(*ticket, Err(error.clone())));
    }

    /// Its own fault: nothing is known of those behind.
    pub(super) fn refuse(&self, tickets: &Tickets, error: &Error) -> Option<Group> {
        self.tickets.iter().for_each(|ticket| tickets.answer(*ticket, Err(error.clone())));
        Group::of(self.behind.clone())
    }
}
