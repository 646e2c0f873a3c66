//! What a topology's references lead to, worked out once.
//!
//! | file | holds |
//! |---|---|
//! | `relations.rs` | who leads to whom: load balancers to backends to services, and who may invoke |
//! | `firewall_order.rs` | the firewall rules of a network, in the order in which they are asked |
//! | `expressions.rs` | expressions, each read once however often it is written |
//! | `attachments.rs` | who sends from inside networks, and which ranges are private |

pub(crate) mod attachments;
pub(crate) mod expressions;
pub(crate) mod firewall_order;
pub(crate) mod relations;
