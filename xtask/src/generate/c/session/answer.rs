//! Answers of a session's verbs: where C gets them.

use crate::Result;

use super::super::super::session::{SessionAnswer, SessionVerb};

/// Whether a completion can have the answer, which does not say to which verb it belongs: yes and no
/// are those of `live` there.
pub(super) fn can_complete(answer: SessionAnswer) -> bool {
    match answer {
        SessionAnswer::Done
        | SessionAnswer::Live
        | SessionAnswer::Value
        | SessionAnswer::Page
        | SessionAnswer::Result => true,
        SessionAnswer::Is
        | SessionAnswer::Flag
        | SessionAnswer::Values
        | SessionAnswer::Json
        | SessionAnswer::Keys
        | SessionAnswer::Token
        | SessionAnswer::Subject
        | SessionAnswer::Instant
        | SessionAnswer::Expiry
        | SessionAnswer::Choice
        | SessionAnswer::Timeout
        | SessionAnswer::Session
        | SessionAnswer::NewSession
        | SessionAnswer::Begun
        | SessionAnswer::Finished => false,
    }
}

/// Where the answer goes.
pub(super) struct Returned {
    answer: SessionAnswer,
    /// The name of the last parameter before the error; empty if there is none.
    name: String,
    /// What it points to.
    of: &'static str,
}

impl Returned {
    pub(super) fn new(verb: &SessionVerb) -> Result<Self> {
        let (name, of) = match verb.answer {
            SessionAnswer::Done | SessionAnswer::Is | SessionAnswer::Live => ("", ""),
            SessionAnswer::Flag | SessionAnswer::Choice => (&*verb.name, "bool"),
            SessionAnswer::Value => ("value", "*mut sessio_value"),
            SessionAnswer::Token => ("token", "*mut sessio_value"),
            SessionAnswer::Values
            | SessionAnswer::Json
            | SessionAnswer::Keys
            | SessionAnswer::Subject => (&*verb.name, "*mut sessio_value"),
            SessionAnswer::Instant | SessionAnswer::Expiry | SessionAnswer::Timeout => {
                (&*verb.name, "i64")
            }
            SessionAnswer::Session | SessionAnswer::NewSession => {
                ("session", "*mut sessio_session")
            }
            SessionAnswer::Page => ("page", "*mut sessio_session_page"),
            SessionAnswer::Result => ("result", "*mut sessio_commit_result"),
            SessionAnswer::Begun | SessionAnswer::Finished => {
                return Err(format!("{}: C has no such answer", verb.name).into());
            }
        };
        let name = verb.c.out.as_deref().unwrap_or(name).to_owned();
        Ok(Returned { answer: verb.answer, name, of })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn declared(&self) -> Option<String> {
        (!self.name.is_empty()).then(|| format!("{}: *mut {}", self.name, self.of))
    }

    /// The line that makes sure of the place, and empties it.
    pub(super) fn slot(&self) -> String {
        let name = &self.name;
        let empty = match self.of {
            "" => return String::new(),
            "bool" => "false",
            "i64" => "0",
            _ => "ptr::null_mut()",
        };
        // A program may not want the result of a commit.
        let out = if self.answer == SessionAnswer::Result { "out_if" } else { "out" };
        format!("let {name} = arg!({out}({name}, {empty}))?;")
    }

    /// The lines that make the call, which is asked for an answer of a type, and hand it out.
    pub(super) fn lines(&self, call: impl Fn(&str) -> String) -> Vec<String> {
        let name = &self.name;
        let answered = |of: &str, then: &str| {
            vec![format!("let answer: {of} = {};", call("")), then.to_owned()]
        };
        let handed_out = |of: &str, out: &str| answered(of, &format!("Ok({out}({name}, answer))"));
        let set = |line: String| vec![line, "Ok(SESSIO_DONE)".to_owned()];
        match self.answer {
            SessionAnswer::Done => set(format!("{};", call("::<()>"))),
            SessionAnswer::Is => answered("bool", "Ok(status::found(answer))"),
            SessionAnswer::Live => answered("bool", "Ok(status::written(answer))"),
            SessionAnswer::Flag => set(format!("*{name} = {};", call(""))),
            SessionAnswer::Instant => {
                set(format!("*{name} = {}.as_micros();", call("::<Timestamp>")))
            }
            SessionAnswer::Value => handed_out("Option<Value>", "value_out"),
            SessionAnswer::Token | SessionAnswer::Subject => {
                handed_out("Option<String>", "value_out")
            }
            SessionAnswer::Values => {
                answered("Map", &format!("Ok(value_out({name}, Some(answer)))"))
            }
            SessionAnswer::Json => {
                answered("String", &format!("Ok(value_out({name}, Some(answer)))"))
            }
            SessionAnswer::Keys => handed_out("Vec<String>", "texts_out"),
            SessionAnswer::Choice => handed_out("Option<bool>", "choice_out"),
            SessionAnswer::Timeout => handed_out("Option<Duration>", "timeout_out"),
            SessionAnswer::Expiry => {
                answered("Option<Timestamp>", &format!("expiry_out(session, {name}, answer)"))
            }
            SessionAnswer::Session => handed_out("Option<Session>", "session_out"),
            SessionAnswer::NewSession => {
                let created = "Some(answer.ok_or_else(unexpected_answer)?)";
                answered("Option<Session>", &format!("Ok(session_out({name}, {created}))"))
            }
            SessionAnswer::Page => {
                let page = format!("*{name} = into_raw(sessio_session_page::new(answer));");
                answered("SessionPage", &(page + "\nOk(SESSIO_DONE)"))
            }
            SessionAnswer::Result => {
                answered("CommitResult", &format!("Ok(result_out({name}, &answer))"))
            }
            SessionAnswer::Begun | SessionAnswer::Finished => Vec::new(),
        }
    }

    /// What C's form of the answer needs to be said.
    pub(super) fn note(&self) -> String {
        let name = &self.name;
        match self.answer {
            SessionAnswer::Is => " SESSIO_DONE for yes, SESSIO_NOT_FOUND for no.".to_owned(),
            SessionAnswer::Flag
            | SessionAnswer::Choice
            | SessionAnswer::Instant
            | SessionAnswer::Expiry
            | SessionAnswer::Timeout => format!(" Sets `*{name}` to the answer."),
            SessionAnswer::Token | SessionAnswer::Subject => format!(" `*{name}` is a text."),
            SessionAnswer::Values => format!(" `*{name}` is a map."),
            SessionAnswer::Keys => format!(" `*{name}` is a list of texts."),
            SessionAnswer::Done
            | SessionAnswer::Live
            | SessionAnswer::Value
            | SessionAnswer::Json
            | SessionAnswer::Session
            | SessionAnswer::NewSession
            | SessionAnswer::Page
            | SessionAnswer::Result
            | SessionAnswer::Begun
            | SessionAnswer::Finished => String::new(),
        }
    }
}
