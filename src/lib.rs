//! Portolan simulates the traffic to and from Google Cloud Run.

pub mod import;
pub mod source;
pub mod topology;
