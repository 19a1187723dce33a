#![no_main]

lastword_fuzz::target!(real_aead);
