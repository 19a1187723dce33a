#![no_main]

lastword_fuzz::target!(handshake_close);
