#[cfg(feature = "view")]
mod exchanged;
mod formats;
mod layout;
