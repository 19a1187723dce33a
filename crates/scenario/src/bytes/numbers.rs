//! The meaning of each byte. Numbers are never reassigned.

/// Settings, at any position.
pub(super) mod set {
    pub const TICKETS: u8 = 0x01;
    pub const EARLY_ACCEPT: u8 = 0x02;
    pub const EARLY_REJECT: u8 = 0x03;
    pub const EARLY_WRITE: u8 = 0x04;
    pub const HALF_RTT: u8 = 0x05;
    pub const FRAGMENT_SIZE: u8 = 0x06;
    pub const KEY_LIMIT: u8 = 0x07;
    pub const CLIENT_AUTH: u8 = 0x08;
    pub const HELLO_RETRY: u8 = 0x09;
    pub const SUITE: u8 = 0x0a;
    pub const GROUP: u8 = 0x0b;
    pub const FULL_CLOSE: u8 = 0x0c;
    pub const MIDDLEBOX_CCS: u8 = 0x0d;
    pub const HALF_CLOSE: u8 = 0x0e;
    pub const EDITION: u8 = 0x0f;
    /// Outside of the range of the other settings, which is full.
    pub const RECORD_SIZE_LIMIT: u8 = 0x1f;
}

/// Handshake steps, and the repetition of the previous step.
pub(super) mod step {
    pub const CONNECT: u8 = 0x10;
    pub const HANDSHAKE: u8 = 0x11;
    pub const HANDSHAKE_UNTIL: u8 = 0x12;
    pub const EDIT: u8 = 0x13;
    pub const REPEAT: u8 = 0x14;
}

/// The shape of the next record or of the next edited message.
pub(super) mod shape {
    pub const PAD: u8 = 0x20;
    pub const OUTER: u8 = 0x21;
    pub const VERSION: u8 = 0x22;
    pub const AAD_AS_SENT: u8 = 0x23;
    pub const LENGTH: u8 = 0x24;
    pub const EPOCH_PLAIN: u8 = 0x25;
    pub const EPOCH_EARLY: u8 = 0x26;
    pub const EPOCH_HANDSHAKE: u8 = 0x27;
    pub const EPOCH_APPLICATION: u8 = 0x28;
    pub const SKIP: u8 = 0x29;
    pub const BAD_TAG: u8 = 0x2a;
    pub const BAD_BODY: u8 = 0x2b;
    pub const FLIP: u8 = 0x2c;
    pub const NO_TYPE: u8 = 0x2d;
    pub const PART: u8 = 0x2e;
    pub const REST: u8 = 0x2f;
    pub const SPLIT: u8 = 0x30;
    pub const JOIN: u8 = 0x31;
    pub const DROPPED: u8 = 0x32;
    pub const LATE: u8 = 0x33;
    pub const OMITTED: u8 = 0x34;
    pub const SHORT: u8 = 0x35;
    pub const SKIP_FAR: u8 = 0x36;
}

/// Content that the peer sends.
pub(super) mod peer {
    pub const WRITE: u8 = 0x40;
    pub const CLOSE: u8 = 0x41;
    pub const ALERT: u8 = 0x42;
    pub const KEY_UPDATE: u8 = 0x43;
    pub const KEY_UPDATE_REQUEST: u8 = 0x44;
    pub const KEY_UPDATE_OTHER: u8 = 0x45;
    pub const TICKET: u8 = 0x46;
    pub const RENEGOTIATE: u8 = 0x47;
    pub const CCS: u8 = 0x48;
    pub const CCS_OTHER: u8 = 0x49;
    pub const HANDSHAKE: u8 = 0x4a;
    pub const RECORD: u8 = 0x4b;
    pub const RAW: u8 = 0x4c;
    pub const REPLAY: u8 = 0x4d;
    pub const REFLECT: u8 = 0x4e;
    /// An alert at level fatal, and one at level warning.
    pub const ERROR: u8 = 0x50;
    pub const WARNING: u8 = 0x51;
    pub const USER_CANCELED: u8 = 0x52;
    pub const WRITE_EMPTY: u8 = 0x53;
    pub const WRITE_SOME: u8 = 0x54;
}

/// Further codes for a close, so that random bytes contain it often: closing is what the project
/// tests.
pub(super) mod close {
    pub const FIRST_PEER: u8 = 0x58;
    pub const LAST_PEER: u8 = 0x5f;
    pub const FIRST_APP: u8 = 0x78;
    pub const LAST_APP: u8 = 0x7f;
}

/// Actions of the application.
pub(super) mod app {
    pub const WRITE: u8 = 0x60;
    pub const CLOSE: u8 = 0x61;
    pub const UPDATE_KEYS: u8 = 0x62;
    pub const PAUSE: u8 = 0x63;
    pub const READ: u8 = 0x64;
    pub const RESUME: u8 = 0x65;
    pub const SETTLE_SAME: u8 = 0x66;
    pub const SETTLE_EMPTY: u8 = 0x67;
    pub const EXPORT: u8 = 0x68;
    pub const DROP: u8 = 0x69;
    pub const WRITE_SOME: u8 = 0x6a;
}

/// Actions of the transport.
pub(super) mod transport {
    pub const HOLD: u8 = 0x70;
    pub const RELEASE: u8 = 0x71;
    pub const FIN: u8 = 0x72;
    pub const RESET: u8 = 0x73;
    pub const BLOCK: u8 = 0x74;
    pub const ROOM: u8 = 0x75;
    pub const UNBLOCK: u8 = 0x76;
    pub const CLOCK: u8 = 0x77;
}

/// The number of repetitions of the previous step: the low four bits up to [`repeat::LAST_FEW`],
/// and otherwise the low six. This makes floods rare, because one takes as long as many other
/// scripts.
pub(super) mod repeat {
    pub const LAST_FEW: u8 = 0xbf;
    pub const FEW: u8 = 0x0f;
    pub const MANY: u8 = 0x3f;
}

/// The length of the payload without an operand.
pub(super) const SOME: usize = 16;

/// The first byte of a payload. Up to [`payload::LAST_PATTERN`] it is the length of a pattern, or a
/// code for a length near a boundary.
pub(super) mod payload {
    pub const EMPTY: u8 = 0x00;
    pub const FIRST_BOUNDARY: u8 = 0x80;
    /// The number of bytes that follow is the difference to this value.
    pub const FIRST_SHORT: u8 = 0xa0;
    pub const LAST_SHORT: u8 = 0xbf;
    pub const AFTER_SHORT: u8 = LAST_SHORT + 1;
    pub const LAST_PATTERN: u8 = 0xf8;
    pub const TEXT: u8 = 0xfa;
    pub const PATTERN: u8 = 0xfb;
    pub const BYTES: u8 = 0xfe;
    pub const MANY_BYTES: u8 = 0xff;
}

/// Codes for sizes above 127. Other bytes are the size itself.
pub(super) mod size {
    pub const FIRST_BOUNDARY: u8 = 0x80;
    pub const FAR: u8 = 0xff;
}

/// Sizes near which the behaviour of implementations changes.
pub(super) const BOUNDARIES: [u32; 24] = [
    128, 255, 256, 257, 511, 512, 1024, 1280, 2048, 4095, 4096, 4097, 8192, 16_127, 16_382, 16_383,
    16_384, 16_385, 16_640, 16_641, 18_432, 18_433, 32_768, 40_000,
];

/// The largest size that an operand can have.
pub(super) const MAX_SIZE: u32 = 0x00ff_ffff;
