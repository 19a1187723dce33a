//! Effects that are wrong whatever caused them, noted as events arrive.

/// An effect that a universal rule reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Breach {
    /// Output after the local `close_notify`.
    SendsAfterClose,
    /// A second `close_notify`.
    ClosesTwice,
    /// Output after the subject's error alert.
    SendsAfterAlert,
    /// Output after the peer's error alert.
    SendsAfterPeersAlert,
    /// Output after a failure that the API has reported.
    SendsAfterFailure,
    /// Output after the end of the transport for writing.
    SendsAfterFin,
    /// The transport is closed for writing before any `close_notify` and without a failure.
    FinBeforeClose,
    /// A `close_notify` that nobody has requested.
    ClosesUnasked,
    /// A `user_canceled` although nobody has canceled anything.
    CancelsUnasked,
    /// A `no_renegotiation` without a request.
    RefusesUnasked,
    /// A handshake message that its sender may not send in this version, or not at this time.
    StrayMessage,
    /// A `KeyUpdate` that neither the peer nor the application has requested.
    UpdatesUnasked,
    /// A session ticket later than right after the handshake.
    TicketUnasked,
    /// A record without application data that the application has not asked for.
    EmptyData,
    /// A record that the peer cannot read.
    Unreadable,
    /// A handshake message under other keys than its own.
    WrongKeys,
    /// A clean end, although the peer has sent nothing that may be a `close_notify`.
    CleanEnd,
    /// A truncation or a reset, although the transport has not ended.
    CutEnd,
    /// A reset, although the transport has ended in an orderly way.
    ResetEnd,
    /// A clean end after another one, or after a report that the transport has ended.
    ChangesEnd,
    /// The same end again.
    EndsAgain,
    /// The end of the transport, after a failure.
    EndsAfterFailure,
    /// A call for processing is refused although nothing is wrong.
    RefusesProcess,
    /// A call would block although the transport takes everything.
    WouldBlock,
    /// A call is neither carried out nor refused.
    NoAnswer,
    /// A call is refused although it was carried out, or refused twice.
    AnswersTwice,
    /// Bytes of a write are accepted although nothing can leave any more.
    AcceptsAfterEnd,
    /// A complete record is left in the input of a sound connection.
    LeavesRecord,
    /// The API waits for the transport although nothing waits to be sent.
    WantsWrite,
    /// The API waits for nothing although the handshake is not done.
    WantsNothing,
    /// The API offers 0-RTT data although none has arrived.
    NamesEarlyData,
    /// The API offers data after the end, although none is left.
    OffersData,
    /// The connection goes on although it has to fail.
    GoesOn,
    /// Data is reported that arrived too late to count.
    TellsAfterError,
}

/// The number of breaches.
const COUNT: usize = Breach::TellsAfterError as usize + 1;

/// Where each breach first occurred.
#[derive(Clone, Copy, Debug)]
pub(super) struct Breaches([u32; COUNT]);

impl Default for Breaches {
    fn default() -> Self {
        Self([u32::MAX; COUNT])
    }
}

impl Breaches {
    pub(super) fn note(&mut self, breach: Breach, at: usize) {
        let first = &mut self.0[breach as usize];
        *first = (*first).min(at as u32);
    }

    pub(super) fn first(&self, breach: Breach) -> Option<usize> {
        let first = self.0[breach as usize];
        (first != u32::MAX).then_some(first as usize)
    }
}
