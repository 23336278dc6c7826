//! TLS for every channel: one library below rustls for the whole program.

/// Makes ring the library that rustls uses. A second call changes nothing.
pub(super) fn use_ring() {
    // An error says that there is one already, which is as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
