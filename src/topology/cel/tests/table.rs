//! A table of real expressions and the conditions they come out as.

use super::super::Dialect::{self, IamCondition, NatRule, SecurityPolicy};
use super::super::{count_subexpressions, parse};
use crate::topology::condition::{
    AddressField, Condition, FreeCondition, FreeKind, Test, TextAttribute, TextTest, TimeRange,
};

#[track_caller]
fn check(dialect: Dialect, text: &str, expected: Condition) {
    match parse(text, dialect) {
        Ok(found) => assert_eq!(found, expected, "{text}\n  reads: {found}"),
        Err(error) => panic!("{text}\n  {error}\n  {:?}", error),
    }
}

/// Checks what is not decided, by its text, and the sentence of the whole.
#[track_caller]
fn check_unmodelled(dialect: Dialect, text: &str, parts: &[&str], sentence: &str) {
    let found = parse(text, dialect).expect("a readable expression");
    let texts: Vec<_> = found.unmodelled().map(|part| part.text.as_str()).collect();
    assert_eq!(texts, parts, "{text}");
    for part in found.unmodelled() {
        assert_eq!(&text[part.start as usize..part.end as usize], part.text);
    }
    assert_eq!(found.to_string(), sentence, "{text}");
}

fn all(parts: impl IntoIterator<Item = Condition>) -> Condition {
    Condition::All(parts.into_iter().collect())
}

fn any(parts: impl IntoIterator<Item = Condition>) -> Condition {
    Condition::Any(parts.into_iter().collect())
}

fn not(part: Condition) -> Condition {
    Condition::Not(Box::new(part))
}

fn ip(field: AddressField, ranges: &[&str]) -> Condition {
    let ranges = ranges.iter().map(|range| range.parse().expect("a range")).collect();
    Test::Address { field, ranges }.into()
}

fn origin(ranges: &[&str]) -> Condition {
    ip(AddressField::Origin, ranges)
}

fn region(codes: &[&str]) -> Condition {
    Test::Region(codes.iter().map(|&code| code.to_owned()).collect()).into()
}

fn text(field: TextAttribute, test: TextTest) -> Condition {
    Test::Text { field, test, ignore_case: false }.into()
}

fn any_case(field: TextAttribute, test: TextTest) -> Condition {
    Test::Text { field, test, ignore_case: true }.into()
}

fn header(name: &str) -> TextAttribute {
    TextAttribute::Header(name.to_owned())
}

fn present(name: &str) -> Condition {
    Test::Present(header(name)).into()
}

fn is(text: &str) -> TextTest {
    TextTest::Equals(text.to_owned())
}

fn prefix(text: &str) -> TextTest {
    TextTest::Prefix(text.to_owned())
}

fn suffix(text: &str) -> TextTest {
    TextTest::Suffix(text.to_owned())
}

fn contains(text: &str) -> TextTest {
    TextTest::Contains(text.to_owned())
}

fn matches(text: &str) -> TextTest {
    TextTest::Matches(text.to_owned())
}

fn free(kind: FreeKind, name: &str) -> Condition {
    Test::Condition(FreeCondition { kind, name: name.to_owned() }).into()
}

fn time(from: Option<&str>, until: Option<&str>) -> Condition {
    let instant = |text: &str| text.parse().expect("a time");
    Test::Time(TimeRange { from: from.map(instant), until: until.map(instant) }).into()
}

use TextAttribute::{Host, Method, Path, Query, Scheme};

