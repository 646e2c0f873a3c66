//! What gateways serve; no findings.

use crate::topology::network::{NatRange, NatSubnet};

/// Ranges of a subnet that a gateway serves together (EGR-057).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum GatewayPart {
    /// The primary range, from which Cloud Run and machines send.
    Primary,
    /// Secondary ranges.
    Secondary,
}

impl GatewayPart {
    /// Both.
    pub const ALL: [GatewayPart; 2] = [GatewayPart::Primary, GatewayPart::Secondary];

    /// Whether a gateway that names a subnet so serves it.
    pub fn is_of(self, subnet: &NatSubnet) -> bool {
        let other = match self {
            GatewayPart::Primary => NatRange::Secondary,
            GatewayPart::Secondary => NatRange::Primary,
        };
        subnet.ranges.is_empty() || subnet.ranges.iter().any(|range| range.value != other)
    }
}
