#![no_main]

lastword_fuzz::target!(hostile_peer_server_13);
