//! Named words of the byte form.

use super::numbers::{app, payload, peer, repeat, set, shape, size, step, transport};

/// The description of an error alert.
const BAD_RECORD_MAC: u8 = 20;
/// Content types.
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const HEARTBEAT: u8 = 24;
/// The code for 2^14 bytes, the maximum content of a record.
const RECORD: u8 = payload::FIRST_BOUNDARY + 16;
/// The code for one byte more.
const ABOVE_RECORD: u8 = RECORD + 1;
/// The code for a length above that of any protected record.
const ABOVE_CIPHERTEXT: u8 = payload::FIRST_BOUNDARY + 21;
/// The code for a length that needs more than one record.
const RECORDS: u8 = payload::FIRST_BOUNDARY + 23;
/// The code for half of the 0-RTT data that a ticket allows.
const EARLY_DATA: u8 = payload::FIRST_BOUNDARY + 12;
/// The code for 1024 bytes, as a size and as a payload.
const KILOBYTE: u8 = size::FIRST_BOUNDARY + 6;
/// The code for padding that leaves just enough space for the rest of the record.
const ALMOST_RECORD: u8 = size::FIRST_BOUNDARY + 13;
/// The index of `Finished` in the names of messages.
const FINISHED: u8 = 7;
/// An undefined handshake message type.
const UNKNOWN_MESSAGE: u8 = 0x63;

