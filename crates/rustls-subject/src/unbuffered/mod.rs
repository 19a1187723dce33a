//! The driver for `rustls::unbuffered`.

mod application;
mod connection;
mod driver;
mod habits;
mod input;
mod output;
mod side;
mod writing;

use protocol::{Capability, Open, Role, Tls12Close};
use rustls::client::UnbufferedClientConnection;
use rustls::server::UnbufferedServerConnection;
use rustls::Error;

use crate::context::Context;
use crate::subject::{Interface, Opened};

use driver::{Choices, Driver};
use habits::Habit;
use side::{Client, Server};

pub(crate) static INTERFACE: Interface = Interface {
    name: "unbuffered",
    capabilities: &[
        Capability::KeyUpdate,
        Capability::Tickets,
        Capability::Resumption,
        Capability::EarlyData,
        Capability::HalfRtt,
        Capability::KeyLimit,
        Capability::FragmentSize,
        Capability::Clock,
        Capability::Room,
        Capability::Read,
        Capability::Left,
        Capability::States,
        Capability::ClientAuth,
    ],
    habits: habits::described,
    open,
};

fn open(context: &Context, open: &Open<'_>) -> Opened {
    let habit = Habit::by_name(&open.habit).ok_or(format!("the habit {}", open.habit))?;
    let choices = Choices {
        habit,
        habit_after_handshake: open.habit_after_handshake,
        early: open.early.to_vec(),
        fragment_size: context.fragment_size,
        full_close: context.tls12_close == Tls12Close::Full,
    };
    let said = |error: Error| error.to_string();
    Ok(match open.role {
        Role::Client => Box::new(Driver::<Client>::new(
            UnbufferedClientConnection::new(context.client_for(&open.early), context.name.clone())
                .map_err(said)?,
            choices,
        )),
        Role::Server => Box::new(Driver::<Server>::new(
            UnbufferedServerConnection::new(context.server.clone()).map_err(said)?,
            choices,
        )),
    })
}
