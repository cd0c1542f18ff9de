//! All sessions of a list, page by page.

use std::fmt;
use std::vec::IntoIter;

use crate::protocol::error::Result;
use crate::protocol::token::Key;
use crate::store::Store;

use super::handle::Session;
use super::manager::SessionManager;

/// How many sessions are asked for at once.
const PAGE: usize = 100;

/// All live sessions of a manager's store, or all of one subject, one after the other: see
/// [`SessionManager::each`]. A hundred of them are held at a time. Each can be read, changed,
/// committed or destroyed, as those of [`SessionManager::list`].
pub struct Sessions {
    manager: SessionManager,
    subject: Option<String>,
    page: IntoIter<Session>,
    next: NextPage,
}

/// What is asked for when the page is used up.
enum NextPage {
    First,
    After(Key),
    Nothing,
}

impl SessionManager {
    /// All live sessions in the order of their keys, over all pages. A session that begins or ends
    /// meanwhile is among them or not. Nothing is asked before the first
    /// [`next`](Sessions::next).
    pub fn each(&self) -> Sessions {
        Sessions::new(self.clone(), None)
    }

    /// The same of one subject: a user's devices.
    ///
    /// ```
    /// # async fn example(manager: sessio::SessionManager, user: &str) -> sessio::Result<()> {
    /// let mut devices = manager.each_subject(user);
    /// while let Some(session) = devices.next().await? {
    ///     session.destroy().await?;
    /// }
    /// # Ok(()) }
    /// ```
    pub fn each_subject(&self, subject: &str) -> Sessions {
        Sessions::new(self.clone(), Some(subject.to_owned()))
    }
}

impl Sessions {
    fn new(manager: SessionManager, subject: Option<String>) -> Self {
        Sessions { manager, subject, page: Vec::new().into_iter(), next: NextPage::First }
    }

    pub(super) fn store(&self) -> &Store {
        self.manager.store()
    }

    /// The next one; `None` after the last. After an error the same page is asked for again.
    ///
    /// # Errors
    /// As [`SessionManager::list`] and [`SessionManager::list_subject`].
    pub async fn next(&mut self) -> Result<Option<Session>> {
        loop {
            if let Some(session) = self.page.next() {
                return Ok(Some(session));
            }
            let after = match &self.next {
                NextPage::First => None,
                NextPage::After(key) => Some(*key),
                NextPage::Nothing => return Ok(None),
            };
            let page = match &self.subject {
                None => self.manager.list(after.as_ref(), PAGE).await?,
                Some(subject) => self.manager.list_subject(subject, after.as_ref(), PAGE).await?,
            };
            self.page = page.sessions.into_iter();
            self.next = page.next.map_or(NextPage::Nothing, NextPage::After);
        }
    }
}

/// Neither subject nor values.
impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::SessionOptions;

    #[test]
    fn all_pages_are_given_and_each_session_once() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let store = Store::open("memory:").unwrap();
            let manager = SessionManager::with(store, SessionOptions::new()).unwrap();
            for number in 0..2 * PAGE + 5 {
                let session = manager.load(None);
                session.put("n", &number).unwrap();
                let whose = if number % 2 == 0 { "ada" } else { "bob" };
                session.set_subject(Some(whose)).unwrap();
                let _ = manager.commit(&session).await.unwrap();
            }
            let mut devices = manager.each_subject("ada");
            let mut ended = 0;
            while let Some(session) = devices.next().await.unwrap() {
                session.destroy().await.unwrap();
                ended += 1;
            }
            assert_eq!(ended, PAGE + 3);
            let (mut left, mut numbers) = (manager.each(), Vec::new());
            while let Some(session) = left.next().await.unwrap() {
                numbers.push(session.get::<usize>("n").await.unwrap().unwrap());
            }
            numbers.sort_unstable();
            assert!(numbers.into_iter().eq((0..2 * PAGE + 5).filter(|number| number % 2 == 1)));
            assert!(left.next().await.unwrap().is_none());
        });
    }
}
