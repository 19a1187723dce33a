//! Tests of the primitives against published vectors.

use peer::crypto::aead::{Aead, BadTag, Key, KeyLength};
use peer::crypto::hash::{Hash, TooLong};
use peer::crypto::kx::{BadShare, Group, KeyPair};
use peer::crypto::rng::Rng;
use peer::crypto::sign::{SignError, VerifyingKey};
use peer::crypto::suite::Suite;
use peer::pki;

fn bytes(hex: &str) -> Vec<u8> {
    const_hex::decode(hex).expect("hexadecimal")
}

/// NIST GCM test cases 1, 2, 13 and 14.
#[test]
fn aes_gcm_agrees_with_the_nist_vectors() {
    let cases = [
        (Aead::Aes128Gcm, "", "58e2fccefa7e3061367f1d57a4e7455a"),
        (
            Aead::Aes128Gcm,
            "0388dace60b6a392f328c2b971b2fe78",
            "ab6e47d42cec13bdf53a67b21257bddf",
        ),
        (Aead::Aes256Gcm, "", "530f8afbc74536b9a963b4f1c4cb738b"),
        (
            Aead::Aes256Gcm,
            "cea7403d4d606b6e074ec5d3baf39d18",
            "d0d1c8a799996bf0265b98b5d48ab919",
        ),
    ];
    for (aead, ciphertext, tag) in cases {
        let key = Key::new(aead, &[0; 32][..aead.key_len()]).expect("the right length");
        let mut data = vec![0; ciphertext.len() / 2];
        assert_eq!(const_hex::encode(key.seal(&[0; 12], &[], &mut data)), tag);
        assert_eq!(const_hex::encode(data), ciphertext);
    }
}

/// RFC 8439 2.8.2.
#[test]
fn chacha20_poly1305_agrees_with_the_rfc() {
    let secret: Vec<u8> = (0x80..=0x9f).collect();
    let key = Key::new(Aead::ChaCha20Poly1305, &secret).expect("the right length");
    let nonce = bytes("070000004041424344454647")
        .try_into()
        .expect("twelve bytes");
    let aad = bytes("50515253c0c1c2c3c4c5c6c7");
    let text = b"Ladies and Gentlemen of the class of '99: \
        If I could offer you only one tip for the future, sunscreen would be it.";
    let mut data = text.to_vec();
    let tag = key.seal(&nonce, &aad, &mut data);
    assert_eq!(data[..16], bytes("d31a8d34648e60db7b86afbc53ef7ec2"));
    assert_eq!(tag[..], bytes("1ae10b594f09e26a7e902ecbd0600691"));
    key.open(&nonce, &aad, &mut data, &tag)
        .expect("the correct tag");
    assert_eq!(data, text);
}

#[test]
fn a_wrong_tag_leaves_the_ciphertext_unchanged() {
    for aead in [Aead::Aes128Gcm, Aead::Aes256Gcm, Aead::ChaCha20Poly1305] {
        let key = Key::new(aead, &[7; 32][..aead.key_len()]).expect("the right length");
        let mut data = *b"some ciphertext";
        assert_eq!(key.open(&[0; 12], &[], &mut data, &[0; 16]), Err(BadTag));
        assert_eq!(&data, b"some ciphertext");
        assert_eq!(Key::new(aead, &[7; 31]).err(), Some(KeyLength));
    }
}

/// RFC 5869 A.1 and A.3.
#[test]
fn hkdf_agrees_with_the_rfc() {
    let input = [0x0b; 22];
    let prk = Hash::Sha256.hkdf_extract(&bytes("000102030405060708090a0b0c"), &input);
    let mut out = [0; 42];
    let info = bytes("f0f1f2f3f4f5f6f7f8f9");
    Hash::Sha256
        .hkdf_expand(&prk, &[&info[..3], &info[3..]], &mut out)
        .expect("short");
    let expected =
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
    assert_eq!(const_hex::encode(out), expected);

    let prk = Hash::Sha256.hkdf_extract(&[], &input);
    Hash::Sha256
        .hkdf_expand(&prk, &[], &mut out)
        .expect("short");
    let expected =
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8";
    assert_eq!(const_hex::encode(out), expected);
}

#[test]
fn input_that_does_not_fit_a_length_field_is_an_error() {
    let hash = Hash::Sha256;
    let mut most = vec![0; 255 * 32];
    assert_eq!(hash.hkdf_expand(&[], &[], &mut most), Ok(()));
    let mut more = vec![0; 255 * 32 + 1];
    assert_eq!(hash.hkdf_expand(&[], &[], &mut more), Err(TooLong));
    assert_eq!(
        hash.hkdf_expand(&[], &[b"".as_slice(); 7], &mut []),
        Err(TooLong)
    );
    assert!(hash.expand_secret(&[], &[b'a'; 249], &[0; 255]).is_ok());
    assert_eq!(hash.expand_secret(&[], &[b'a'; 250], &[]), Err(TooLong));
    assert_eq!(hash.expand_secret(&[], &[], &[0; 256]), Err(TooLong));
    assert_eq!(
        hash.hkdf_expand_label(&[], &[], &[], &mut vec![0; 70_000]),
        Err(TooLong)
    );
}

