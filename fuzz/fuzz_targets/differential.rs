#![no_main]

lastword_fuzz::target!(differential);
