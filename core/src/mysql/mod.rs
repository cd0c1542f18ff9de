//! Sessions in MySQL. (Engine follows.)
use crate::backend::{Backend, Command};
use crate::error::{Error, Result};
use crate::operation::{Answer, Reply};
use crate::options::Options;
use crate::record::Stats;
use crate::url::Server;
pub(crate) struct Engine;
impl Engine { pub(crate) fn new(_: &Server, _: &Options) -> Self { Engine } }
impl Backend for Engine {
    fn start(&self, _: Command<'_>, _: impl FnOnce() -> Reply) -> Option<Result<Answer>> { Some(Err(Error::internal("soon"))) }
    fn close(&self, finished: Box<dyn FnOnce() + Send>) { finished() }
    fn count(&self, _: &mut Stats) {}
}
