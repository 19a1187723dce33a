//! The driver for `rustls::Connection`, `Stream`, `complete_io` and `server::Acceptor`.

mod acceptor;
mod connection;
mod driver;
mod habits;
mod side;
mod transport;

use protocol::{Capability, Open, Role, Tls12Close, PLAIN_HABIT};
use rustls::{ClientConnection, Error, ServerConnection};

use crate::context::Context;
use crate::subject::{Interface, Opened};

use acceptor::Accepting;
use driver::{Choices, Driver};
use habits::Habit;
#[cfg(feature = "toy")]
pub use transport::watch;

pub(crate) static INTERFACE: Interface = Interface {
    name: "buffered",
    capabilities: &[
        #[cfg(feature = "key-refresh")]
        Capability::KeyUpdate,
        Capability::Tickets,
        Capability::Resumption,
        Capability::EarlyData,
        Capability::HalfRtt,
        Capability::KeyLimit,
        Capability::FragmentSize,
        Capability::Export,
        Capability::Clock,
        Capability::Room,
        Capability::Read,
        Capability::Wants,
        Capability::Helped,
        Capability::NativeEof,
        Capability::ClientAuth,
        Capability::CloseInHandshake,
    ],
    habits: habits::described,
    open,
};

fn open(context: &Context, open: &Open<'_>) -> Opened {
    let named = |name| Habit::by_name(name).ok_or(format!("the habit {name}"));
    // An acceptor opens a connection, so it must be there from the start, not only after the
    // handshake.
    let acceptor = named(&open.habit)?.acceptor;
    let (habit, later) = match open.habit_after_handshake {
        true => (named(PLAIN_HABIT)?, Some(named(&open.habit)?)),
        false => (named(&open.habit)?, None),
    };
    let choices = Choices {
        habit,
        later,
        early: open.early.to_vec(),
        fragment_size: context.fragment_size,
        full_close: context.tls12_close == Tls12Close::Full,
    };
    let said = |error: Error| error.to_string();
    Ok(match open.role {
        Role::Client => {
            let config = context.client_for(&open.early);
            let connection = ClientConnection::new(config, context.name.clone()).map_err(said)?;
            Box::new(Driver::new(connection, choices))
        }
        Role::Server if acceptor => Box::new(Accepting::new(context.server.clone(), choices)),
        Role::Server => {
            let connection = ServerConnection::new(context.server.clone()).map_err(said)?;
            Box::new(Driver::new(connection, choices))
        }
    })
}
