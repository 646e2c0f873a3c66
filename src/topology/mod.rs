//! The typed model of what the user describes.

pub mod record;