#[test]
fn addresses() {
    let cases = [
        ("origin.ip == '5.6.7.8'", origin(&["5.6.7.8/32"])),
        ("'5.6.7.8' == origin.ip", origin(&["5.6.7.8/32"])),
        ("origin.ip == \"2001:db8::1\"", origin(&["2001:db8::1/128"])),
        ("origin.ip != '5.6.7.8'", not(origin(&["5.6.7.8/32"]))),
        ("inIpRange(origin.ip, '1.2.3.0/24')", origin(&["1.2.3.0/24"])),
        ("inIpRange(origin.ip, '1.2.3.4/24')", origin(&["1.2.3.0/24"])),
        ("!inIpRange(origin.ip, '1.2.3.0/24')", not(origin(&["1.2.3.0/24"]))),
        (
            "inIpRange(origin.ip, '1.2.3.0/24') || origin.ip == '5.6.7.8'",
            origin(&["1.2.3.0/24", "5.6.7.8/32"]),
        ),
        ("origin.ip in ['1.1.1.1', '8.8.8.8']", origin(&["1.1.1.1/32", "8.8.8.8/32"])),
        ("inIpRange(origin.user_ip, '2001:db8::/32')", ip(AddressField::User, &["2001:db8::/32"])),
        (
            "inIpRange(origin.ip, '10.0.0.0/8') && inIpRange(origin.user_ip, '10.0.0.0/8')",
            all([origin(&["10.0.0.0/8"]), ip(AddressField::User, &["10.0.0.0/8"])]),
        ),
        (
            "evaluateAddressGroup('projects/p/locations/global/addressGroups/partners', origin.ip)",
            Test::AddressGroup {
                name: "projects/p/locations/global/addressGroups/partners".to_owned(),
                organization: false,
                field: AddressField::Origin,
            }
            .into(),
        ),
        (
            "evaluateOrganizationAddressGroup('vpn', origin.user_ip, ['1.2.3.4', '10.0.0.0/8'])",
            all([
                Test::AddressGroup {
                    name: "vpn".to_owned(),
                    organization: true,
                    field: AddressField::User,
                }
                .into(),
                not(ip(AddressField::User, &["1.2.3.4/32", "10.0.0.0/8"])),
            ]),
        ),
    ];
    for (text, expected) in cases {
        check(SecurityPolicy, text, expected);
    }
}

#[test]
fn regions_and_networks() {
    let cases = [
        ("origin.region_code == 'JP'", region(&["JP"])),
        ("origin.region_code != \"JP\"", not(region(&["JP"]))),
        ("origin.region_code in ['CN','RU']", region(&["CN", "RU"])),
        ("!(origin.region_code in ['US', 'CA'])", not(region(&["US", "CA"]))),
        (
            "origin.region_code == 'CN' || origin.region_code == 'RU' || \
             origin.region_code == 'KP'",
            region(&["CN", "RU", "KP"]),
        ),
        ("'[CN,RU]'.contains(origin.region_code)", region(&["CN", "RU"])),
        ("origin.region_code.matches('^(DE|FR)$')", region(&["DE", "FR"])),
        ("origin.region_code.lower() == 'us'", region(&["US"])),
        ("!origin.region_code.matches('^(DE|FR)$')", not(region(&["DE", "FR"]))),
        ("origin.asn == 13335", Test::Asn(vec![(13335, 13335)]).into()),
        ("origin.asn in [1, 2]", Test::Asn(vec![(1, 1), (2, 2)]).into()),
        ("origin.asn >= 64512", Test::Asn(vec![(64512, u32::MAX)]).into()),
        ("10 > origin.asn", Test::Asn(vec![(0, 9)]).into()),
        ("origin.asn < 0", Condition::Never),
        ("origin.asn >= 0", Condition::Always),
        (
            "origin.region_code == 'AU' && inIpRange(origin.ip, '47.185.0.0/16')",
            all([region(&["AU"]), origin(&["47.185.0.0/16"])]),
        ),
    ];
    for (text, expected) in cases {
        check(SecurityPolicy, text, expected);
    }
}

