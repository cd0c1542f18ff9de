//! A call as the store takes it, and its answer as the checker does.

use sessio::{Content as Bytes, ErrorKind, Expiry, Record, Store, Timestamp};

use crate::client::Mix;
use crate::history::{Action, Content, Id, NEVER, Said};

const SIZE: usize = 200;

pub(crate) fn payload(data: u64) -> Vec<u8> {
    let mut bytes = format!("{{\"n\":{data},").into_bytes();
    bytes.resize(SIZE, b'.');
    bytes
}

/// The number in what [`payload`] or a [`SessionManager`] wrote; 0 for anything else.
fn number(bytes: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(bytes);
    let digits = text.split_once("\"n\":").map_or("", |(_, rest)| rest);
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().unwrap_or(0)
}

pub(crate) fn expiry(micros: i64) -> Expiry {
    if micros == NEVER { Expiry::Never } else { Timestamp::from_micros(micros).into() }
}

pub(crate) fn subject(number: u64) -> String {
    format!("subject-{number}")
}

pub(crate) async fn ask(store: &Store, tokens: &[String], action: &Action, mix: Mix) -> Said {
    let told = |result: sessio::Result<Said>| result.unwrap_or_else(|error| failed(&error));
    let token = |id: &Id| tokens[*id].as_str();
    let bytes = action.write().map(|write| (payload(write.data), write));
    let named = bytes.as_ref().and_then(|(_, write)| write.subject).map(subject);
    let content = bytes
        .as_ref()
        .map(|(bytes, write)| Bytes::new(bytes, expiry(write.expires)).subject(named.as_deref()));
    let some = content.unwrap_or(Bytes::new(&[], Expiry::Never));
    told(match action {
        Action::Find(id) => {
            let found = store.find(token(id)).await;
            found.map(|record| Said::Found(record.map(|record| read(&record, mix))))
        }
        Action::Listed(_, number) => listed(store, *number).await.map(Said::Yes),
        Action::Save(id, _) => store.save_content(token(id), some).await.map(|()| Said::Done),
        Action::Insert(id, _) => store.insert(token(id), some).await.map(|()| Said::Done),
        Action::Update(id, _) => store.update(token(id), some).await.map(Said::Yes),
        Action::Replace(id, expected, _) => {
            store.replace(token(id), &payload(*expected), some).await.map(Said::Wrote)
        }
        Action::Touch(id, expires) => store.touch(token(id), expiry(*expires)).await.map(Said::Yes),
        Action::Rename(old, new, _) => {
            store.rename(token(old), token(new), content).await.map(Said::Yes)
        }
        Action::Delete(id) => store.delete(token(id)).await.map(Said::Yes),
    })
}

pub(crate) fn failed(error: &sessio::Error) -> Said {
    if error.kind() == ErrorKind::AlreadyExists {
        return Said::Exists;
    }
    crate::report::remember(error);
    Said::Failed(error.kind())
}

pub(crate) fn read(record: &Record, mix: Mix) -> Content {
    let expires = record.expires_at.map_or(NEVER, Timestamp::as_micros);
    let named = record.subject.as_deref().and_then(|text| text.strip_prefix("subject-"));
    Content {
        data: number(&record.data),
        expires: if mix == Mix::Logins { NEVER } else { expires },
        subject: named.and_then(|text| text.parse().ok()),
    }
}

/// Whether the list of the subject has it. Subjects are of one session each.
async fn listed(store: &Store, number: u64) -> sessio::Result<bool> {
    Ok(!store.list_subject(&subject(number), None, 10).await?.entries.is_empty())
}
