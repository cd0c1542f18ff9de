//! Many answers on their way to one.

use std::sync::{Mutex, PoisonError};

use crate::protocol::error::Result;
use crate::protocol::request::{Answer, Reply};

/// Makes one answer of those of the parts.
pub(crate) type Combine = fn(Vec<Answer>) -> Answer;

pub(crate) fn combine_found(answers: Vec<Answer>) -> Answer {
    let found = |answer| if let Answer::Found(record) = answer { record } else { None };
    Answer::FoundMany(answers.into_iter().map(found).collect())
}

pub(crate) fn combine_count(answers: Vec<Answer>) -> Answer {
    Answer::Count(answers.iter().filter(|answer| **answer == Answer::Is(true)).count() as u64)
}

/// The parts of a bulk call on their way to one answer.
pub(crate) struct Join(Mutex<JoinParts>);

struct JoinParts {
    answers: Vec<Option<Result<Answer>>>,
    missing: usize,
    finish: Option<(Combine, Reply)>,
}

impl Join {
    pub(crate) fn new(parts: usize) -> Self {
        let answers = (0..parts).map(|_| None).collect();
        Join(Mutex::new(JoinParts { answers, missing: parts, finish: None }))
    }

    pub(crate) fn put(&self, index: usize, answer: Result<Answer>) {
        let mut parts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        parts.answers[index] = Some(answer);
        parts.missing -= 1;
        if parts.missing == 0
            && let Some((combine, reply)) = parts.finish.take()
        {
            let whole = parts.take(combine);
            drop(parts);
            reply.send(whole);
        }
    }

    /// After every part was started.
    pub(crate) fn finish(
        &self,
        combine: Combine,
        reply: impl FnOnce() -> Reply,
    ) -> Option<Result<Answer>> {
        let mut parts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if parts.missing == 0 {
            return Some(parts.take(combine));
        }
        parts.finish = Some((combine, reply()));
        None
    }
}

impl JoinParts {
    /// The first error, if there is one; the other parts were done all the same.
    fn take(&mut self, combine: Combine) -> Result<Answer> {
        let answers = std::mem::take(&mut self.answers);
        answers.into_iter().flatten().collect::<Result<Vec<_>>>().map(combine)
    }
}