#[test]
fn texts() {
    let agent = || header("user-agent");
    let cases = [
        ("request.method == 'POST'", text(Method, is("POST"))),
        ("request.path.startsWith('/api/')", text(Path, prefix("/api/"))),
        ("request.path.endsWith(\".php\")", text(Path, suffix(".php"))),
        ("request.path.matches('/example_path/')", text(Path, matches("/example_path/"))),
        ("request.path.matches(r'^/v\\d+/login$')", text(Path, matches("^/v\\d+/login$"))),
        ("request.path.matches('^/v\\\\d+/')", text(Path, matches("^/v\\d+/"))),
        ("request.path.lower().matches('/admin[a-z]*')", any_case(Path, matches("/admin[a-z]*"))),
        ("request.path.matches('(?i:/admin)')", text(Path, matches("(?i:/admin)"))),
        ("request.query.contains('debug=')", text(Query, contains("debug="))),
        ("request.query == ''", text(Query, is(""))),
        ("request.scheme == 'http'", text(Scheme, is("http"))),
        ("request.headers['host'] == 'example.com'", text(Host, is("example.com"))),
        ("request.headers['Host'].lower() == 'example.com'", any_case(Host, is("example.com"))),
        ("request.path.upper().startsWith('/WP-')", any_case(Path, prefix("/wp-"))),
        ("request.path.lower().contains('../')", text(Path, contains("../"))),
        // No lower-cased text has a capital in it.
        ("request.path.lower().contains('Admin')", Condition::Never),
        ("request.headers['X-Key'] == 'a'", text(header("x-key"), is("a"))),
        ("has(request.headers['x-key'])", present("x-key")),
        ("!has(request.headers['x-key'])", not(present("x-key"))),
        ("'x-key' in request.headers", present("x-key")),
        ("has(request.headers['host'])", Condition::Always),
        (
            "has(request.headers['user-agent']) && \
             request.headers['user-agent'].contains('bot')",
            all([present("user-agent"), text(agent(), contains("bot"))]),
        ),
        (
            "request.headers['user-agent'].contains('Godzilla') && \
             request.path.contains('/login')",
            all([text(agent(), contains("Godzilla")), text(Path, contains("/login"))]),
        ),
        (
            "request.headers['x'] in ['a', 'b']",
            any([text(header("x"), is("a")), text(header("x"), is("b"))]),
        ),
        (
            "request.headers['cookie'].contains('80=BLAH') || has(request.headers['x'])",
            any([text(header("cookie"), contains("80=BLAH")), present("x")]),
        ),
    ];
    for (text, expected) in cases {
        check(SecurityPolicy, text, expected);
    }
}

#[test]
fn absent_headers() {
    let absent = || all([present("x"), not(text(header("x"), is("a")))]);
    let cases = [
        ("request.headers['x'] != 'a'", absent()),
        ("!(request.headers['x'] == 'a')", absent()),
        ("!(request.headers['x'] != 'a')", text(header("x"), is("a"))),
        ("(request.headers['x'] == 'a') == false", absent()),
        (
            "!(request.headers['x'] == 'a' && request.method == 'GET')",
            any([absent(), not(text(Method, is("GET")))]),
        ),
        (
            "!(request.headers['x'] == 'a' || request.method == 'GET')",
            all([present("x"), not(text(header("x"), is("a"))), not(text(Method, is("GET")))]),
        ),
        ("!(request.headers['x'].lower() == 'A')", present("x")),
        (
            "request.headers['x'] == 'a' ? request.method == 'GET' : true",
            any([all([text(header("x"), is("a")), text(Method, is("GET"))]), absent()]),
        ),
    ];
    for (text, expected) in cases {
        check(SecurityPolicy, text, expected);
    }
}

#[test]
fn free_conditions() {
    use FreeKind::{AdaptiveProtection, Recaptcha, ThreatIntelligence, TlsFingerprint, Waf};
    let cases = [
        ("evaluatePreconfiguredWaf('xss-v33-stable')", free(Waf, "xss-v33-stable")),
        (
            "evaluatePreconfiguredWaf('sqli-v33-stable', {'sensitivity': 1})",
            free(Waf, "sqli-v33-stable sensitivity=1"),
        ),
        (
            "evaluatePreconfiguredWaf('sqli-v33-stable', {'sensitivity': 4, 'opt_out_rule_ids': \
             ['owasp-crs-v030301-id942350-sqli', 'owasp-crs-v030301-id942110-sqli']})",
            free(
                Waf,
                "sqli-v33-stable opt_out=owasp-crs-v030301-id942110-sqli,\
                 owasp-crs-v030301-id942350-sqli sensitivity=4",
            ),
        ),
        (
            "evaluatePreconfiguredWaf('cve-canary', {'sensitivity': 0, 'opt_in_rule_ids': \
             ['owasp-crs-v030001-id044228-cve']})",
            free(Waf, "cve-canary opt_in=owasp-crs-v030001-id044228-cve sensitivity=0"),
        ),
        (
            "evaluatePreconfiguredExpr('xss-stable', ['owasp-crs-v020901-id981136-xss'])",
            free(Waf, "xss-stable opt_out=owasp-crs-v020901-id981136-xss"),
        ),
        (
            "evaluatePreconfiguredWaf('rce-v33-stable') && request.path != '/upload'",
            all([free(Waf, "rce-v33-stable"), not(text(Path, is("/upload")))]),
        ),
        (
            "evaluateThreatIntelligence('iplist-tor-exit-nodes')",
            free(ThreatIntelligence, "iplist-tor-exit-nodes"),
        ),
        (
            "evaluateThreatIntelligence('iplist-known-malicious-ips', ['1.2.3.4'])",
            all([
                free(ThreatIntelligence, "iplist-known-malicious-ips"),
                not(origin(&["1.2.3.4/32"])),
            ]),
        ),
        (
            "evaluateThreatIntelligence('iplist-vpn-providers', origin.user_ip)",
            free(ThreatIntelligence, "iplist-vpn-providers of origin.user_ip"),
        ),
        ("evaluateAdaptiveProtectionAutoDeploy()", free(AdaptiveProtection, "auto-deploy")),
        ("token.recaptcha_exemption.valid", free(Recaptcha, "recaptcha_exemption.valid")),
        ("token.recaptcha_session.score >= 0.8", free(Recaptcha, "recaptcha_session.score >= 0.8")),
        (
            "token.recaptcha_session.score < 0.8",
            all([
                free(Recaptcha, "recaptcha_session present"),
                not(free(Recaptcha, "recaptcha_session.score >= 0.8")),
            ]),
        ),
        (
            "origin.tls_ja3_fingerprint == 'e7d705a3286e19ea42f587b344ee6865'",
            free(TlsFingerprint, "tls_ja3_fingerprint == e7d705a3286e19ea42f587b344ee6865"),
        ),
        (
            "origin.tls_ja4_fingerprint != 't13d'",
            not(free(TlsFingerprint, "tls_ja4_fingerprint == t13d")),
        ),
    ];
    for (text, expected) in cases {
        check(SecurityPolicy, text, expected);
    }
}

