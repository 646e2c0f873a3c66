//! Words that overlap.

pub const HOSTS: &[&str] = &[
    "example.com",
    "www.example.com",
    "*.example.com",
    "*.a.example.com",
    "x.a.example.com",
    "api.example.com",
    "*",
    "shop.test",
    "*-pr.shop.test",
    "a-pr.shop.test",
    "port.example.com:8080",
];

pub const NAMES: &[&str] = &["web", "api", "web-api", "shop", "batch"];

pub const TAGS: &[&str] = &["blue", "green", "pr-1"];

pub const PATTERNS: &[&str] = &[
    "/*",
    "/api/*",
    "/api/v1/*",
    "/api/v1/items",
    "/api",
    "/static/*",
    "/a/*",
    "/a/b/*",
    "/a/b/c",
    "/login",
    "/_ah/*",
    "/healthz",
];

pub const PATHS: &[&str] =
    &["/", "/api", "/api/", "/api/v1/items", "/admin", "/a/b/", "/v2/", "/internal/", "/healthz"];

pub const REWRITES: &[&str] = &["/", "/v2/", "/internal/", "/api/", "/v2", "/_ah/", "/a/b/c"];

pub const PATH_REGEXES: &[&str] =
    &["/api/v[0-9]+/.*", "/(a|b)/.*", ".*\\.php", "/[^/]+/items", "/admin(/.*)?"];

pub const RANGES: &[&str] = &[
    "203.0.113.0/24",
    "203.0.113.0/25",
    "203.0.113.64/26",
    "203.0.113.7/32",
    "198.51.100.0/24",
    "198.51.100.128/25",
    "192.0.2.0/24",
    "0.0.0.0/0",
    "0.0.0.0/1",
    "2001:db8::/32",
    "2001:db8:1::/48",
    "::/0",
];

pub const HEADERS: &[&str] = &["x-canary", "user-agent", "x-api-key", "accept"];

pub const USER_HEADERS: &[&str] = &["x-forwarded-for", "true-client-ip", "X-Forwarded-For", "host"];

/// Values of headers that rules ask for, and some that nearly are.
pub const HEADER_VALUES: &[&str] = &[
    "",
    "1",
    "true",
    "secret",
    "Secret",
    "SECRET",
    "secret-2",
    "my secret",
    "curl/8.0",
    "Mozilla/5.0 (X11)",
    "text/html",
    "*/*",
    "text/html,*/*",
    "v12",
    "v",
    "not an address",
];

/// Queries that rules ask for, and some that nearly are.
pub const QUERIES: &[&str] = &[
    "",
    "debug=1",
    "a=1&debug=1",
    "debug=10",
    "xdebug=1",
    "debug",
    "debug=",
    "id=42",
    "id=x",
    "a=1&id=7&b=2",
    "q=DROP%20TABLE",
    "q=drop",
];

/// Tests of the language of security policies. `{path}` and the like are replaced.
pub const TESTS: &[&str] = &[
    "request.path == '{path}'",
    "request.path.startsWith('{path}')",
    "request.path.endsWith('.php')",
    "request.path.endsWith('/items')",
    "request.path.contains('admin')",
    "request.path.lower().startsWith('/admin')",
    "request.path.lower().contains('items')",
    "request.path.matches('^/api/v[0-9]+/')",
    "request.path.matches('(?i)/ADMIN$')",
    "request.path.matches('\\\\.(php|asp)$')",
    "request.method == 'POST'",
    "request.method != 'GET'",
    "request.method.matches('^(PUT|DELETE)$')",
    "has(request.headers['x-canary'])",
    "request.headers['user-agent'].contains('curl')",
    "request.headers['x-api-key'] == 'secret'",
    "request.headers['x-api-key'].lower() == 'secret'",
    "request.headers['x-api-key'] != 'secret'",
    "request.headers['x-canary'].matches('^v[0-9]*$')",
    "request.headers['host'] == 'www.example.com'",
    "request.headers['host'].endsWith('.example.com')",
    "request.headers['host'].lower().contains('shop')",
    "request.headers['host'].matches('^[a-z]+[.]example')",
    "request.query.contains('debug=1')",
    "request.query.lower().contains('drop')",
    "request.query.matches('(^|&)id=[0-9]+(&|$)')",
    "request.scheme == 'https'",
    "origin.region_code == 'JP'",
    "origin.region_code != 'US'",
    "origin.region_code == 'JP' || origin.region_code == 'DE'",
    "origin.asn == 64500",
    "origin.asn >= 64512",
    "origin.ip == '198.51.100.7'",
    "inIpRange(origin.ip, '{range}')",
    "!inIpRange(origin.ip, '{range}')",
    "inIpRange(origin.user_ip, '{range}')",
    "evaluatePreconfiguredWaf('sqli-v33-stable')",
    "evaluatePreconfiguredWaf('sqli-v33-stable', {'sensitivity': 1})",
    "evaluatePreconfiguredWaf('xss-v33-stable')",
    "evaluateThreatIntelligence('iplist-known-malicious-ips')",
    "evaluateThreatIntelligence('iplist-tor-exit-nodes', origin.user_ip)",
    "evaluateAddressGroup('qgroup0', origin.ip)",
    "evaluateAddressGroup('qgroup0', origin.user_ip, ['203.0.113.7/32'])",
    "evaluateOrganizationAddressGroup('organizations/1/locations/global/addressGroups/qgroup0', origin.ip)",
    "evaluateAddressGroup('qgroup7', origin.ip)",
    "evaluateAdaptiveProtectionAutoDeploy()",
    "token.recaptcha_session.score < 0.5",
    "token.recaptcha_session.score >= 0.5",
    "origin.tls_ja3_fingerprint == 'e7d705a3286e19ea42f587b344ee6865'",
    "size(request.path) > 10",
    "request.path.urlDecode().contains('<script')",
    "'x-canary' in request.headers",
];

/// Tests on a header that may hold the user's address.
pub const USER_HEADER_TESTS: &[&str] = &[
    "has(request.headers['x-forwarded-for'])",
    "request.headers['x-forwarded-for'].contains('203.0.113.')",
    "request.headers['x-forwarded-for'] == '203.0.113.7'",
    "request.headers['true-client-ip'].startsWith('10.')",
];

/// Conditions of IAM bindings.
pub const CONDITIONS: &[&str] = &[
    "request.path.startsWith('{path}')",
    "request.path == '{path}'",
    "!request.path.startsWith('{path}')",
    "request.path.endsWith('.php') || request.path.contains('items')",
    "request.path.matches('^/v[0-9]+/')",
    "request.host == 'www.example.com'",
    "request.host.endsWith('.run.app')",
    "request.host.endsWith('.example.com') && request.path.startsWith('/a/')",
    "request.host.startsWith('web')",
    "request.host.matches('^[a-z]+[.]example[.]com$')",
    "request.time < timestamp('2030-01-01T00:00:00Z')",
    "request.time > timestamp('2030-01-01T00:00:00Z')",
    "resource.name.startsWith('projects/x')",
    "resource.matchTag('1/env', 'prod') && request.path == '{path}'",
    "'accessPolicies/1/accessLevels/qlevel0' in request.auth.access_levels",
];
