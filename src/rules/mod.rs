//! stub until merged
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId(u16);
impl RuleId {
    pub const fn ing(n: u16) -> Self {
        RuleId(n)
    }
    pub const fn egr(n: u16) -> Self {
        RuleId(1000 + n)
    }
}
