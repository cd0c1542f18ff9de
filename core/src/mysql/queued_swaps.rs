//! What a swap tells about those of the same session that wait behind it.

use crate::protocol::record::{ConflictRow, Outcome};
use crate::protocol::request::Answer;

use super::connection::Connection;
use super::group::Group;
use super::layout::Layout;
use super::reads::{expiry, live};

/// Answers those behind a swap that come too late after it.
pub(super) async fn follow(
    connection: &mut Connection,
    group: &Group,
    ended: &Answer,
    layout: &Layout,
) {
    if group.calls().len() < 2 {
        return;
    }
    let content = group.change().content();
    let left = match (ended, content) {
        (Answer::Wrote(Outcome::Saved), Some(content))
            if content.expires_at > connection.pool.clock.now() =>
        {
            Some((content.data.clone(), content.expires_at))
        }
        (Answer::Wrote(Outcome::Conflict), _) => {
            let met = group.change().met().and_then(ConflictRow::record).cloned();
            let there = match met {
                Some(record) => Ok(Some(record)),
                None => live(connection, &group.key(), layout).await,
            };
            there.ok().flatten().map(|record| (record.data.to_vec(), expiry(&record)))
        }
        // Gone, or perhaps in a moment: each is told by the server.
        (_, _) => None,
    };
    let Some((current, expires_at)) = left else { return };
    group.answer_too_late(&current, |change| {
        change.met().into_iter().for_each(|met| met.tell(&current, expires_at));
        Answer::Wrote(Outcome::Conflict)
    });
}
