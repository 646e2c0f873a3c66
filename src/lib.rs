//! Portolan simulates the traffic to and from Google Cloud Run.

pub mod sets;