#[test]
fn constants() {
    for (text, expected) in [
        ("true", Condition::Always),
        ("!true", Condition::Never),
        ("1 == 1", Condition::Always),
        ("false || request.method == 'GET'", text(Method, is("GET"))),
        ("true ? request.method == 'GET' : false", text(Method, is("GET"))),
        ("request.method == 'GET' && !(request.method == 'GET')", Condition::Never),
        ("'a' in ['a', 'b']", Condition::Always),
        ("request.method in []", Condition::Never),
        ("// all\n true", Condition::Always),
    ] {
        check(SecurityPolicy, text, expected);
    }
}

#[test]
fn iam_conditions() {
    let cases = [
        (
            "request.time < timestamp('2027-01-01T00:00:00Z')",
            time(None, Some("2027-01-01T00:00:00Z")),
        ),
        (
            "timestamp('2027-01-01T01:00:00+01:00') <= request.time",
            time(Some("2027-01-01T00:00:00Z"), None),
        ),
        (
            "request.time <= timestamp(\"2027-01-01T00:00:00Z\")",
            time(None, Some("2027-01-01T00:00:00.000000001Z")),
        ),
        (
            "request.time >= timestamp('2026-01-01T00:00:00Z') && \
             request.time < date('2027-01-01')",
            all([
                time(Some("2026-01-01T00:00:00Z"), None),
                time(None, Some("2027-01-01T00:00:00Z")),
            ]),
        ),
        (
            "request.path.startsWith('/admin') && request.host == 'x.example.com'",
            all([text(Path, prefix("/admin")), text(Host, is("x.example.com"))]),
        ),
        ("request.host.endsWith('.example.com')", text(Host, suffix(".example.com"))),
        ("request.path != '/private'", not(text(Path, is("/private")))),
        (
            "'accessPolicies/1/accessLevels/office' in request.auth.access_levels",
            Test::AccessLevel("accessPolicies/1/accessLevels/office".to_owned()).into(),
        ),
    ];
    for (text, expected) in cases {
        check(IamCondition, text, expected);
    }
}

#[test]
fn nat_rules() {
    let destination = |ranges| ip(AddressField::Destination, ranges);
    for (text, expected) in [
        ("destination.ip == '198.51.100.20'", destination(&["198.51.100.20/32"] as &[_])),
        (
            "inIpRange(destination.ip, '203.0.113.0/24') || destination.ip == '198.51.100.20'",
            destination(&["203.0.113.0/24", "198.51.100.20/32"]),
        ),
        ("inIpRange(source.ip, '10.0.0.0/8')", ip(AddressField::Source, &["10.0.0.0/8"])),
    ] {
        check(NatRule, text, expected);
    }
}

