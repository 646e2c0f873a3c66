use super::*;

#[test]
fn probe() {
    for text in [
        "a &&",
        "request.path ==",
        "request.path == 'a' 'b'",
        "1 + ()",
        "a b",
        "has(request.headers['x'])",
        "@",
        "request.path = 'x'",
        "request.path.matches('(')",
        "f(",
        "x(1,)",
        "'\\q'",
        "request.path == 'x' & true",
        "a\n  && && b",
        "#",
        "é == 'x'",
        "request.headers['é'] == 'é' && é",
        "if",
        "foo.`a b`",
        "{1:2}",
        "a{b:c}",
        "[1,2,]",
        "request.path.startsWith('a', 'b')",
        "request.pth == 'a'",
        "b'x' == b'x'",
        "request.path.lower().urlDecode().contains('x') && (origin.asn == 5 || size(request.query) > (3))",
    ] {
        println!("{text:?} -> {:?}", parse(text, Dialect::SecurityPolicy));
    }
}

#[test]
fn deep() {
    let n = MAX_NESTING;
    for text in [
        format!("{}true{}", "(".repeat(n), ")".repeat(n)),
        format!("{}true{}", "(true && ".repeat(n), ")".repeat(n)),
        format!("{}true{}", "(true ? false : ".repeat(n), ")".repeat(n)),
        format!("{}true{}", "!(".repeat(n), ")".repeat(n)),
        format!("request{}", ".a".repeat(120)),
        format!("{}true", "!".repeat(120)),
        format!("1{} == 2", "+1".repeat(110)),
        format!("true{}", " ? true : true".repeat(80)),
        format!("true{}", " && true".repeat(900)),
        format!("origin.ip in [{}'1.1.1.1']", "'1.2.3.4',".repeat(700)),
        format!("true{}", " || (request.path == 'a' && !true)".repeat(230)),
        format!("{}1{} == 1", "[".repeat(n), "]".repeat(n)),
    ] {
        let t = std::time::Instant::now();
        let r = parse(&text, Dialect::SecurityPolicy);
        println!("{} {:?} {:?}", &text[..20], t.elapsed(), r.map(|c| c.to_string().len()));
    }
}
#[test]
fn stack() {
    for (a, z) in [
        ("(", ")"),
        ("(true && ", ")"),
        ("(true ? false : ", ")"),
        ("f(", ")"),
        ("[", "]"),
        ("{1:", "}"),
        ("!(", ")"),
        ("a[", "]"),
        ("1+(", ")"),
        ("1==(", ")"),
        ("a.f(", ")"),
    ] {
        for size in [256usize, 512, 1024, 2048, 4096] {
            let mut best = 0;
            for n in [8usize, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64] {
                let text = format!("{}true{}", a.repeat(n), z.repeat(n));
                let ok = std::process::Command::new(std::env::current_exe().unwrap())
                    .args(["--exact", "topology::cel::tests::one", "--ignored"])
                    .env("RUST_MIN_STACK", (size * 1024).to_string())
                    .env("T", text)
                    .output()
                    .unwrap()
                    .status
                    .success();
                if !ok {
                    break;
                }
                best = n;
            }
            print!("{a} {size}K: {best}  ");
        }
        println!();
    }
}
#[test]
#[ignore]
fn one() {
    let _ = parse(&std::env::var("T").unwrap(), Dialect::SecurityPolicy);
}
