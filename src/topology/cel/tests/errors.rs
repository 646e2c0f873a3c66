//! What is said of an expression that cannot be read, with the text that is underlined.

use super::super::Dialect::{self, IamCondition, NatRule, SecurityPolicy};
use super::super::{MAX_LENGTH, MAX_NESTING, parse};

#[track_caller]
fn check(dialect: Dialect, text: &str, underlined: &str, message: &str, hint: Option<&str>) {
    let error = parse(text, dialect).expect_err(text);
    assert_eq!(
        (&text[error.range.clone()], error.message.as_str(), error.hint.as_deref()),
        (underlined, message, hint),
        "{text}"
    );
}

#[test]
fn syntax() {
    let cases = [
        (
            "",
            "",
            "the expression is empty",
            Some("write `true` for a rule that matches every request"),
        ),
        ("request.path ==", "", "the expression ends too early", None),
        ("request.path = '/'", "=", "`=` is not an operator", Some("write `==`")),
        ("true & false", "&", "`&` is not an operator", Some("write `&&`")),
        ("(true", "(", "`(` is never closed", None),
        ("true)", ")", "`)` closes nothing", None),
        ("(true]", "]", "`]` closes nothing", None),
        ("request.path == 'a", "'a", "the string is never closed", None),
        ("true false", "false", "`false` is not expected here", None),
        ("1 + ()", ")", "not a CEL expression: mismatched input ')'", None),
        ("'é' == 'é' && #", "#", "not a CEL expression: token recognition error at: '#'", None),
    ];
    for (text, underlined, message, hint) in cases {
        check(SecurityPolicy, text, underlined, message, hint);
    }
}

#[test]
fn names() {
    check(
        SecurityPolicy,
        "true && request.pth == 'a'",
        "request.pth",
        "`request.pth` is not an attribute of security policy rules",
        Some("did you mean `request.path`?"),
    );
    check(
        SecurityPolicy,
        "request.host == 'a'",
        "request.host",
        "`request.host` is not an attribute of security policy rules",
        Some("write `request.headers['host']`"),
    );
    check(
        SecurityPolicy,
        "request.headers.accept == 'a'",
        "request.headers.accept",
        "`request.headers.accept` is not an attribute of security policy rules",
        Some("write `request.headers['accept']`"),
    );
    check(
        NatRule,
        "origin.ip == '1.1.1.1'",
        "origin.ip",
        "`origin.ip` is not an attribute of NAT rules",
        Some("NAT rules have destination.ip, source.ip, nexthop.hub, nexthop.is_hybrid"),
    );
    check(
        SecurityPolicy,
        "true || request.path.startWith('/a')",
        "request.path.startWith('/a')",
        "`startWith` is not a function of security policy rules",
        Some("did you mean `startsWith`?"),
    );
    check(
        IamCondition,
        "inIpRange(request.path, '1.1.1.1')",
        "inIpRange(request.path, '1.1.1.1')",
        "`inIpRange` is not a function of IAM conditions",
        None,
    );
}

#[test]
fn values() {
    let cases = [
        (
            SecurityPolicy,
            "origin.ip == '10.0.0.0/8'",
            "'10.0.0.0/8'",
            "`10.0.0.0/8` is not an IP address",
            Some("a range needs `inIpRange(…, '10.0.0.0/8')`"),
        ),
        (
            SecurityPolicy,
            "inIpRange(origin.ip, '10.0.0/8')",
            "'10.0.0/8'",
            "`10.0.0/8` is not a range of IP addresses",
            None,
        ),
        (
            SecurityPolicy,
            "request.path.matches('(?=a)')",
            "'(?=a)'",
            "`(?=a)` is not an RE2 pattern: look-around, including look-ahead and look-behind, is \
             not supported",
            None,
        ),
        (
            SecurityPolicy,
            "request.path.matches(r'(a)\\1')",
            "r'(a)\\1'",
            "`(a)\\1` is not an RE2 pattern: backreferences are not supported",
            None,
        ),
        (
            SecurityPolicy,
            "request.path == 5",
            "request.path == 5",
            "`request.path == 5` compares text with a number",
            None,
        ),
        (
            SecurityPolicy,
            "true && request.path",
            "request.path",
            "`request.path` is text, not a condition",
            None,
        ),
        (
            SecurityPolicy,
            "request.method in 'GET'",
            "'GET'",
            "`'GET'` is text",
            Some("`in` needs a list, such as `['a', 'b']`"),
        ),
        (
            IamCondition,
            "request.time < '2027-01-01T00:00:00Z'",
            "request.time < '2027-01-01T00:00:00Z'",
            "`request.time < '2027-01-01T00:00:00Z'` compares a time with text",
            Some("write `timestamp('2027-01-01T00:00:00Z')`"),
        ),
        (
            IamCondition,
            "request.time < timestamp('2027-01-01')",
            "timestamp('2027-01-01')",
            "`2027-01-01` is not a timestamp",
            Some("write a time with its zone, such as `timestamp('2027-01-31T00:00:00Z')`"),
        ),
    ];
    for (dialect, text, underlined, message, hint) in cases {
        check(dialect, text, underlined, message, hint);
    }
}

#[test]
fn waf_options() {
    let error = parse("evaluatePreconfiguredWaf('x', {'level': 1})", SecurityPolicy)
        .expect_err("an unknown option");
    assert_eq!(
        error.message,
        "`level` is not an option of `evaluatePreconfiguredWaf`, or not like this"
    );
}

#[test]
fn limits_come_before_the_parser() {
    let nest = |open: &str, depth| {
        let close = if open.ends_with('[') { "]" } else { ")" };
        format!("{}true{}", open.repeat(depth), close.repeat(depth))
    };
    for open in ["(", "!(", "true && (", "true ? false : (", "f(", "1 == (", "["] {
        // Deep ones fit the stack of a test; what they say does not matter.
        let _ = parse(&nest(open, MAX_NESTING), SecurityPolicy);
        let error = parse(&nest(open, MAX_NESTING + 1), SecurityPolicy).expect_err(open);
        assert_eq!(error.message, "the expression is nested too deeply to be read");
    }
    for text in [
        format!("request{}", ".a".repeat(2000)),
        format!("{}true", "!".repeat(4000)),
        format!("1{} == 2", " + 1".repeat(2000)),
        format!("a{}", "[0]".repeat(2000)),
        format!("true{}", " in true".repeat(1000)),
    ] {
        let error = parse(&text, SecurityPolicy).expect_err("a deep chain");
        assert_eq!(error.message, "the expression is nested too deeply to be read");
    }
    assert!(parse(&"true && ".repeat(900).replace("&& ", "&& true && "), SecurityPolicy).is_err());
    assert!(parse(&" ".repeat(MAX_LENGTH + 1), SecurityPolicy).is_err());
    let long = format!("origin.ip in [{}'1.1.1.1']", "'1.1.1.1', ".repeat(700));
    assert!(parse(&long, SecurityPolicy).is_ok());
}