/// Named words for fuzzers to combine: each step and setting of the byte form, some with different
/// operands, and a few sequences of steps.
pub const WORDS: &[(&str, &[u8])] = &[
    ("tickets", &[set::TICKETS, 2]),
    ("early_accept", &[set::EARLY_ACCEPT, RECORD]),
    ("early_accept_little", &[set::EARLY_ACCEPT, 1]),
    ("early_reject", &[set::EARLY_REJECT]),
    ("early_write", &[set::EARLY_WRITE, 16]),
    ("half_rtt", &[set::HALF_RTT]),
    ("fragment_size", &[set::FRAGMENT_SIZE, 64]),
    ("key_limit", &[set::KEY_LIMIT, 4]),
    ("client_auth", &[set::CLIENT_AUTH]),
    ("hello_retry", &[set::HELLO_RETRY]),
    ("middlebox_ccs", &[set::MIDDLEBOX_CCS]),
    ("full_close", &[set::FULL_CLOSE]),
    ("edition_bis", &[set::EDITION, 1]),
    ("connect", &[step::CONNECT]),
    ("handshake", &[step::HANDSHAKE]),
    ("handshake_until", &[step::HANDSHAKE_UNTIL, FINISHED]),
    ("edit", &[step::EDIT, FINISHED]),
    ("repeat", &[step::REPEAT, 16]),
    (
        "repeat_often",
        &[step::REPEAT, repeat::LAST_FEW + repeat::MANY],
    ),
    ("pad", &[shape::PAD, 16]),
    ("outer", &[shape::OUTER, ALERT]),
    ("outer_unknown", &[shape::OUTER, HEARTBEAT]),
    ("version", &[shape::VERSION, 3, 1]),
    ("aad_as_sent", &[shape::AAD_AS_SENT]),
    ("length", &[shape::LENGTH, 0x48, 1]),
    ("length_short", &[shape::LENGTH, 0, 1]),
    ("epoch_plain", &[shape::EPOCH_PLAIN]),
    ("epoch_early", &[shape::EPOCH_EARLY]),
    ("epoch_handshake", &[shape::EPOCH_HANDSHAKE]),
    ("epoch_application", &[shape::EPOCH_APPLICATION, 0]),
    ("skip", &[shape::SKIP, 1]),
    ("skip_far", &[shape::SKIP_FAR, 0, 0, 0, 0, 1, 0, 0, 0]),
    ("bad_tag", &[shape::BAD_TAG]),
    ("bad_body", &[shape::BAD_BODY]),
    ("flip", &[shape::FLIP]),
    ("no_type", &[shape::NO_TYPE]),
    ("part", &[shape::PART, 3]),
    ("part_almost_empty", &[shape::PART, 1]),
    ("rest", &[shape::REST, 3]),
    ("split", &[shape::SPLIT, 1]),
    ("join", &[shape::JOIN]),
    ("dropped", &[shape::DROPPED]),
    ("late", &[shape::LATE]),
    ("omitted", &[shape::OMITTED]),
    ("short", &[shape::SHORT, 8]),
    ("peer_write", &[peer::WRITE_SOME]),
    ("peer_write_empty", &[peer::WRITE_EMPTY]),
    ("peer_write_record", &[peer::WRITE, RECORD]),
    ("peer_write_too_much", &[peer::WRITE, ABOVE_RECORD]),
    ("peer_close", &[peer::CLOSE]),
    ("peer_alert", &[peer::ALERT, 2, 0]),
    ("peer_error", &[peer::ERROR, BAD_RECORD_MAC]),
    ("peer_warning", &[peer::WARNING, 100]),
    ("peer_user_canceled", &[peer::USER_CANCELED]),
    ("peer_key_update", &[peer::KEY_UPDATE]),
    ("peer_key_update_request", &[peer::KEY_UPDATE_REQUEST]),
    ("peer_key_update_other", &[peer::KEY_UPDATE_OTHER, 2]),
    ("peer_ticket", &[peer::TICKET]),
    ("peer_renegotiate", &[peer::RENEGOTIATE]),
    ("peer_ccs", &[peer::CCS]),
    ("peer_ccs_other", &[peer::CCS_OTHER, 2]),
    ("peer_handshake", &[peer::HANDSHAKE, UNKNOWN_MESSAGE, 4]),
    ("peer_record", &[peer::RECORD, HEARTBEAT, 4]),
    (
        "peer_record_empty",
        &[peer::RECORD, HANDSHAKE, payload::EMPTY],
    ),
    (
        "peer_record_padded",
        &[
            shape::PAD,
            ALMOST_RECORD,
            peer::RECORD,
            HANDSHAKE,
            payload::EMPTY,
        ],
    ),
    (
        "peer_record_above_record",
        &[peer::RECORD, HANDSHAKE, ABOVE_RECORD],
    ),
    (
        "peer_record_too_much",
        &[peer::RECORD, HANDSHAKE, ABOVE_CIPHERTEXT],
    ),
    (
        "peer_message_above_record",
        &[
            shape::JOIN,
            peer::CLOSE,
            peer::HANDSHAKE,
            UNKNOWN_MESSAGE,
            RECORD,
        ],
    ),
    ("peer_raw", &[peer::RAW, 5]),
    ("peer_replay", &[peer::REPLAY, 1]),
    ("peer_reflect", &[peer::REFLECT, 1]),
    ("peer_write_bad_tag", &[shape::BAD_TAG, peer::WRITE_SOME]),
    (
        "peer_close_old_keys",
        &[shape::EPOCH_APPLICATION, 0, peer::CLOSE],
    ),
    (
        "peer_error_plain",
        &[shape::EPOCH_PLAIN, peer::ERROR, BAD_RECORD_MAC],
    ),
    ("peer_close_as_alert", &[shape::OUTER, ALERT, peer::CLOSE]),
    ("peer_key_update_part", &[shape::PART, 3, peer::KEY_UPDATE]),
    ("peer_key_update_rest", &[shape::REST, 3, peer::KEY_UPDATE]),
    (
        "peer_write_early",
        &[
            shape::EPOCH_EARLY,
            shape::SPLIT,
            KILOBYTE,
            peer::WRITE,
            EARLY_DATA,
        ],
    ),
    (
        "peer_close_early",
        &[
            step::HANDSHAKE_UNTIL,
            FINISHED,
            peer::CLOSE,
            step::HANDSHAKE,
        ],
    ),
    (
        "app_close_early",
        &[step::HANDSHAKE_UNTIL, FINISHED, app::CLOSE, step::HANDSHAKE],
    ),
    (
        "resume",
        &[
            set::TICKETS,
            1,
            step::HANDSHAKE,
            step::CONNECT,
            step::HANDSHAKE,
        ],
    ),
    (
        "resume_early",
        &[
            set::TICKETS,
            1,
            set::EARLY_ACCEPT,
            RECORD,
            step::HANDSHAKE,
            step::CONNECT,
            step::HANDSHAKE_UNTIL,
            FINISHED,
        ],
    ),
    (
        "resume_rejected",
        &[
            set::TICKETS,
            1,
            set::EARLY_REJECT,
            step::HANDSHAKE,
            step::CONNECT,
            step::HANDSHAKE_UNTIL,
            FINISHED,
        ],
    ),
    (
        "resume_rejected_warned",
        &[
            set::TICKETS,
            1,
            set::EARLY_REJECT,
            step::HANDSHAKE,
            step::CONNECT,
            step::HANDSHAKE_UNTIL,
            FINISHED,
            peer::USER_CANCELED,
        ],
    ),
    ("app_write", &[app::WRITE_SOME]),
    ("app_write_much", &[app::WRITE, RECORDS]),
    (
        "app_write_beyond_key_limit",
        &[
            set::KEY_LIMIT,
            4,
            set::FRAGMENT_SIZE,
            64,
            app::WRITE,
            KILOBYTE,
        ],
    ),
    ("app_close", &[app::CLOSE]),
    ("app_update_keys", &[app::UPDATE_KEYS]),
    ("app_pause", &[app::PAUSE]),
    ("app_read", &[app::READ, 1]),
    ("app_resume", &[app::RESUME]),
    ("app_settle_same", &[app::SETTLE_SAME]),
    ("app_settle_empty", &[app::SETTLE_EMPTY]),
    ("app_export", &[app::EXPORT]),
    ("app_drop", &[app::DROP]),
    ("transport_hold", &[transport::HOLD]),
    ("transport_release", &[transport::RELEASE]),
    ("transport_fin", &[transport::FIN]),
    ("transport_reset", &[transport::RESET]),
    ("transport_block", &[transport::BLOCK]),
    ("transport_room", &[transport::ROOM, 5]),
    ("transport_unblock", &[transport::UNBLOCK]),
    ("transport_clock", &[transport::CLOCK, 60]),
];

/// Returns [`WORDS`] in libFuzzer's dictionary format.
pub fn dictionary() -> String {
    let mut text = String::from(
        "# Steps of a script in the byte form: see crates/scenario/src/bytes/words.rs.\n",
    );
    for (name, word) in WORDS {
        let bytes: String = word.iter().map(|byte| format!("\\x{byte:02x}")).collect();
        text.push_str(&format!("{name}=\"{bytes}\"\n"));
    }
    text
}