/// The vectors for P_SHA256 and P_SHA384 from the mailing list of the TLS working group.
#[test]
fn the_tls_1_2_prf_agrees_with_published_vectors() {
    let mut out = [0; 100];
    let secret = bytes("9bbe436ba940f017b17652849a71db35");
    let seed = bytes("a0ba9f936cda311827a6f796ffd5198c");
    Hash::Sha256.prf(&secret, b"test label", [&seed[..5], &seed[5..]], &mut out);
    let expected = "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9\
        c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789ba\
        a48082d122ee42c5a72e5a5110fff70187347b66";
    assert_eq!(const_hex::encode(out), expected);

    let mut out = [0; 148];
    let secret = bytes("b80b733d6ceefcdc71566ea48e5567df");
    let seed = bytes("cd665cf6a8447dd6ff8b27555edb7465");
    Hash::Sha384.prf(&secret, b"test label", [&seed, &[]], &mut out);
    let expected = "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cde9ca0faa60be9fe3\
        4f82b1233c9146a0e534cb400fed2700884f9dc236f80edd8bfa961144c9e8d792eca722a7b32fc3\
        d416d473ebc2c5fd4abfdad05d9184259b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236\
        a3e52655c9e9aee691c8f3a26854308d5eaa3be85e0990703d73e56f";
    assert_eq!(const_hex::encode(out), expected);
}

#[test]
fn both_sides_of_a_key_exchange_agree() {
    for group in Group::ALL {
        let mut rng = Rng::new(1);
        let (ours, theirs) = (
            KeyPair::generate(group, &mut rng),
            KeyPair::generate(group, &mut rng),
        );
        let shared = ours.agree(theirs.public()).expect("a valid share");
        assert_eq!(Ok(shared), theirs.agree(ours.public()));
        assert_eq!(
            **KeyPair::generate(group, &mut Rng::new(1)).public(),
            **ours.public()
        );
        assert_eq!(ours.agree(&[]), Err(BadShare));
        assert_eq!(ours.agree(&[0; 32]), Err(BadShare));
        assert_eq!(ours.agree(&[4; 65]), Err(BadShare));
        assert_eq!(Group::from_id(group.id()), Some(group));
    }
    assert_eq!(
        KeyPair::from_private(Group::Secp256r1, &[0xff; 32]).err(),
        Some(BadShare)
    );
}

#[test]
fn the_keys_of_the_pki_sign_and_are_those_in_the_certificates() {
    for identity in [pki::server(), pki::client()] {
        let point = identity.key.public_point().expect("a key of P-256");
        assert!(identity.chain[0].windows(65).any(|window| window == point));
        let signature = identity.key.sign(b"message");
        assert_eq!(*signature, *identity.key.sign(b"message"));
        let public = VerifyingKey::from_sec1(point).expect("a point");
        assert_eq!(public, identity.key.verifying_key());
        assert_eq!(public.verify(b"message", &signature), Ok(()));
        for message in [&[][..], &[0xff; 300]] {
            let signature = identity.key.sign(message);
            assert_eq!(public.verify(message, &signature), Ok(()));
        }
        assert_eq!(
            public.verify(b"massage", &signature),
            Err(SignError::Signature)
        );
        assert_eq!(
            public.verify(b"message", &signature[1..]),
            Err(SignError::Signature)
        );
    }
    assert_ne!(
        pki::server().key.public_point(),
        pki::client().key.public_point()
    );
    assert_eq!(
        VerifyingKey::from_sec1(&[4; 65]).err(),
        Some(SignError::Key)
    );
    assert!(!pki::ca_der().is_empty());
}

#[test]
fn every_suite_is_found_by_its_code_point() {
    for suite in Suite::ALL {
        assert_eq!(Suite::from_id(suite.id), Some(suite));
        assert!(suite.id.name().is_some());
    }
}

#[test]
fn the_generator_follows_its_seed() {
    // The first outputs of SplitMix64 for seed 1234567.
    let mut rng = Rng::new(1_234_567);
    assert_eq!(rng.next_u64(), 6_457_827_717_110_365_317);
    assert_eq!(rng.next_u64(), 3_203_168_211_198_807_973);
    let (mut one, mut other) = (Rng::new(5), Rng::new(5));
    assert_eq!(one.bytes::<13>(), other.bytes::<13>());
    let mut fork = one.fork();
    assert_ne!(fork.next_u64(), one.next_u64());
}
