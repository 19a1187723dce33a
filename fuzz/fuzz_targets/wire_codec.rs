#![no_main]

lastword_fuzz::target!(wire_codec);
