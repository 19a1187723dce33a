#![no_main]

lastword_fuzz::target!(honest_peer);
