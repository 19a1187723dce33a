//! The server's selection from a `ClientHello`.

use wire::{
    ClientHello, Cookie, HandshakeType, KeyShareClientHello, KeyShareEntry, SignatureAlgorithms,
    SignatureScheme, SupportedGroups, SupportedVersionsClientHello, VERSION_TLS13,
};

use super::{extension, illegal, missing};
use crate::crypto::hash::Running;
use crate::crypto::kx::Group;
use crate::crypto::suite::Suite;
use crate::engine::core::Core;
use crate::failure::Failure;

pub(super) const CLIENT_HELLO: HandshakeType = HandshakeType::CLIENT_HELLO;

/// The value of `cookie`, which the client returns.
pub(super) const COOKIE: &[u8] = b"lastword cookie";

/// The state after a `HelloRetryRequest`.
#[derive(Clone, Debug)]
pub(super) struct Retry {
    pub transcript: Running,
    pub suite: Suite,
    pub group: Option<Group>,
}

/// The server's choice from a `ClientHello`.
pub(super) struct Choice<'a> {
    pub suite: Suite,
    pub group: Option<Group>,
    pub share: Option<KeyShareEntry<'a>>,
}

/// Negotiates the version, the cipher suite and the group.
pub(super) fn choose<'a>(core: &Core, hello: &ClientHello<'a>) -> Result<Choice<'a>, Failure> {
    let extensions = &hello.extensions;
    let versions: Option<SupportedVersionsClientHello<'_>> = extension(CLIENT_HELLO, extensions)?;
    if !versions.is_some_and(|offer| offer.versions.contains(&VERSION_TLS13)) {
        return Err(Failure::NothingInCommon("version"));
    }
    if hello.compression_methods != [0] {
        return Err(illegal(CLIENT_HELLO, "legacy_compression_methods"));
    }
    let suite = core
        .config
        .usable_suites()
        .find(|suite| hello.cipher_suites.contains(&suite.id))
        .ok_or(Failure::NothingInCommon("cipher suite"))?;
    let groups: SupportedGroups<'_> =
        extension(CLIENT_HELLO, extensions)?.ok_or(missing(CLIENT_HELLO, "supported_groups"))?;
    let shares: KeyShareClientHello<'_> =
        extension(CLIENT_HELLO, extensions)?.ok_or(missing(CLIENT_HELLO, "key_share"))?;
    let schemes: Option<SignatureAlgorithms<'_>> = extension(CLIENT_HELLO, extensions)?;
    let signs = |offer: SignatureAlgorithms<'_>| {
        offer
            .schemes
            .contains(&SignatureScheme::ECDSA_SECP256R1_SHA256)
    };
    if !schemes.is_none_or(signs) {
        return Err(Failure::NothingInCommon("signature scheme"));
    }
    let mut common = core
        .config
        .groups
        .iter()
        .filter(|group| groups.groups.contains(&group.id()));
    let first = common
        .clone()
        .next()
        .ok_or(Failure::NothingInCommon("group"))?;
    let shared = common.find_map(|group| {
        let share = shares
            .shares
            .iter()
            .find(|share| share.group == group.id())?;
        Some((*group, share))
    });
    Ok(match shared {
        Some((group, share)) => Choice {
            suite,
            group: Some(group),
            share: Some(share),
        },
        None => Choice {
            suite,
            group: Some(*first),
            share: None,
        },
    })
}

/// Returns a common group for which the client sent no share.
pub(super) fn unshared_group(
    core: &Core,
    hello: &ClientHello<'_>,
) -> Result<Option<Group>, Failure> {
    let groups: Option<SupportedGroups<'_>> = extension(CLIENT_HELLO, &hello.extensions)?;
    let shares: Option<KeyShareClientHello<'_>> = extension(CLIENT_HELLO, &hello.extensions)?;
    let common = |group: &&Group| groups.is_some_and(|offer| offer.groups.contains(&group.id()));
    let shared = |group: &&Group| {
        shares.is_some_and(|offer| offer.shares.iter().any(|share| share.group == group.id()))
    };
    Ok(core
        .config
        .groups
        .iter()
        .filter(common)
        .find(|group| !shared(group))
        .copied())
}

/// Checks that the second `ClientHello` complies with the `HelloRetryRequest` (RFC 8446 4.1.2).
pub(super) fn check_retry(
    retry: &Retry,
    choice: &Choice<'_>,
    hello: &ClientHello<'_>,
    early_data: bool,
) -> Result<(), Failure> {
    if early_data {
        return Err(illegal(CLIENT_HELLO, "early_data"));
    }
    if choice.suite != retry.suite {
        return Err(illegal(CLIENT_HELLO, "cipher_suites"));
    }
    match retry.group {
        Some(group) if choice.share.is_none() || choice.group != Some(group) => {
            Err(illegal(CLIENT_HELLO, "key_share"))
        }
        Some(_) => Ok(()),
        None => match extension::<Cookie<'_>>(CLIENT_HELLO, &hello.extensions)? {
            Some(Cookie { cookie: COOKIE }) => Ok(()),
            _ => Err(illegal(CLIENT_HELLO, "cookie")),
        },
    }
}