#[test]
fn unmodelled_parts_are_small() {
    let cases: [(_, _, &[&str], _); 12] = [
        (
            SecurityPolicy,
            "request.path.lower().urlDecode().contains('x')",
            &["request.path.lower().urlDecode().contains('x')"],
            "`request.path.lower().urlDecode().contains('x')`",
        ),
        (
            SecurityPolicy,
            "origin.asn == 5 && (request.query.base64Decode().contains('a') || true == false)",
            &["request.query.base64Decode().contains('a')"],
            "origin.asn is in 5 and `request.query.base64Decode().contains('a')`",
        ),
        (
            SecurityPolicy,
            "!(size(request.query) > (3)) || request.method == 'GET'",
            &["size(request.query) > (3)"],
            "not `size(request.query) > (3)` or request.method is `GET`",
        ),
        (
            SecurityPolicy,
            "int(request.headers['content-length']) >= 8192",
            &["int(request.headers['content-length']) >= 8192"],
            "`int(request.headers['content-length']) >= 8192`",
        ),
        (
            SecurityPolicy,
            "origin.ip != origin.user_ip",
            &["origin.ip != origin.user_ip"],
            "`origin.ip != origin.user_ip`",
        ),
        (
            SecurityPolicy,
            "request.path.lower().matches('^/[A-Z]')",
            &["request.path.lower().matches('^/[A-Z]')"],
            "`request.path.lower().matches('^/[A-Z]')`",
        ),
        (
            SecurityPolicy,
            "inIpRange(request.headers['x-forwarded-for'], '10.0.0.0/8')",
            &["inIpRange(request.headers['x-forwarded-for'], '10.0.0.0/8')"],
            "`inIpRange(request.headers['x-forwarded-for'], '10.0.0.0/8')`",
        ),
        (
            IamCondition,
            "request.time.getHours('Europe/Berlin') >= 9 && request.path == '/'",
            &["request.time.getHours('Europe/Berlin') >= 9"],
            "`request.time.getHours('Europe/Berlin') >= 9` and request.path is `/`",
        ),
        (
            IamCondition,
            "resource.matchTag('123/env', 'prod')",
            &["resource.matchTag('123/env', 'prod')"],
            "`resource.matchTag('123/env', 'prod')`",
        ),
        (
            IamCondition,
            "resource.type == 'run.googleapis.com/Service' && resource.name.startsWith('x')",
            &["resource.type == 'run.googleapis.com/Service'", "resource.name.startsWith('x')"],
            "`resource.type == 'run.googleapis.com/Service'` and `resource.name.startsWith('x')`",
        ),
        (
            IamCondition,
            "api.getAttribute('iam.googleapis.com/x', []).hasOnly(['a']) || destination.port == 22",
            // Requests have no such attribute: its part grants nothing.
            &["api.getAttribute('iam.googleapis.com/x', []).hasOnly(['a'])"],
            "`api.getAttribute('iam.googleapis.com/x', []).hasOnly(['a'])`",
        ),
        (NatRule, "nexthop.is_hybrid", &["nexthop.is_hybrid"], "`nexthop.is_hybrid`"),
    ];
    for (dialect, text, parts, sentence) in cases {
        check_unmodelled(dialect, text, parts, sentence);
    }
}

#[test]
fn sentences() {
    for (text, sentence) in [
        ("origin.region_code == 'JP'", "origin.region_code is JP"),
        (
            "!(origin.region_code in ['CN', 'RU']) && (request.method == 'PUT' || origin.asn < 9)",
            "origin.region_code is not one of CN, RU and (request.method is `PUT` or origin.asn \
             is in 0-8)",
        ),
        (
            "request.headers['x'].lower() != 'a'",
            "the header `x` is present and the header `x` is not `a` in any case",
        ),
        (
            "inIpRange(origin.ip, '10.0.0.0/8') || origin.ip == '::1'",
            "origin.ip is in 10.0.0.0/8, ::1",
        ),
        ("evaluatePreconfiguredWaf('xss-v33-stable')", "WAF rule set `xss-v33-stable`"),
    ] {
        let found = parse(text, SecurityPolicy).expect("a readable expression");
        assert_eq!(found.to_string(), sentence);
    }
}

#[test]
fn subexpressions_are_counted() {
    for (text, count) in [
        ("origin.region_code == 'JP'", 1),
        ("!(origin.region_code == 'JP')", 1),
        ("origin.asn == 1 || (origin.asn == 2 && request.path in ['a', 'b'])", 3),
        ("true ? false : true", 3),
    ] {
        assert_eq!(count_subexpressions(text), Ok(count), "{text}");
    }
}
