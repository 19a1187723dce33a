#![no_main]

lastword_fuzz::target!(raw_bytes);
