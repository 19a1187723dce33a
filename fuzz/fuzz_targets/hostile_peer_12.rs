#![no_main]

lastword_fuzz::target!(hostile_peer_12);
